import { expect, test } from 'vitest'
import { seedAccount } from '../../../lib/twin/aws/seed-account.ts'
import { account, twinOfAws } from './in-process.ts'

test('a role speaks as a session with a token, a user by its key alone', async () => {
  const { credentials } = await twinOfAws()
  expect(credentials['staging']).toMatchObject({
    accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/) as string,
    secretAccessKey: expect.stringMatching(/^.{40}$/) as string,
    sessionToken: expect.any(String) as string,
    arn: `arn:aws:sts::${account.id}:assumed-role/deployer/eks-runbooks`,
  })
  expect(credentials['ann']).toMatchObject({
    accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/) as string,
    arn: `arn:aws:iam::${account.id}:user/ann`,
  })
  expect(credentials['ann']).not.toHaveProperty('sessionToken')
})

test('the same account gives the same keys, another account others', async () => {
  const { aws, credentials } = await twinOfAws()
  const { credentials: again } = await twinOfAws()
  expect(again).toEqual(credentials)
  const other = seedAccount(aws, { ...account, id: '444455556666' })
  expect(other['staging']?.accessKeyId).not.toBe(credentials['staging']?.accessKeyId)
  expect(other['staging']?.secretAccessKey).not.toBe(credentials['staging']?.secretAccessKey)
})

test('accounts do not see each other', async () => {
  const { aws } = await twinOfAws()
  seedAccount(aws, { ...account, id: '444455556666', subnets: [], buckets: ['photo-production-runbooks'] })
  expect(aws.state.regions.get('444455556666/eu-west-1')?.subnets.size).toBe(0)
  expect(aws.state.regions.get('111122223333/eu-west-1')?.subnets.size).toBe(3)
  expect(aws.state.buckets.get('photo-production-runbooks')?.account).toBe('444455556666')
})

test('all of the state survives a copy', async () => {
  const { aws } = await twinOfAws()
  expect(structuredClone(aws.state)).toEqual(aws.state)
})
