import { membersOf, requiredMembersOf, type Operation, type Service } from './schemas.ts'

/** What a REST request is about. */
export interface Route {
  readonly operation: Operation
  /** Decoded parts of the path, by member. */
  readonly labels: { readonly [member: string]: string }
}

/** A request before its operation is known. */
export interface RestRequest {
  readonly method: string
  /** Undecoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
}

/**
 * The operation that a request names: method and path fit, all fixed query words of the model are there, and so are the
 * query and header members that the model requires. The most specific one wins.
 */
export const routeOf = (service: Service, request: RestRequest): Route | undefined => {
  const fits = [...service.operations.values()].flatMap((operation) => {
    const fit = fitOf(operation, request, service.protocol === 'restXml')
    return fit ? [fit] : []
  })
  return fits.toSorted((a, b) => b.score - a.score)[0]
}

const fitOf = (
  operation: Operation,
  request: RestRequest,
  bucketInPath: boolean,
): (Route & { readonly score: number }) | undefined => {
  const { http } = operation
  if (!http || http.method !== request.method) return undefined
  const [template = '', literals = ''] = http.path.split('?')
  const inPath =
    bucketInPath && hasBucket(operation) ? `/{Bucket}${template === '/' ? '' : template}` : template
  const labels = labelsOf(inPath, request.path)
  const words = [...new URLSearchParams(literals)]
  if (!labels || !words.every(([key, value]) => hasWord(request.query, key, value))) return undefined
  const required = boundRequired(operation)
  if (!required.every((bound) => isPresent(bound, request))) return undefined
  const fixed = inPath.replaceAll(/\{[^}]+\}/g, '').length
  return { operation, labels, score: fixed * 10 + words.length + required.length }
}

const hasBucket = (operation: Operation): boolean =>
  membersOf(operation.input).some(([name, member]) => name === 'Bucket' && member.getMergedTraits().httpLabel)

/** `x-id` is a hint that some clients leave out. */
const hasWord = (query: URLSearchParams, key: string, value: string): boolean => {
  const given = query.get(key)
  return key === 'x-id'
    ? given === null || given === value
    : given !== null && (value === '' || given === value)
}

const labelsOf = (template: string, path: string): Route['labels'] | undefined => {
  const names: string[] = []
  const pattern = template.replaceAll(/\{(\w+)(\+?)\}/g, (_all, name: string, greedy: string) => {
    names.push(name)
    return greedy ? '(.+)' : '([^/]+)'
  })
  const match = new RegExp(`^${pattern}/?$`).exec(path)
  if (!match) return undefined
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
}

const boundRequired = (operation: Operation) => {
  const required = requiredMembersOf(operation.input)
  return membersOf(operation.input).flatMap(([name, member]) => {
    const { httpQuery, httpHeader } = member.getMergedTraits()
    return required.includes(name) && (httpQuery ?? httpHeader) ? [{ httpQuery, httpHeader }] : []
  })
}

const isPresent = (
  bound: { readonly httpQuery: string | undefined; readonly httpHeader: string | undefined },
  request: RestRequest,
): boolean =>
  bound.httpQuery === undefined
    ? request.headers[(bound.httpHeader ?? '').toLowerCase()] !== undefined
    : request.query.has(bound.httpQuery)
