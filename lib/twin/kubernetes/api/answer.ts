import type { TwinResponse } from '../../http.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { Call } from './call.ts'
import { inVersion } from './conversion.ts'
import type { StatusError } from './status-error.ts'
import { partial, tableOf } from './table.ts'

/** A JSON answer. */
export const json = (
  status: number,
  body: object,
  headers: { readonly [name: string]: string } = {},
): TwinResponse => jsonText(status, JSON.stringify(body), headers)

const jsonText = (
  status: number,
  body: string,
  headers: { readonly [name: string]: string } = {},
): TwinResponse => ({ status, headers: { 'content-type': 'application/json', ...headers }, body })

/** A refusal as an answer; Retry-After only where the refusal says when to come back. */
export const refusalAnswer = ({ status }: StatusError): TwinResponse => {
  const seconds = status.details?.retryAfterSeconds
  return json(status.code, status, seconds === undefined ? {} : { 'retry-after': String(seconds) })
}

type Shape = 'object' | 'table' | 'partial'

/** What the Accept header prefers of what can be given; protobuf is answered with JSON. */
export const shapeOf = (accept: string): Shape => {
  for (const clause of accept.split(',')) {
    if (/;\s*as=Table/.test(clause)) return 'table'
    if (/;\s*as=PartialObjectMetadata/.test(clause)) return 'partial'
    if (/^\s*(application\/json|\*\/\*)\s*$/.test(clause)) return 'object'
  }
  return 'object'
}

/** How this call's client wants to see one object. */
export const shownTo = (call: Call): ((object: KubeObject) => object) => {
  const shape = shapeOf(call.headers['accept'] ?? '')
  if (shape === 'partial') return partial
  if (shape === 'object') return (object) => inVersion(call.type, object, call.path.version)
  return (object) =>
    tableOf(tableRequest(call), [inVersion(call.type, object, call.path.version)], {
      resourceVersion: object.metadata.resourceVersion ?? '',
    })
}

/** The JSON of one object as this call's client wants to see it: one text for all who see it as it is stored. */
export const textTo = (call: Call): ((object: KubeObject) => string) => {
  if (shapeOf(call.headers['accept'] ?? '') === 'object')
    return (object) => textOf(call, inVersion(call.type, object, call.path.version))
  const shown = shownTo(call)
  return (object) => JSON.stringify(shown(object))
}

interface ListMetadata {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** A list in the shape the client wants, as an answer. */
export const listAnswer = (
  call: Call,
  objects: readonly KubeObject[],
  metadata: ListMetadata,
): TwinResponse => {
  const shape = shapeOf(call.headers['accept'] ?? '')
  const converted = objects.map((object) => inVersion(call.type, object, call.path.version))
  if (shape === 'table') return json(200, tableOf(tableRequest(call), converted, metadata))
  if (shape === 'partial') {
    const head = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
    return json(200, { ...head, items: converted.map(partial) })
  }
  const head = JSON.stringify({ kind: `${call.type.kind}List`, apiVersion: call.apiVersion, metadata })
  const items = converted.map((object) => textOf(call, object)).join(',')
  return jsonText(200, `${head.slice(0, -1)},"items":[${items}]}`)
}

const textOf = ({ server: { texts } }: Call, object: KubeObject): string => {
  const known = texts.get(object)
  if (known !== undefined) return known
  const { apiVersion, kind, metadata, spec, ...rest } = object
  const { managedFields, ...meta } = metadata
  const members = [
    membersOf({ apiVersion, kind }),
    `"metadata":{${[membersOf(meta), memberText(texts, 'managedFields', managedFields)].filter(isText).join(',')}}`,
    memberText(texts, 'spec', spec),
    membersOf(rest),
  ]
  const text = `{${members.filter(isText).join(',')}}`
  texts.set(object, text)
  return text
}

const isText = (text: string) => text !== ''

/** The JSON of an object without its braces. */
const membersOf = (object: object): string => JSON.stringify(object).slice(1, -1)

/** A member that the next version of its object may have as well: written once for both. */
const memberText = (texts: WeakMap<object, string>, name: string, value: unknown): string => {
  if (value === undefined) return ''
  if (typeof value !== 'object' || value === null) return `"${name}":${JSON.stringify(value)}`
  const text = texts.get(value) ?? `"${name}":${JSON.stringify(value)}`
  texts.set(value, text)
  return text
}

const tableRequest = (call: Call) => ({
  storage: call.server.storage,
  type: call.type,
  version: call.path.version,
  now: call.server.now(),
  includeObject: call.query.get('includeObject') ?? 'Metadata',
})
