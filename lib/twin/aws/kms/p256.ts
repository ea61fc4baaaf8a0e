import { createECDH, createHash, createHmac, createPublicKey } from 'node:crypto'
import { positive, sequence } from '../../kubernetes/api/der.ts'

/**
 * ECDSA on P-256 without chance: the same text gives the same key, the same key and digest the same signature, so that a twin repeats
 * itself to the byte. Not for real keys: nothing here runs in constant time.
 */

/** Order of the curve's group: https://doi.org/10.6028/NIST.SP.800-186 (P-256). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** A private key made from a text, 32 bytes in hex. */
export const privateKeyFrom = (source: string): string =>
  bytesOf((numberOf(createHash('sha256').update(source).digest()) % (order - 1n)) + 1n).toString('hex')

/** The public key of a private one as SubjectPublicKeyInfo, DER. */
export const publicKeyOf = (privateKey: string): Uint8Array => {
  const point = multiple(Buffer.from(privateKey, 'hex'))
  const coordinate = (start: number) => point.subarray(start, start + 32).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })
}

/** Signs a SHA-256 digest; DER of r and s. The nonce is that of https://datatracker.ietf.org/doc/html/rfc6979#section-3.2 */
export const signDigest = (privateKey: string, digest: Uint8Array): Uint8Array => {
  const key = numberOf(Buffer.from(privateKey, 'hex'))
  const z = numberOf(digest)
  for (const nonce of nonces(privateKey, digest)) {
    const r = numberOf(multiple(bytesOf(nonce)).subarray(1, 33)) % order
    const s = (inverse(nonce) * ((z + r * key) % order)) % order
    if (r !== 0n && s !== 0n) return sequence(positive(bytesOf(r)), positive(bytesOf(s)))
  }
  throw new Error('The nonces have no end')
}

/** The candidates of RFC 6979, endless; all but one in 2^128 keys take the first. */
function* nonces(privateKey: string, digest: Uint8Array): Generator<bigint, void> {
  const secret = Buffer.concat([Buffer.from(privateKey, 'hex'), bytesOf(numberOf(digest) % order)])
  let value = Buffer.alloc(32, 1)
  let key = Buffer.alloc(32, 0)
  const mix = (mark: number, more: Uint8Array) => {
    key = hmac(key, value, Buffer.from([mark]), more)
    value = hmac(key, value)
  }
  mix(0, secret)
  mix(1, secret)
  for (;;) {
    value = hmac(key, value)
    const candidate = numberOf(value)
    if (candidate > 0n && candidate < order) yield candidate
    mix(0, Buffer.alloc(0))
  }
}

const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer<ArrayBuffer> =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest()

/** The base point so many times, uncompressed: 04, x, y. */
const multiple = (times: Uint8Array): Buffer => {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(times)
  return curve.getPublicKey()
}

/** By Fermat: the order is a prime. */
const inverse = (number: bigint): bigint => power(number, order - 2n)

const power = (base: bigint, exponent: bigint): bigint => {
  if (exponent === 0n) return 1n
  const half = power((base * base) % order, exponent >> 1n)
  return exponent & 1n ? (half * base) % order : half
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)

const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex')
