import type { DeleteOptions } from './delete.ts'
import { fields, items, type Fields } from './reading.ts'

/** True for a body in Kubernetes' protobuf envelope. */
export const isProtobuf = (body: Uint8Array, contentType: string): boolean =>
  contentType.includes('protobuf') || startsWithMagic(body)

const magic = [0x6b, 0x38, 0x73, 0x00]

const startsWithMagic = (body: Uint8Array) => magic.every((byte, index) => body[index] === byte)

/** Field numbers of a message: a name, or a name with how to read the value. */
export interface Message {
  readonly [number: number]: ProtobufRule
}

export type ProtobufRule =
  | { readonly name: string; readonly as: 'text' | 'number' | 'boolean' | 'bytes' }
  | { readonly name: string; readonly as: 'texts' | 'textMap' }
  | { readonly name: string; readonly as: 'message' | 'messages'; readonly of: Message }
  | { readonly name: string; readonly as: 'messageMap'; readonly of: Message }
  | { readonly name: string; readonly as: 'intOrString' | 'quantityMap' }

/** What the envelope holds: apiVersion, kind and the message's bytes. https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding */
export const openEnvelope = (
  body: Uint8Array,
): { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array } => {
  const envelope = messageFields(startsWithMagic(body) ? body.subarray(magic.length) : body)
  const type = messageFields(bytesOf(envelope, 1))
  return { apiVersion: textOf(type, 1), kind: textOf(type, 2), raw: bytesOf(envelope, 2) }
}

/** Reads a message by its field numbers; fields that are not listed are left out, and so are empty texts, which stand for nothing. */
export const readMessage = (bytes: Uint8Array, message: Message): Fields => {
  const found: { [name: string]: unknown } = {}
  for (const field of messageFields(bytes)) {
    const rule = message[field.number]
    if (!rule) continue
    const value = readField(field, rule, found[rule.name])
    if (value !== '') found[rule.name] = value
  }
  return found
}

const readField = (field: ProtobufField, rule: ProtobufRule, before: unknown): unknown => {
  const bytes = field.bytes ?? new Uint8Array()
  const number = Number(BigInt.asIntN(64, field.varint ?? 0n))
  switch (rule.as) {
    case 'text':
      return decodeText(bytes)
    case 'number':
      return number
    case 'boolean':
      return number !== 0
    case 'bytes':
      return Buffer.from(bytes).toString('base64')
    case 'texts':
      return [...items(before), decodeText(bytes)]
    case 'message':
      return readMessage(bytes, rule.of)
    case 'messages':
      return [...items(before), readMessage(bytes, rule.of)]
    case 'intOrString': {
      const parts = messageFields(bytes)
      const text = textOf(parts, 3)
      return text === '' ? Number(parts.find((part) => part.number === 2)?.varint ?? 0n) : text
    }
    case 'textMap':
    case 'quantityMap':
    case 'messageMap':
      return { ...fields(before), ...mapEntry(bytes, rule) }
  }
}

const mapEntry = (bytes: Uint8Array, rule: ProtobufRule): Fields => {
  const parts = messageFields(bytes)
  const value = bytesOf(parts, 2)
  const read =
    rule.as === 'messageMap'
      ? readMessage(value, rule.of)
      : decodeText(rule.as === 'quantityMap' ? bytesOf(messageFields(value), 1) : value)
  return { [textOf(parts, 1)]: read }
}

const decodeText = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/**
 * The DeleteOptions that kubectl sends. What cannot be read is left out, as it is only advice.
 * Source: https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/generated.proto (DeleteOptions, Preconditions)
 * in the envelope of https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
export const deleteOptionsOfProtobuf = (body: Uint8Array): DeleteOptions => {
  const options = messageFields(openEnvelope(body).raw)
  const preconditions = messageFields(bytesOf(options, 2))
  const grace = options.find((field) => field.number === 1)?.varint
  const uid = textOf(preconditions, 1)
  const resourceVersion = textOf(preconditions, 2)
  const policy = textOf(options, 4)
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(BigInt.asIntN(64, grace)) }),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    ...(policy === 'Background' || policy === 'Foreground' || policy === 'Orphan'
      ? { propagationPolicy: policy }
      : {}),
    ...(textOf(options, 5) === 'All' ? { dryRun: true } : {}),
  }
}

interface ProtobufField {
  readonly number: number
  readonly varint?: bigint
  readonly bytes?: Uint8Array
}

const bytesOf = (found: readonly ProtobufField[], number: number) =>
  found.find((field) => field.number === number)?.bytes ?? new Uint8Array()

const textOf = (found: readonly ProtobufField[], number: number) => decodeText(bytesOf(found, number))

/** Fields of one message; reading ends at the first thing that makes no sense. */
const messageFields = (bytes: Uint8Array): readonly ProtobufField[] => {
  const found: ProtobufField[] = []
  let at = 0
  while (at < bytes.length) {
    const key = varint(bytes, at)
    const number = Number(key.value >> 3n)
    const wire = Number(key.value & 7n)
    const value = varint(bytes, key.next)
    if (wire === 0) {
      found.push({ number, varint: value.value })
      at = value.next
    } else if (wire === 2) {
      at = value.next + Number(value.value)
      found.push({ number, bytes: bytes.subarray(value.next, at) })
    } else break
  }
  return found
}

const varint = (bytes: Uint8Array, start: number) => {
  let value = 0n
  let next = start
  for (let shift = 0n; next < bytes.length && shift < 70n; shift += 7n) {
    const byte = bytes[next] ?? 0
    next += 1
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return { value, next: Math.max(next, start + 1) }
}
