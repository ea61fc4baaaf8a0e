import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { createHash, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { region } from '../../../../lib/twin/aws/regions.ts'
import { seedSigningKey } from '../../../../lib/twin/aws/kms/keys.ts'
import { account, twinOfAws } from '../in-process.ts'

const kmsOf = async () => {
  const twin = await twinOfAws()
  seedSigningKey(twin.aws, region(twin.aws.state, account.id, account.region), 'alias/evidence')
  const kms = new KMSClient(twin.client)
  const made = (KeySpec: 'ECC_NIST_P256' | 'SYMMETRIC_DEFAULT', KeyUsage?: 'SIGN_VERIFY') =>
    kms.send(new CreateKeyCommand({ KeySpec, KeyUsage })).then(({ KeyMetadata }) => KeyMetadata?.KeyId ?? '')
  return { ...twin, kms, made }
}

const alias = 'alias/evidence'
const signing = { SigningAlgorithm: 'ECDSA_SHA_256' } as const
const message = Buffer.from('photo')
const digest = createHash('sha256').update(message).digest()

describe('a key of the world', () => {
  test('signs a message or its digest, and its public key verifies both', async () => {
    const { kms } = await kmsOf()
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: alias }))
    const key = { key: Buffer.from(PublicKey ?? []), type: 'spki', format: 'der' } as const
    const raw = await kms.send(new SignCommand({ KeyId: alias, Message: message, ...signing }))
    const signed = await kms.send(
      new SignCommand({ KeyId: alias, Message: digest, MessageType: 'DIGEST', ...signing }),
    )
    for (const { Signature } of [raw, signed]) {
      expect(verify('sha256', message, key, Signature ?? Buffer.alloc(0))).toBe(true)
      expect(verify('sha256', Buffer.from('other'), key, Signature ?? Buffer.alloc(0))).toBe(false)
    }
  })

  test('is the same in the same world', async () => {
    const keys = await Promise.all(
      [await kmsOf(), await kmsOf()].map(({ kms }) => kms.send(new GetPublicKeyCommand({ KeyId: alias }))),
    )
    expect(keys[0]?.PublicKey).toEqual(keys[1]?.PublicKey)
  })

  test('is found by id, ARN, alias and ARN of the alias', async () => {
    const { kms } = await kmsOf()
    const described = async (KeyId: string | undefined) =>
      (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata
    const byAlias = await described(alias)
    expect(byAlias).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', Enabled: true })
    const { Aliases } = await kms.send(new ListAliasesCommand({}))
    for (const name of [byAlias?.KeyId, byAlias?.Arn, Aliases?.[0]?.AliasArn])
      expect(await described(name)).toEqual(byAlias)
  })

  test('can be copied with the state', async () => {
    const { aws } = await kmsOf()
    expect(structuredClone(aws.state)).toEqual(aws.state)
  })
})

describe('Refused is', () => {
  test.each([
    ['a key that is not there', 'NotFoundException', { KeyId: 'alias/nothing' }],
    ['a key of another Region', 'NotFoundException', { KeyId: 'arn:aws:kms:us-east-1:111122223333:key/x' }],
    [
      'a key of another account',
      'AccessDeniedException',
      { KeyId: 'arn:aws:kms:eu-west-1:999988887777:key/x' },
    ],
    ['a message that is too long', 'ValidationException', { Message: Buffer.alloc(4097) }],
    ['a digest of another length', 'ValidationException', { Message: message, MessageType: 'DIGEST' }],
    ['an algorithm of other keys', 'InvalidKeyUsageException', { SigningAlgorithm: 'RSASSA_PSS_SHA_256' }],
  ] as const)('%s', async (_title, name, change) => {
    const { kms } = await kmsOf()
    const asked = { KeyId: alias, Message: message, ...signing, ...change }
    await expect(kms.send(new SignCommand(asked))).rejects.toMatchObject({ name })
  })

  test('signing with a symmetric key, and asking for its public key', async () => {
    const { kms, made } = await kmsOf()
    const KeyId = await made('SYMMETRIC_DEFAULT')
    await expect(kms.send(new SignCommand({ KeyId, Message: message, ...signing }))).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
    })
    await expect(kms.send(new GetPublicKeyCommand({ KeyId }))).rejects.toMatchObject({
      name: 'UnsupportedOperationException',
    })
  })

  test('a disabled key, until it is enabled again', async () => {
    const { kms } = await kmsOf()
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }))
    const KeyId = KeyMetadata?.KeyId
    const sign = () => kms.send(new SignCommand({ KeyId, Message: message, ...signing }))
    await kms.send(new DisableKeyCommand({ KeyId }))
    await expect(sign()).rejects.toMatchObject({ name: 'DisabledException' })
    await kms.send(new EnableKeyCommand({ KeyId }))
    expect((await sign()).Signature?.length).toBeGreaterThan(60)
  })

  test('a key of a curve without its usage', async () => {
    const { made } = await kmsOf()
    await expect(made('ECC_NIST_P256')).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

test('A new key is listed and gets an alias once', async () => {
  const { kms, made } = await kmsOf()
  const TargetKeyId = await made('ECC_NIST_P256', 'SIGN_VERIFY')
  const name = () => kms.send(new CreateAliasCommand({ AliasName: 'alias/team', TargetKeyId }))
  await name()
  await expect(name()).rejects.toMatchObject({ name: 'AlreadyExistsException' })
  expect((await kms.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId)).toContain(TargetKeyId)
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: TargetKeyId }))
  expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/team'])
})
