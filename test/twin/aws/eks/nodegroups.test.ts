import { describe, expect, test } from 'vitest'
import { eksTwin, web } from './eks-twin.ts'

const green = {
  clusterName: 'photo',
  nodegroupName: 'green',
  nodeRole: 'arn:aws:iam::111122223333:role/eksNodeRole',
  subnets: [...(web.subnets ?? [])],
  instanceTypes: ['m5.large'],
  amiType: 'AL2023_x86_64_STANDARD' as const,
  scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 2 },
  labels: { tier: 'web' },
}
const named = (nodegroupName: string) => ({ clusterName: 'photo', nodegroupName })

describe('a node group', () => {
  test('is ACTIVE when its nodes are Ready, with the labels of EKS', async () => {
    const { eks, time, kubernetes } = await eksTwin()
    await eks.createNodegroup(green)
    expect((await eks.describeNodegroup(named('green'))).nodegroup?.status).toBe('CREATING')
    await time.pass(120)
    expect((await eks.describeNodegroup(named('green'))).nodegroup?.status).toBe('ACTIVE')
    const nodes = [...kubernetes.nodes.values()].filter(
      ({ labels }) => labels['eks.amazonaws.com/nodegroup'] === 'green',
    )
    expect(new Set(nodes.map(({ labels }) => labels['topology.kubernetes.io/zone']))).toEqual(
      new Set(['eu-west-1a', 'eu-west-1b']),
    )
    expect(nodes[0]).toMatchObject({ allocatable: { cpu: '1930m', pods: '29' } })
  })

  test('fails to be created where nodes never get Ready', async () => {
    const { eks, time } = await eksTwin({
      faults: [{ kind: 'node-never-ready', match: { object: 'green' }, times: -1 }],
    })
    await eks.createNodegroup(green)
    await time.pass(1300)
    const { nodegroup } = await eks.describeNodegroup(named('green'))
    expect(nodegroup?.status).toBe('CREATE_FAILED')
    expect(nodegroup?.health?.issues?.[0]?.code).toBe('NodeCreationFailure')
  })

  test('fails to be created where EC2 has no capacity', async () => {
    const { eks, time } = await eksTwin({
      faults: [{ kind: 'capacity-error', match: { object: 'green' }, times: -1 }],
    })
    await eks.createNodegroup(green)
    await time.pass(1300)
    const { nodegroup } = await eks.describeNodegroup(named('green'))
    expect(nodegroup?.health?.issues?.[0]?.code).toBe('AsgInstanceLaunchFailures')
  })

  test.each([
    [{ nodegroupName: 'web' }, 'NodeGroup already exists with name web and cluster name photo'],
    [{ version: '1.33' }, 'cannot be newer than the cluster version 1.32'],
    [{ releaseVersion: '1.32.1-20200101' }, 'Requested Nodegroup release version'],
    [{ subnets: ['subnet-nowhere'] }, 'does not exist'],
  ])('is refused with %j', async (change, message) => {
    const { eks } = await eksTwin()
    await expect(eks.createNodegroup({ ...green, ...change })).rejects.toThrow(message)
  })

  test('on Amazon Linux 2 is refused from 1.33', async () => {
    const { eks } = await eksTwin({ cluster: { version: '1.33', nodeGroups: [] } })
    await expect(eks.createNodegroup({ ...green, amiType: 'AL2_x86_64' })).rejects.toThrow(
      'AMI Type AL2_x86_64 is only supported for kubernetes versions 1.32 or earlier',
    )
  })

  test('takes its nodes with it when deleted, and keeps the cluster until then', async () => {
    const { eks, time, kubernetes } = await eksTwin()
    await expect(eks.deleteCluster({ name: 'photo' })).rejects.toThrow('Cluster has nodegroups attached')
    await eks.deleteNodegroup(named('web'))
    await time.pass(300)
    await expect(eks.describeNodegroup(named('web'))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      nodegroupName: 'web',
    })
    expect(kubernetes.nodes.size).toBe(0)
  })

  test('scales by its config, and only within its sizes', async () => {
    const { eks, time, kubernetes } = await eksTwin()
    await expect(
      eks.updateNodegroupConfig({ ...named('web'), scalingConfig: { desiredSize: 9 } }),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await eks.updateNodegroupConfig({ ...named('web'), scalingConfig: { desiredSize: 4 } })
    await time.pass(120)
    expect(kubernetes.nodes.size).toBe(4)
  })
})

