import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { seal } from '../../lib/evidence/seal.ts'
import { kmsSigner, localSigner, type KeyService, type Signer } from '../../lib/evidence/signer.ts'
import { openSeal } from '../../lib/evidence/verify-seal.ts'
import type { Json } from '../../lib/runbook/json.ts'
import { freshSigner, kmsOfTwin, trusting } from './keys.ts'

const predicateType = 'https://eks-runbooks.dev/test/v1'
const subject = { name: 'run-1', sha256: 'a'.repeat(64) }
const predicate: Json = {
  zeta: [1, 2.5, -0.25, null, true],
  alpha: 'Fotos für Zürich \u2028 \u{1f4f7}',
  nested: { b: '', a: {} },
}

const sealed = (signer: Signer, content: Json = predicate) =>
  seal({ predicateType, subject, predicate: content }, signer)

const open = (text: string, signer: Signer) =>
  openSeal(text, { signers: [trusting('release', signer)], predicateType })

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const signers: readonly [string, () => Promise<Signer>][] = [
  ['ed25519', () => Promise.resolve(freshSigner())],
  ['ecdsa-p256 of KMS', async () => kmsSigner(await kmsOfTwin(), 'alias/evidence')],
]

describe.each(signers)('A statement sealed by %s', (_kind, make) => {
  test('opens to what was sealed, under the name of its signer', async () => {
    const signer = await make()
    expect(open(await sealed(signer), signer)).toEqual({
      predicate,
      subject,
      signers: [{ name: 'release' }],
      keyId: signer.keyId,
    })
  })

  test('is refused when any one byte is another', async () => {
    const signer = await make()
    const bytes = Buffer.from(await sealed(signer))
    const accepted = [0x01, 0x80].flatMap((bit) =>
      [...bytes.keys()].filter((at) => {
        const flipped = Buffer.from(bytes)
        flipped.writeUInt8((bytes[at] ?? 0) ^ bit, at)
        const code = codeOf(() => open(flipped.toString(), signer))
        return code !== 'R062' && code !== 'R063'
      }),
    )
    expect(accepted).toEqual([])
  })

  test('is refused when a byte is missing or one is added, anywhere', async () => {
    const signer = await make()
    const text = await sealed(signer)
    const places = [...Array(text.length + 1).keys()]
    const shorter = places.slice(1).map((at) => text.slice(0, at - 1) + text.slice(at))
    const longer = places.flatMap((at) => [' ', 'A'].map((more) => text.slice(0, at) + more + text.slice(at)))
    const accepted = [...shorter, ...longer].filter((other) => codeOf(() => open(other, signer)) !== 'R062')
    expect(accepted).toEqual([])
  })

  test('is refused as of an unknown signer where the fleet trusts only others', async () => {
    const text = await sealed(await make())
    expect(codeOf(() => open(text, freshSigner()))).toBe('R063')
  })
})

describe('A refusal names field and bytes', () => {
  const signer = freshSigner()
  const messageOf = (text: string): string => {
    try {
      open(text, signer)
      return 'accepted'
    } catch (error) {
      return (error as Error).message
    }
  }
  const replaced = async (part: string, by: string) => {
    const text = await sealed(signer)
    return { message: messageOf(text.replace(part, by)), from: text.indexOf(part) }
  }

  test('of the payload type', async () => {
    const { message, from } = await replaced('in-toto', 'in-tofu')
    expect(message).toBe(
      `Cannot trust the statement: payloadType, bytes ${from + 5}-${from + 6}: expected "to", found "fu"`,
    )
  })

  test('of a key id that is not that of the signature', async () => {
    const { message, from } = await replaced(signer.keyId, 'f'.repeat(64))
    expect(message).toContain(`keyid, bytes ${from}-${from + 63}: expected ${signer.keyId}`)
  })

  test('of a payload that was not signed', async () => {
    const text = await sealed(signer)
    const other = JSON.parse(await sealed(freshSigner(), { other: true })) as { payload: string }
    const { payload } = JSON.parse(text) as { payload: string }
    const message = messageOf(text.replace(payload, other.payload))
    expect(message).toContain(`payload, bytes 12-${11 + other.payload.length}, or sig, bytes `)
    expect(message).toContain('expected what release signed')
  })

  test('of what follows the end', async () => {
    const text = await sealed(signer)
    expect(messageOf(`${text}{}`)).toContain(
      `the end of the file, bytes ${text.length}-${text.length + 1}: expected "nothing more", found "{}"`,
    )
  })

  test('of an empty file and of one that is something else', () => {
    expect(messageOf('')).toContain('payload, bytes 0-0: expected "{\\"payload\\":\\"", found nothing')
    expect(messageOf('a: yaml\u001b[2J')).toContain('payload, bytes 0-10')
    expect(messageOf('a: yaml\u001b[2J')).not.toContain('\u001b')
  })
})

