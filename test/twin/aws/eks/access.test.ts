import { presignToken } from './token.ts'
import { describe, expect, test } from 'vitest'
import { authenticate } from '../../../../lib/twin/aws/eks/authenticate.ts'
import { eksTwin } from './eks-twin.ts'

const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/photo'
const deployer = 'arn:aws:iam::111122223333:role/deployer'
const ann = 'arn:aws:iam::111122223333:user/ann'
const viewPolicy = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy'

const signedBy = async (profile: string, clusterName = 'photo') => {
  const twin = await eksTwin()
  const credential = twin.credentials[profile]
  if (!credential) throw new Error(`no profile ${profile}`)
  const token = await presignToken(credential, clusterName)
  return { ...twin, identity: () => authenticate(twin.aws, arn, Date.now)(token) }
}

describe('a token', () => {
  test('of a role with an access entry speaks as its session', async () => {
    const { identity } = await signedBy('staging')
    expect(identity()).toMatchObject({
      username: 'arn:aws:sts::111122223333:assumed-role/deployer/eks-runbooks',
      groups: ['system:authenticated'],
      policies: [{ name: 'AmazonEKSClusterAdminPolicy', namespaces: 'all' }],
    })
  })

  test('of a user without an access entry is nobody, until there is one', async () => {
    const { identity, eks } = await signedBy('ann')
    expect(identity()).toBeUndefined()
    await eks.createAccessEntry({ clusterName: 'photo', principalArn: ann, kubernetesGroups: ['readers'] })
    expect(identity()).toMatchObject({ username: ann, groups: ['readers', 'system:authenticated'] })
  })

  test('for another cluster is refused', async () => {
    const { identity } = await signedBy('staging', 'photo-prod')
    expect(identity()).toBeUndefined()
  })
})

describe('access entries', () => {
  test('carry policies by namespace', async () => {
    const { eks } = await eksTwin()
    const entry = { clusterName: 'photo', principalArn: ann }
    await eks.createAccessEntry(entry)
    await eks.associateAccessPolicy({
      ...entry,
      policyArn: viewPolicy,
      accessScope: { type: 'namespace', namespaces: ['shop'] },
    })
    const { associatedAccessPolicies } = await eks.listAssociatedAccessPolicies(entry)
    expect(associatedAccessPolicies).toMatchObject([
      { policyArn: viewPolicy, accessScope: { type: 'namespace', namespaces: ['shop'] } },
    ])
    await eks.disassociateAccessPolicy({ ...entry, policyArn: viewPolicy })
    expect((await eks.listAssociatedAccessPolicies(entry)).associatedAccessPolicies).toEqual([])
  })

  test('exist once for each principal', async () => {
    const { eks } = await eksTwin()
    await expect(
      eks.createAccessEntry({ clusterName: 'photo', principalArn: deployer }),
    ).rejects.toMatchObject({
      name: 'ResourceInUseException',
    })
  })

  test('do not give system groups', async () => {
    const { eks } = await eksTwin()
    const entry = { clusterName: 'photo', principalArn: ann, kubernetesGroups: ['system:masters'] }
    await expect(eks.createAccessEntry(entry)).rejects.toMatchObject({ name: 'InvalidRequestException' })
  })

  test('are gone when deleted', async () => {
    const { eks } = await eksTwin()
    await eks.deleteAccessEntry({ clusterName: 'photo', principalArn: deployer })
    expect((await eks.listAccessEntries({ clusterName: 'photo' })).accessEntries).not.toContain(deployer)
  })
})

describe('tags', () => {
  test.each(['cluster', 'nodegroup', 'addon', 'access-entry'])(
    'of a %s are put, listed and taken away',
    async (kind) => {
      const { eks } = await eksTwin()
      const found = {
        cluster: async () => (await eks.describeCluster({ name: 'photo' })).cluster?.arn,
        nodegroup: async () =>
          (await eks.describeNodegroup({ clusterName: 'photo', nodegroupName: 'web' })).nodegroup
            ?.nodegroupArn,
        addon: async () =>
          (await eks.describeAddon({ clusterName: 'photo', addonName: 'coredns' })).addon?.addonArn,
        'access-entry': async () =>
          (await eks.describeAccessEntry({ clusterName: 'photo', principalArn: deployer })).accessEntry
            ?.accessEntryArn,
      }[kind]
      const resourceArn = await found?.()
      await eks.tagResource({ resourceArn, tags: { run: '7', keep: 'yes' } })
      await eks.untagResource({ resourceArn, tagKeys: ['run'] })
      expect((await eks.listTagsForResource({ resourceArn })).tags).toEqual({ keep: 'yes' })
    },
  )
})
