import { createHash, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { privateKeyFrom, publicKeyOf, signDigest } from '../../../../lib/twin/aws/kms/p256.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const holds = (key: string, text: string, signature: Uint8Array) =>
  verify(
    'sha256',
    Buffer.from(text),
    { key: Buffer.from(publicKeyOf(key)), type: 'spki', format: 'der' },
    signature,
  )

// https://datatracker.ietf.org/doc/html/rfc6979#appendix-A.2.5
const key = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'
test.each([
  [
    'sample',
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ],
  [
    'test',
    'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
    '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
  ],
])('The signature of "%s" is that of RFC 6979', (text, r, s) => {
  const hex = Buffer.from(signDigest(key, sha256(text))).toString('hex')
  expect(hex).toContain(r)
  expect(hex.endsWith(s.replace(/^(00)+/, ''))).toBe(true)
})

test('Any key signs what its public key verifies, and nothing else', () => {
  for (let at = 0; at < 20; at += 1) {
    const made = privateKeyFrom(`key ${at}`)
    const signature = signDigest(made, sha256('photo'))
    expect(holds(made, 'photo', signature)).toBe(true)
    expect(holds(made, 'photos', signature)).toBe(false)
  }
})
