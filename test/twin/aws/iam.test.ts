import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam'
import { expect, test } from 'vitest'
import { account, twinOfAws } from './in-process.ts'

const iamOf = async () => {
  const twin = await twinOfAws()
  const iam = new IAMClient(twin.client)
  const policies = async (RoleName: string) =>
    (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies?.map(
      ({ PolicyName }) => PolicyName,
    )
  return { ...twin, iam, policies }
}

test('a seeded account has the roles of clusters and nodes, and of its principals', async () => {
  const { iam, policies } = await iamOf()
  const { Roles } = await iam.send(new ListRolesCommand({}))
  expect(Roles?.map(({ RoleName }) => RoleName)).toEqual(['deployer', 'eksClusterRole', 'eksNodeRole'])
  expect(await policies('eksNodeRole')).toContain('AmazonEKSWorkerNodePolicy')
  expect(await policies('eksClusterRole')).toEqual(['AmazonEKSClusterPolicy'])
})

test('the trust policy is URL-encoded JSON, as IAM gives it', async () => {
  const { iam } = await iamOf()
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'eksNodeRole' }))
  const trust: unknown = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))
  expect(trust).toMatchObject({ Statement: [{ Principal: { Service: 'ec2.amazonaws.com' } }] })
})

test('a read leaves no trace in the state, also when it is signed for another Region', async () => {
  const { aws, client } = await iamOf()
  const before = structuredClone(aws.state)
  await new IAMClient({ ...client, region: 'us-east-1' }).send(new ListRolesCommand({}))
  expect(aws.state).toEqual(before)
})

test('roles come in pages', async () => {
  const { iam } = await iamOf()
  const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }))
  expect(first.IsTruncated).toBe(true)
  const second = await iam.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }))
  expect(second.IsTruncated).toBe(false)
  expect(second.Roles).toHaveLength(1)
})

test('a role is created once, gets policies, and is deleted without them only', async () => {
  const { iam, policies, calls } = await iamOf()
  const create = () =>
    iam.send(
      new CreateRoleCommand({ RoleName: 'photo', AssumeRolePolicyDocument: '{"Version":"2012-10-17"}' }),
    )
  expect((await create()).Role?.Arn).toBe(`arn:aws:iam::${account.id}:role/photo`)
  await expect(create()).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' })
  const policy = { RoleName: 'photo', PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }
  await iam.send(new AttachRolePolicyCommand(policy))
  await iam.send(new AttachRolePolicyCommand(policy))
  expect(calls.slice(-2).map(({ repeated }) => repeated)).toEqual([false, true])
  expect(await policies('photo')).toEqual(['AmazonS3ReadOnlyAccess'])
  await expect(iam.send(new DeleteRoleCommand({ RoleName: 'photo' }))).rejects.toMatchObject({
    name: 'DeleteConflictException',
  })
  await iam.send(new DetachRolePolicyCommand(policy))
  await iam.send(new DeleteRoleCommand({ RoleName: 'photo' }))
  await expect(policies('photo')).rejects.toMatchObject({ name: 'NoSuchEntityException' })
})