describe('A trusted signature does not help', () => {
  const signer = freshSigner()
  const signedText = async (payload: string | Buffer) => {
    const { envelopeText, preAuthEncoding } = await import('../../lib/evidence/envelope.ts')
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    return envelopeText(bytes, { keyId: signer.keyId, signature: await signer.sign(preAuthEncoding(bytes)) })
  }
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    predicate: {},
    predicateType,
    subject: [{ digest: { sha256: 'a'.repeat(64) }, name: 'run-1' }],
  }
  const text = JSON.stringify(statement)

  test.each([
    ['a payload in another form', JSON.stringify(statement, undefined, 1)],
    ['a key given twice', text.replace('"predicate":{}', '"predicate":{},"predicate":{}')],
    ['a payload that is no JSON', '{'],
    ['a payload that is not UTF-8 text of JSON', Buffer.from([0x22, 0xff, 0x22])],
    [
      'another kind of statement',
      JSON.stringify({ ...statement, _type: 'https://in-toto.io/Statement/v0.1' }),
    ],
    ['another predicate', JSON.stringify({ ...statement, predicateType: 'https://example.com/other' })],
    ['two subjects', JSON.stringify({ ...statement, subject: [...statement.subject, ...statement.subject] })],
  ])('%s', async (_what, payload) => {
    const signed = await signedText(payload)
    expect(codeOf(() => open(signed, signer))).toBe('R062')
  })

  test('nor is the plain statement refused', async () => {
    const signed = await signedText(text)
    expect(codeOf(() => open(signed, signer))).toBe('accepted')
  })
})

describe('Who signs', () => {
  const pem = (type: 'ed25519' | 'x25519') =>
    (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')).privateKey
      .export({ format: 'pem', type: 'pkcs8' })
      .toString()

  test('is a key of ed25519 and no other', () => {
    expect(localSigner(pem('ed25519')).keyLine).toMatch(/^ed25519:[A-Za-z0-9+/]+=*$/)
    expect(codeOf(() => localSigner(pem('x25519')))).toBe('R078')
    expect(codeOf(() => localSigner('not a key'))).toBe('R078')
  })

  test.each([
    ['there is none', undefined],
    ['it encrypts', { usage: 'ENCRYPT_DECRYPT', keySpec: 'SYMMETRIC_DEFAULT', enabled: true }],
    ['it is of another curve', { usage: 'SIGN_VERIFY', keySpec: 'ECC_NIST_P384', enabled: true }],
    ['it is disabled', { usage: 'SIGN_VERIFY', keySpec: 'ECC_NIST_P256', enabled: false }],
  ])('is not a key of KMS when %s', async (_why, key) => {
    const kms: KeyService = {
      ...(await kmsOfTwin()),
      describeKey: () => Promise.resolve(key && { arn: 'arn:aws:kms:::key/1', ...key }),
    }
    await expect(kmsSigner(kms, 'alias/evidence')).rejects.toMatchObject({ code: 'R078' })
  })

  test('is found out when the signature is of another key than its public one', async () => {
    const signer = { ...freshSigner(), sign: freshSigner().sign }
    await expect(sealed(signer)).rejects.toMatchObject({ code: 'R078' })
  })

  test.each(['ed25519:AAAA', 'ecdsa-p256:AAAA', 'rsa:AAAA', 'ed25519:!'])(
    'is not trusted by the line %s',
    async (line) => {
      const text = await sealed(freshSigner())
      const signers = [{ name: 'release', key: line }]
      expect(codeOf(() => openSeal(text, { signers, predicateType }))).toBe('R004')
    },
  )
})