describe('a managed update', () => {
  const behind = async () => {
    const twin = await eksTwin({ cluster: { nodeGroups: [{ ...web, amiType: 'AL2023_x86_64_STANDARD' }] } })
    await twin.eks.updateClusterVersion({ name: 'photo', version: '1.33' })
    await twin.time.pass(601)
    return twin
  }

  test('replaces every node and goes back to the sizes before', async () => {
    const { eks, time, kubernetes } = await behind()
    const old = [...kubernetes.nodes.keys()]
    const { update } = await eks.updateNodegroupVersion({ ...named('web'), version: '1.33' })
    await time.pass(3600)
    const ended = await eks.describeUpdate({ name: 'photo', nodegroupName: 'web', updateId: update?.id })
    expect(ended.update).toMatchObject({ status: 'Successful' })
    expect((await eks.describeNodegroup(named('web'))).nodegroup).toMatchObject({
      status: 'ACTIVE',
      version: '1.33',
    })
    expect(kubernetes.nodes.size).toBe(2)
    expect(old.some((name) => kubernetes.nodes.has(name))).toBe(false)
    expect([...kubernetes.nodes.values()].every((node) => node.kubeletVersion.startsWith('v1.33.'))).toBe(
      true,
    )
  })

  test('replaces every node by strategy MINIMAL without more of them', async () => {
    const { eks, time, kubernetes } = await behind()
    await eks.updateNodegroupConfig({ ...named('web'), updateConfig: { updateStrategy: 'MINIMAL' } })
    await time.pass(30)
    await eks.updateNodegroupVersion({ ...named('web'), version: '1.33' })
    let most = 0
    for (let minute = 0; minute < 60; minute += 1) {
      await time.pass(60)
      most = Math.max(most, kubernetes.nodes.size)
    }
    expect(most).toBe(2)
    expect((await eks.describeNodegroup(named('web'))).nodegroup).toMatchObject({
      status: 'ACTIVE',
      version: '1.33',
    })
  })

  const withStuckPod = async (force: boolean) => {
    const twin = await behind()
    const node = [...twin.kubernetes.nodes.keys()][0] ?? ''
    const pod = { namespace: 'shop', name: 'cart', uid: 'u1', daemonSet: false, terminating: false }
    twin.kubernetes.pods.push({ ...pod, node, stuck: true })
    const { update } = await twin.eks.updateNodegroupVersion({ ...named('web'), version: '1.33', force })
    await twin.time.pass(7200)
    return twin.eks.describeUpdate({ name: 'photo', nodegroupName: 'web', updateId: update?.id })
  }

  test('fails with PodEvictionFailure where a pod cannot be evicted', async () => {
    const { update } = await withStuckPod(false)
    expect(update).toMatchObject({ status: 'Failed', errors: [{ errorCode: 'PodEvictionFailure' }] })
  })

  test('that failed leaves its new nodes, and those are all that the next one needs', async () => {
    const twin = await behind()
    const old = [...twin.kubernetes.nodes.keys()]
    const pod = { namespace: 'shop', uid: 'u1', daemonSet: false, terminating: false }
    for (const node of old) twin.kubernetes.pods.push({ ...pod, name: node, node, stuck: true })
    const tries: (string | undefined)[] = []
    const sizes: number[] = []
    const roll = async () => {
      const { update } = await twin.eks.updateNodegroupVersion({ ...named('web'), version: '1.33' })
      await twin.time.pass(7200)
      const asked = { name: 'photo', nodegroupName: 'web', updateId: update?.id }
      tries.push((await twin.eks.describeUpdate(asked)).update?.status)
      sizes.push(twin.kubernetes.nodes.size)
    }
    await roll()
    await roll()
    twin.kubernetes.pods.splice(0)
    await roll()
    expect(tries).toEqual(['Failed', 'Failed', 'Successful'])
    expect(sizes).toEqual([6, 6, 2])
    expect([...twin.kubernetes.nodes.keys()].filter((node) => old.includes(node))).toEqual([])
  })

  test('goes over a pod that cannot be evicted by force', async () => {
    expect((await withStuckPod(true)).update?.status).toBe('Successful')
  })

  test('is refused while another one of the same group runs', async () => {
    const { eks } = await behind()
    await eks.updateNodegroupVersion({ ...named('web'), version: '1.33' })
    await expect(eks.updateNodegroupVersion({ ...named('web'), version: '1.33' })).rejects.toMatchObject({
      name: 'ResourceInUseException',
    })
  })
})
