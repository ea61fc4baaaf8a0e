import { canonicalJson } from '../runbook/json.ts'
import { plainText } from '../runbook/plain-text.ts'

/** https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const payloadType = 'application/vnd.in-toto+json'

/** A value of the envelope and the bytes of the file that it stands in, both ends included. */
export interface Field {
  readonly name: string
  readonly text: string
  readonly from: number
  readonly to: number
}

/** A DSSE envelope with its one signature. https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  readonly payload: Field
  readonly keyid: Field
  readonly sig: Field
}

/** Why a text is no envelope: the field and bytes with what was expected and found there. */
export interface Misfit {
  readonly misfit: string
}

/** The text of an envelope: canonical JSON and a line break. */
export const envelopeText = (
  payload: Uint8Array,
  { keyId, signature }: { readonly keyId: string; readonly signature: Uint8Array },
): string =>
  `${canonicalJson({
    payload: base64(payload),
    payloadType,
    signatures: [{ keyid: keyId, sig: base64(signature) }],
  })}\n`

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** What is signed. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
export const preAuthEncoding = (payload: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `, 'ascii'),
    payload,
  ])

/** Reads only what `envelopeText` writes, byte for byte; the base64 of its values is canonical. */
export const readEnvelope = (text: string): Envelope | Misfit => {
  const fields = new Map<string, Field>()
  let at = 0
  for (const part of layout) {
    const read = 'literal' in part ? readLiteral(text, at, part) : readValue(text, at, part)
    if ('misfit' in read) return read
    if ('pattern' in part) fields.set(part.field, read)
    at = read.to + 1
  }
  const [payload, keyid, sig] = ['payload', 'keyid', 'sig'].map((name) => fields.get(name))
  if (at === text.length && payload && keyid && sig) return { payload, keyid, sig }
  return misfit('the end of the file', { from: at, expected: 'nothing more', found: text.slice(at) })
}

const canonicalBase64 = { pattern: /[A-Za-z0-9+/]+={0,2}/y, expected: 'canonical base64' }

type Part =
  | { readonly field: string; readonly literal: string }
  | { readonly field: string; readonly pattern: RegExp; readonly expected: string }

const layout: readonly Part[] = [
  { field: 'payload', literal: '{"payload":"' },
  { field: 'payload', ...canonicalBase64 },
  { field: 'payload', literal: '"' },
  { field: 'payloadType', literal: ',"payloadType":"' },
  { field: 'payloadType', literal: payloadType },
  { field: 'signatures', literal: '","signatures":[{' },
  { field: 'keyid', literal: '"keyid":"' },
  { field: 'keyid', pattern: /[0-9a-f]{64}/y, expected: '64 hex digits' },
  { field: 'keyid', literal: '"' },
  { field: 'sig', literal: ',"sig":"' },
  { field: 'sig', ...canonicalBase64 },
  { field: 'sig', literal: '"' },
  { field: 'signatures', literal: '}]}' },
  { field: 'the end of the file', literal: '\n' },
]

const readLiteral = (
  text: string,
  at: number,
  { field, literal }: { readonly field: string; readonly literal: string },
): Field | Misfit => {
  if (text.startsWith(literal, at))
    return { name: field, text: literal, from: at, to: at + literal.length - 1 }
  const differs = Array.from(literal, (character, index) => character !== text[at + index])
  const [first, last] = [differs.indexOf(true), differs.lastIndexOf(true) + 1]
  return misfit(field, {
    from: at + first,
    expected: literal.slice(first, last),
    found: text.slice(at + first, at + last),
  })
}

const readValue = (
  text: string,
  at: number,
  { field, pattern, expected }: Extract<Part, { pattern: RegExp }>,
): Field | Misfit => {
  const sticky = new RegExp(pattern)
  sticky.lastIndex = at
  const value = sticky.exec(text)?.[0]
  if (value === undefined) return misfit(field, { from: at, expected, found: text.slice(at, at + 1) })
  const end = at + value.length
  const isWhole = text[end] === '"'
  if (isWhole && pattern === canonicalBase64.pattern && !isCanonical(value))
    return misfit(field, { from: at, expected, found: value })
  return { name: field, text: value, from: at, to: end - 1 }
}

const isCanonical = (value: string): boolean => Buffer.from(value, 'base64').toString('base64') === value

const misfit = (
  field: string,
  { from, expected, found }: { readonly from: number; readonly expected: string; readonly found: string },
): Misfit => {
  const bytes = `bytes ${from}-${from + Math.max(found.length, 1) - 1}`
  return { misfit: `${field}, ${bytes}: expected ${quoted(expected)}, found ${quoted(found)}` }
}

const quoted = (text: string): string =>
  text === '' ? 'nothing' : JSON.stringify(plainText(text.length > 40 ? `${text.slice(0, 40)}…` : text))
