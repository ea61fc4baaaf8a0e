import type { TwinRequest } from '../../http.ts'
import { AwsError } from '../call.ts'
import { decodeAwsChunked } from './aws-chunked.ts'
import { fromText, readForm } from './query-form.ts'
import type { Route, Router } from './rest-route.ts'
import { membersOf, readJson, readXml, type Operation, type Service, type Shape } from './schemas.ts'

/** A request whose operation is known, its input not yet read. */
export interface Named {
  readonly name: string
  /** Undefined: the model has no such operation. */
  readonly operation: Operation | undefined
  /** Throws AwsError for a body that cannot be read. */
  readonly readInput: (operation: Operation) => Promise<unknown>
}

/** A service with its router, both made once. */
export interface Routed {
  readonly service: Service
  readonly router: Router
}

/** Finds out what a request asks for, by the protocol of its service. */
export const nameOperation = ({ service, router }: Routed, request: TwinRequest): Named => {
  switch (service.protocol) {
    case 'awsQuery':
    case 'ec2Query':
      return namedInForm(service, request, service.protocol)
    case 'awsJson1_1':
      return namedInTarget(service, request)
    case 'restJson1':
    case 'restXml':
      return namedInPath({ service, router }, request)
  }
}

const namedInForm = (service: Service, request: TwinRequest, dialect: 'awsQuery' | 'ec2Query'): Named => {
  const form = new URLSearchParams(request.body.length > 0 ? text(request.body) : request.url.split('?')[1])
  const name = form.get('Action') ?? ''
  return {
    name,
    operation: service.operations.get(name),
    readInput: async (operation) => readForm(operation.input, form, dialect),
  }
}

const namedInTarget = (service: Service, request: TwinRequest): Named => {
  const name = (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? ''
  return {
    name,
    operation: service.operations.get(name),
    readInput: (operation) => readBody(operation.input, text(request.body)),
  }
}

const namedInPath = ({ service, router }: Routed, request: TwinRequest): Named => {
  const [path = '/', search] = request.url.split('?')
  const { method, headers } = request
  const query = new URLSearchParams(search)
  const route = router({ method, path, headers, query })
  return {
    name: route?.operation.name ?? `${method} ${path}`,
    operation: route?.operation,
    readInput: async (operation) => ({
      ...(await bodyMembers(service, operation, request)),
      ...boundMembers(operation, { labels: route?.labels ?? {}, query, headers }),
    }),
  }
}

const bodyMembers = async (service: Service, operation: Operation, request: TwinRequest): Promise<object> => {
  const payload = membersOf(operation.input).find(([, member]) => member.getMergedTraits().httpPayload)
  if (!payload) {
    if (service.protocol === 'restXml' || request.body.length === 0) return {}
    return readBody(operation.input, text(request.body))
  }
  const [name, shape] = payload
  const body = isChunked(request) ? decodeAwsChunked(request.body) : request.body
  if (shape.isBlobSchema()) return { [name]: body }
  if (body.length === 0) return {}
  return { [name]: shape.isStructSchema() ? readXml(shape, text(body)) : text(body) }
}

const isChunked = ({ headers }: TwinRequest): boolean =>
  (headers['content-encoding'] ?? '').includes('aws-chunked') ||
  (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')

const readBody = async (shape: Shape, body: string): Promise<object> => {
  try {
    const value = shape.isStructSchema() ? await readJson(shape, body === '' ? '{}' : body) : {}
    return typeof value === 'object' && value !== null ? value : {}
  } catch (error) {
    throw new AwsError('SerializationException', `Could not parse request body: ${String(error)}`)
  }
}

/** Where the members that are not in the body come from. */
interface Bound {
  readonly labels: Route['labels']
  readonly query: URLSearchParams
  readonly headers: TwinRequest['headers']
}

const boundMembers = (operation: Operation, bound: Bound): object =>
  Object.fromEntries(
    membersOf(operation.input).flatMap(([name, member]) => {
      const value = boundValue(name, member, bound)
      return value === undefined ? [] : [[name, value]]
    }),
  )

const boundValue = (name: string, member: Shape, { labels, query, headers }: Bound): unknown => {
  const traits = member.getMergedTraits()
  if (traits.httpLabel) return labels[name]
  if (traits.httpQuery) {
    const given = query.getAll(traits.httpQuery)
    if (given.length === 0) return undefined
    return member.isListSchema() ? given : fromText(member, given[0] ?? '')
  }
  if (traits.httpPrefixHeaders) return prefixedHeaders(traits.httpPrefixHeaders.toLowerCase(), headers)
  const header = traits.httpHeader && headers[traits.httpHeader.toLowerCase()]
  if (!header) return undefined
  return member.isListSchema() ? header.split(',').map((part) => part.trim()) : fromText(member, header)
}

const prefixedHeaders = (prefix: string, headers: TwinRequest['headers']) => {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]))
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
