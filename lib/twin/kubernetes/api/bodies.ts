import { parse } from 'yaml'
import type { KubeObject } from '../cluster-twin.ts'
import type { DeleteOptions } from './delete.ts'
import { deleteOptionsOfProtobuf, isProtobuf, openEnvelope, readMessage } from './protobuf.ts'
import { protobufMessages } from './protobuf-messages.ts'
import { asText, at, fields, isFields, items, numberAt, textAt, type Fields } from './reading.ts'
import { badRequest, unsupportedMediaType } from './status-error.ts'

const readable = ['application/json', 'application/yaml', 'application/apply-patch+yaml']

/** The body as JSON, as YAML, or as one of the protobuf messages that kubectl sends. Throws 400 when it is none, 415 for other protobuf. */
export const decoded = (body: Uint8Array, contentType: string): unknown => {
  if (isProtobuf(body, contentType)) return decodedProtobuf(body)
  const text = new TextDecoder().decode(body)
  try {
    if (/^\s*[[{]/.test(text)) return JSON.parse(text)
    return contentType.includes('yaml') ? parse(text, { maxAliasCount: 0 }) : JSON.parse(text)
  } catch (error) {
    throw badRequest(`error decoding body: ${error instanceof Error ? error.message : 'not readable'}`)
  }
}

const decodedProtobuf = (body: Uint8Array): Fields => {
  const { apiVersion, kind, raw } = openEnvelope(body)
  const message = protobufMessages[`${apiVersion} ${kind}`]
  if (!message) throw unsupportedMediaType(readable)
  return { apiVersion, kind, ...readMessage(raw, message) }
}

/** A body as an object of the API: apiVersion, kind and metadata are there. Throws 400. */
export const objectOf = (value: unknown): KubeObject => {
  if (!isFields(value)) throw badRequest('the body is not an object')
  const { apiVersion, kind } = value
  if (typeof kind !== 'string' || kind === '') throw badRequest("Object 'Kind' is missing in the body")
  if (typeof apiVersion !== 'string' || apiVersion === '')
    throw badRequest("Object 'apiVersion' is missing in the body")
  return { ...value, apiVersion, kind, metadata: { name: '', ...nonNull(fields(value['metadata'])) } }
}

const nonNull = (given: Fields): Fields =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined))

/** DeleteOptions from a body (JSON, protobuf or none) and the query. Throws 400. */
export const deleteOptions = (
  body: Uint8Array,
  contentType: string,
  query: URLSearchParams,
): DeleteOptions => {
  const given = body.length === 0 ? {} : readOptions(body, contentType)
  const grace = query.get('gracePeriodSeconds')
  const policy = query.get('propagationPolicy') ?? given.propagationPolicy
  return {
    ...given,
    ...(grace === null ? {} : { gracePeriodSeconds: wholeNumber('gracePeriodSeconds', grace) }),
    ...(policy === undefined ? {} : { propagationPolicy: propagation(policy) }),
    ...(query.has('dryRun') ? { dryRun: dryRunOf(query) } : {}),
  }
}

const readOptions = (body: Uint8Array, contentType: string): DeleteOptions =>
  isProtobuf(body, contentType) ? deleteOptionsOfProtobuf(body) : deleteOptionsOf(decoded(body, contentType))

/** DeleteOptions as JSON has them. Throws 400 for an unknown policy. */
export const deleteOptionsOf = (value: unknown): DeleteOptions => {
  const grace = numberAt(value, 'gracePeriodSeconds')
  const uid = textAt(value, 'preconditions', 'uid')
  const resourceVersion = textAt(value, 'preconditions', 'resourceVersion')
  const orphan = at(value, 'orphanDependents')
  const policy =
    textAt(value, 'propagationPolicy') || (orphan === true ? 'Orphan' : orphan === false ? 'Background' : '')
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    ...(policy === '' ? {} : { propagationPolicy: propagation(policy) }),
    ...(items(at(value, 'dryRun')).map(asText).includes('All') ? { dryRun: true } : {}),
  }
}

const propagation = (policy: string): 'Background' | 'Foreground' | 'Orphan' => {
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy
  throw badRequest(`invalid propagationPolicy ${JSON.stringify(policy)}`)
}

/** True for `dryRun=All`. Throws 400 for another value. */
export const dryRunOf = (query: URLSearchParams): boolean => {
  const value = query.get('dryRun')
  if (value === null || value === '') return false
  if (value === 'All') return true
  throw badRequest(`invalid dryRun ${JSON.stringify(value)}: supported values: "All"`)
}

/** A number of the query, or 0. Throws 400. */
export const wholeNumber = (name: string, text: string | null): number => {
  if (text === null || text === '') return 0
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`unable to parse ${name} ${JSON.stringify(text)}`)
  return Number(text)
}
