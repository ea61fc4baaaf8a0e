import { type KeyObject, createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { TwinRequest } from '../../http.ts'
import { decodePercent, encodePercent } from './percent.ts'

/** What a request says about its signature (Signature Version 4). */
export interface Signature {
  readonly accessKeyId: string
  /** `20261122`. */
  readonly day: string
  readonly region: string
  readonly service: string
  /** Lower case, in the signed order. */
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** `20261122T100000Z`. */
  readonly date: string
  readonly sessionToken: string | undefined
  readonly presigned: boolean
}

/** The signature of a request, from its Authorization header or its query; undefined: not signed, or not by this scheme. */
export const signatureOf = (request: TwinRequest): Signature | undefined =>
  fromHeader(request.headers) ?? fromQuery(new URLSearchParams(request.url.split('?')[1]))

const fromHeader = (headers: TwinRequest['headers']): Signature | undefined => {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(
      headers['authorization'] ?? '',
    )
  const scope = scopeOf(match?.[1])
  if (!match || !scope) return undefined
  return {
    ...scope,
    signedHeaders: (match[2] ?? '').split(';'),
    signature: match[3] ?? '',
    date: headers['x-amz-date'] ?? '',
    sessionToken: headers['x-amz-security-token'],
    presigned: false,
  }
}

const fromQuery = (query: URLSearchParams): Signature | undefined => {
  const scope = scopeOf(query.get('X-Amz-Credential') ?? undefined)
  if (!scope || query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return undefined
  return {
    ...scope,
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    presigned: true,
  }
}

const scopeOf = (credential: string | undefined) => {
  const [accessKeyId, day, region, service, end] = credential?.split('/') ?? []
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request') return undefined
  return { accessKeyId, day, region, service }
}

/** Milliseconds since the epoch of an `X-Amz-Date`; undefined when malformed. */
export const signedAt = ({ date }: Pick<Signature, 'date'>): number | undefined => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/**
 * True when the secret made this signature. Rules:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const isSignedWith = (
  secret: string,
  signature: Signature,
  { request, keys = new Map() }: Signed,
): boolean => {
  const { day, region, service, date } = signature
  const toSign = [
    'AWS4-HMAC-SHA256',
    date,
    `${day}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(signature, request)),
  ].join('\n')
  const expected = hmac(signingKey(secret, [day, region, service], keys), toSign)
  const given = Buffer.from(signature.signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** What was signed, and the signing keys derived so far: they hold for a day, a Region and a service. */
interface Signed {
  readonly request: TwinRequest
  readonly keys?: SigningKeys
}

/** By secret and scope. */
export type SigningKeys = Map<string, KeyObject>

const signingKey = (secret: string, scope: readonly string[], keys: SigningKeys): KeyObject => {
  const name = [secret, ...scope].join('/')
  const known = keys.get(name)
  if (known) return known
  const raw = [...scope, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  const key = createSecretKey(typeof raw === 'string' ? Buffer.from(raw) : raw)
  keys.set(name, key)
  return key
}

const hmac = (key: string | Buffer | KeyObject, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest()

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const canonicalRequest = (signature: Signature, request: TwinRequest): string => {
  const [path = '/', query = ''] = request.url.split('?')
  return [
    request.method,
    canonicalPath(path, signature.service),
    canonicalQuery(query),
    ...signature.signedHeaders.map(
      (name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/\s+/g, ' ')}`,
    ),
    '',
    signature.signedHeaders.join(';'),
    payloadHash(signature, request),
  ].join('\n')
}

/** All services but S3 encode the path as sent once more. */
const canonicalPath = (path: string, service: string): string =>
  path
    .split('/')
    .map((part) => encodePercent(service === 's3' ? decodePercent(part) : part))
    .join('/')

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('X-Amz-Signature='))
    .map((part) => {
      const at = part.indexOf('=')
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
      return [encodePercent(decodePercent(name)), encodePercent(decodePercent(value))] as const
    })
    .toSorted(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** S3 lets a client leave its body unsigned, or sign it chunk by chunk (the chunks' signatures are not followed). */
const payloadHash = (signature: Signature, request: TwinRequest): string => {
  const given = request.headers['x-amz-content-sha256']
  const open = given === 'UNSIGNED-PAYLOAD' || given?.startsWith('STREAMING-')
  if (signature.service === 's3') {
    if (signature.presigned) return 'UNSIGNED-PAYLOAD'
    if (open && given) return given
  }
  return sha256(request.body)
}
