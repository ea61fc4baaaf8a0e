import { describe, expect, test } from 'vitest'
import { setDesired } from '../../../../lib/twin/aws/auto-scaling/groups.ts'
import { eksTwin } from './eks-twin.ts'

const fresh = {
  name: 'fresh',
  version: '1.34',
  roleArn: 'arn:aws:iam::111122223333:role/eksClusterRole',
  resourcesVpcConfig: { subnetIds: ['subnet-0a1000000000000a1', 'subnet-0a1000000000000b1'] },
}

describe('a cluster', () => {
  test('has an endpoint only once it is ACTIVE, and its creator is let in', async () => {
    const { eks, time } = await eksTwin()
    const { cluster } = await eks.createCluster(fresh)
    expect(cluster).toMatchObject({ status: 'CREATING', version: '1.34' })
    expect(cluster?.endpoint).toBeUndefined()
    await time.pass(541)
    const active = await eks.describeCluster({ name: 'fresh' })
    expect(active.cluster).toMatchObject({ status: 'ACTIVE', certificateAuthority: { data: 'Q0E=' } })
    expect((await eks.listAccessEntries({ clusterName: 'fresh' })).accessEntries).toEqual([
      'arn:aws:iam::111122223333:role/deployer',
    ])
  })

  test('takes no node group before it is ACTIVE', async () => {
    const { eks } = await eksTwin()
    await eks.createCluster(fresh)
    await expect(
      eks.createNodegroup({
        clusterName: 'fresh',
        nodegroupName: 'web',
        nodeRole: 'arn:aws:iam::111122223333:role/eksNodeRole',
        subnets: ['subnet-0a1000000000000a1'],
      }),
    ).rejects.toThrow("Cluster 'fresh' is not in ACTIVE status")
  })

  test.each([
    [{ name: 'photo' }, 'ResourceInUseException', 'Cluster already exists with name: photo'],
    [{ version: '1.29' }, 'InvalidParameterException', 'unsupported Kubernetes version'],
    [
      { resourcesVpcConfig: { subnetIds: ['subnet-0a1000000000000a1'] } },
      'InvalidParameterException',
      'two different AZs',
    ],
  ])('is refused with %j', async (change, name, message) => {
    const { eks } = await eksTwin()
    const refused = await eks.createCluster({ ...fresh, ...change }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name, message: expect.stringContaining(message) })
  })

  test('that nobody made is not found', async () => {
    const { eks } = await eksTwin()
    await expect(eks.describeCluster({ name: 'nowhere' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'No cluster found for name: nowhere.',
      clusterName: 'nowhere',
    })
  })

  test('is gone a while after its deletion', async () => {
    const { eks, time } = await eksTwin({ cluster: { nodeGroups: [] } })
    expect((await eks.deleteCluster({ name: 'photo' })).cluster?.status).toBe('DELETING')
    await time.pass(421)
    expect((await eks.listClusters({})).clusters).toEqual([])
  })

  test('has the upgrade policy it was given, by an update', async () => {
    const { eks, time } = await eksTwin()
    const { update } = await eks.updateClusterConfig({
      name: 'photo',
      upgradePolicy: { supportType: 'STANDARD' },
    })
    expect(update?.type).toBe('UpgradePolicyUpdate')
    await time.pass(91)
    expect((await eks.describeCluster({ name: 'photo' })).cluster).toMatchObject({
      status: 'ACTIVE',
      upgradePolicy: { supportType: 'STANDARD' },
    })
  })
})

test('versions come newest first, with the end of their support', async () => {
  const { eks } = await eksTwin()
  const { clusterVersions } = await eks.describeClusterVersions({})
  expect(clusterVersions?.[0]).toMatchObject({ clusterVersion: '1.36', versionStatus: 'STANDARD_SUPPORT' })
  expect(clusterVersions?.find(({ clusterVersion }) => clusterVersion === '1.32')).toMatchObject({
    versionStatus: 'EXTENDED_SUPPORT',
    endOfExtendedSupportDate: new Date('2027-03-23'),
  })
  expect(clusterVersions?.some(({ clusterVersion }) => clusterVersion === '1.30')).toBe(false)
})

test('lists come in pages', async () => {
  const { eks } = await eksTwin()
  const first = await eks.listAddons({ clusterName: 'photo', maxResults: 2 })
  const second = await eks.listAddons({ clusterName: 'photo', maxResults: 2, nextToken: first.nextToken })
  expect([...(first.addons ?? []), ...(second.addons ?? [])]).toEqual(['coredns', 'kube-proxy', 'vpc-cni'])
  expect(second.nextToken).toBeUndefined()
})

test('the state is plain data in the middle of everything', async () => {
  const { eks, aws, time } = await eksTwin()
  await eks.updateClusterVersion({ name: 'photo', version: '1.33' })
  await eks.deleteNodegroup({ clusterName: 'photo', nodegroupName: 'web' })
  await time.pass(20)
  expect(structuredClone(aws.state)).toEqual(aws.state)
  expect(structuredClone(time.state)).toEqual(time.state)
})

test('a node joins when Auto Scaling is told to grow, without EKS', async () => {
  const { aws, region, time, kubernetes } = await eksTwin()
  const [group] = [...region.autoScalingGroups.keys()]
  setDesired(aws, region, group ?? '', 3)
  await time.pass(60)
  expect(kubernetes.nodes.size).toBe(3)
})

test('Fargate profiles and pod identities are kept', async () => {
  const { eks, time } = await eksTwin()
  await eks.createFargateProfile({
    clusterName: 'photo',
    fargateProfileName: 'jobs',
    podExecutionRoleArn: 'arn:aws:iam::111122223333:role/pods',
  })
  await time.pass(61)
  const profile = await eks.describeFargateProfile({ clusterName: 'photo', fargateProfileName: 'jobs' })
  expect(profile.fargateProfile?.status).toBe('ACTIVE')
  const identity = {
    clusterName: 'photo',
    namespace: 'shop',
    serviceAccount: 'cart',
    roleArn: 'arn:aws:iam::1:role/x',
  }
  await eks.createPodIdentityAssociation(identity)
  await expect(
    eks.createPodIdentityAssociation({ ...identity, roleArn: 'arn:aws:iam::1:role/y' }),
  ).rejects.toMatchObject({ name: 'ResourceInUseException' })
  expect((await eks.listPodIdentityAssociations({ clusterName: 'photo' })).associations).toHaveLength(1)
})
