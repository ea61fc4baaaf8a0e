import { createHash, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { connectKms } from '../../lib/aws/kms.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { seedSigningKey } from '../../lib/twin/aws/kms/keys.ts'
import { region } from '../../lib/twin/aws/regions.ts'
import { account, twinOfAws } from '../twin/aws/in-process.ts'

const kmsOf = async () => {
  const { aws, client, time } = await twinOfAws()
  seedSigningKey(aws, region(aws.state, account.id, account.region), 'alias/evidence')
  const { credentials, ...sdk } = client
  const shared = { region: account.region, clock: time.clock, random: seededRandom(1), credentials }
  return connectKms({ ...shared, sdk })
}

test('A key is described by its alias', async () => {
  const { describeKey } = await kmsOf()
  expect(await describeKey('alias/evidence')).toMatchObject({
    arn: expect.stringMatching(/^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/),
    keySpec: 'ECC_NIST_P256',
    usage: 'SIGN_VERIFY',
    enabled: true,
  })
})

test('A key that is not there is undefined', async () => {
  const { describeKey } = await kmsOf()
  expect(await describeKey('alias/nothing')).toBeUndefined()
})

test('What a key signs is verified by its public key, and nothing else is', async () => {
  const { publicKey, signDigest } = await kmsOf()
  const message = Buffer.from('photo')
  const signature = await signDigest('alias/evidence', createHash('sha256').update(message).digest())
  const key = { key: Buffer.from(await publicKey('alias/evidence')), type: 'spki', format: 'der' } as const
  expect(verify('sha256', message, key, signature)).toBe(true)
  expect(verify('sha256', Buffer.from('photos'), key, signature)).toBe(false)
})

test('Signing with a key that is not there is R022 in the words of KMS', async () => {
  const { signDigest } = await kmsOf()
  await expect(signDigest('alias/nothing', Buffer.alloc(32))).rejects.toMatchObject({
    code: 'R022',
    message: expect.stringContaining('kms:Sign'),
  })
})
