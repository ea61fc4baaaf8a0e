import { describe, expect, test } from 'vitest'
import { connectAutoScaling } from '../../lib/aws/auto-scaling.ts'
import { connectEc2 } from '../../lib/aws/ec2.ts'
import { connectEks } from '../../lib/aws/eks.ts'
import { connectServiceQuotas } from '../../lib/aws/service-quotas.ts'
import { connectSsmParameters } from '../../lib/aws/ssm-parameters.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { eksTwin, web } from '../twin/aws/eks/eks-twin.ts'

const open = async (options: Parameters<typeof eksTwin>[0] = {}) => {
  const twin = await eksTwin(options)
  const { credentials, region, ...sdk } = twin.client
  const settings = { credentials, region, sdk, clock: twin.time.clock, random: seededRandom(1) }
  const eks = connectEks(settings)
  await eks.load()
  return { ...twin, settings, eks, run: twin.time.run }
}

const effects = ({ calls }: Awaited<ReturnType<typeof open>>) =>
  calls.filter(({ effect }) => effect !== null).map(({ operation, repeated }) => `${operation} ${repeated}`)

describe('clusters', () => {
  test('a cluster in plain data, one that is not there as undefined', async () => {
    const { eks, run } = await open()
    expect(await run(eks.describeCluster('photo'))).toMatchObject({
      name: 'photo',
      version: '1.32',
      status: 'ACTIVE',
      supportType: 'EXTENDED',
      endpoint: 'https://127.0.0.1:6443',
      certificateAuthority: 'Q0E=',
      createdAt: expect.stringMatching(/^2026-08-\d\dT/),
      issues: [],
    })
    expect(await run(eks.describeCluster('ghost'))).toBeUndefined()
  })

  test('the calendar of versions', async () => {
    const { eks, run } = await open()
    const versions = await run(eks.clusterVersions())
    expect(versions.find(({ version }) => version === '1.34')).toMatchObject({
      status: 'STANDARD_SUPPORT',
      endOfStandardSupport: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
  })

  test('an update can be followed by its id and found among all', async () => {
    const { eks, run, time } = await open()
    const update = await run(eks.updateClusterVersion('photo', '1.33', 'token-1'))
    expect(update).toMatchObject({ status: 'InProgress', type: 'VersionUpdate', params: { Version: '1.33' } })
    await time.pass(3600)
    const found = await run(eks.describeUpdate({ cluster: 'photo' }, update.id))
    expect(found).toMatchObject({ id: update.id, status: 'Successful', errors: [] })
    expect((await run(eks.updates({ cluster: 'photo' })))[0]).toEqual(found)
    expect(await run(eks.describeUpdate({ cluster: 'photo' }, 'ghost'))).toBeUndefined()
  })

  test('the same token is the same update, also when the first answer was lost', async () => {
    const lost = { kind: 'lost-answer', match: { operation: 'UpdateClusterVersion' } } as const
    const twin = await open({ faults: [lost] })
    const { eks, run } = twin
    const first = await run(eks.updateClusterVersion('photo', '1.33', 'token-1'))
    const again = await run(eks.updateClusterVersion('photo', '1.33', 'token-1'))
    expect(again.id).toBe(first.id)
    expect(effects(twin).filter((text) => text === 'UpdateClusterVersion false')).toHaveLength(1)
  })

  test("EKS's refusal is R022 in its own words and is not repeated", async () => {
    const { eks, run, calls } = await open()
    await expect(run(eks.updateClusterVersion('photo', '1.34', 'token-1'))).rejects.toMatchObject({
      code: 'R022',
      message: expect.stringContaining('InvalidParameterException'),
    })
    expect(calls).toHaveLength(1)
  })

  test('insights, and a refresh of them', async () => {
    const { eks, run, time } = await open()
    await run(eks.startInsightsRefresh('photo'))
    expect(await run(eks.insightsRefresh('photo'))).toMatchObject({ status: 'IN_PROGRESS' })
    await time.pass(600)
    expect(await run(eks.insightsRefresh('photo'))).toMatchObject({ status: 'COMPLETED' })
    const insights = await run(eks.insights('photo', { category: 'UPGRADE_READINESS', version: '1.33' }))
    expect(insights.length).toBeGreaterThan(0)
    expect(new Set(insights.map(({ version }) => version))).toEqual(new Set(['1.33']))
  })
})

describe('node groups', () => {
  test('a node group with its settings, from which an equal one can be made', async () => {
    const { eks, run, time } = await open()
    expect(await run(eks.nodeGroupNames('photo'))).toEqual(['web'])
    const blue = await run(eks.describeNodeGroup('photo', 'web'))
    expect(blue).toMatchObject({
      status: 'ACTIVE',
      version: '1.32',
      amiType: 'AL2_x86_64',
      desiredSize: 2,
      autoScalingGroups: [expect.stringMatching(/^eks-web-/)],
      settings: { minSize: 1, maxSize: 4, labels: web.labels, subnets: web.subnets, diskSize: 20 },
    })
    if (!blue) throw new Error('unreachable')
    const { settings, desiredSize } = blue
    const green = { cluster: 'photo', name: 'green', version: '1.32', amiType: 'AL2023_x86_64_STANDARD' }
    await run(eks.createNodeGroup({ ...green, desiredSize, settings }, 'token-1'))
    await time.pass(1800)
    expect(await run(eks.describeNodeGroup('photo', 'green'))).toMatchObject({
      status: 'ACTIVE',
      amiType: 'AL2023_x86_64_STANDARD',
      settings,
    })
  })

  test('its own launch template goes along, without a disk size', async () => {
    const {
      eks,
      run,
      settings: aws,
    } = await open({
      cluster: { nodeGroups: [{ ...web, launchTemplate: true }] },
    })
    const blue = await run(eks.describeNodeGroup('photo', 'web'))
    const template = blue?.settings.launchTemplate
    if (!blue || !template) throw new Error('The group has no launch template')
    const ec2 = connectEc2(aws)
    await ec2.load()
    expect(await run(ec2.launchTemplate(template.id, template.version))).toEqual({
      imageId: '',
      hasUserData: false,
    })
    expect(await run(ec2.launchTemplate('lt-0000000000000000f', '1'))).toBeUndefined()
    const green = { cluster: 'photo', name: 'green', version: '1.32', amiType: blue.amiType, desiredSize: 1 }
    await run(eks.createNodeGroup({ ...green, settings: blue.settings }, 'token-1'))
    expect((await run(eks.describeNodeGroup('photo', 'green')))?.settings).toEqual(blue.settings)
  })

  test('deleting a group that is gone is no error', async () => {
    const { eks, run, time } = await open()
    await run(eks.deleteNodeGroup('photo', 'web'))
    await time.pass(1800)
    expect(await run(eks.describeNodeGroup('photo', 'web'))).toBeUndefined()
    await run(eks.deleteNodeGroup('photo', 'web'))
  })

  test('an update in place, found among the updates of the group', async () => {
    const nodeGroups = [{ ...web, amiType: 'AL2023_x86_64_STANDARD' }]
    const { eks, run, time } = await open({ cluster: { nodeGroups } })
    await run(eks.updateClusterVersion('photo', '1.33', 'token-1'))
    await time.pass(3600)
    const group = { cluster: 'photo', name: 'web', version: '1.33' }
    const { id } = await run(eks.updateNodeGroupVersion(group, 'token-2'))
    await time.pass(4 * 3600)
    const updates = await run(eks.updates({ cluster: 'photo', nodeGroup: 'web' }))
    expect(updates).toMatchObject([{ id, status: 'Successful', type: 'VersionUpdate' }])
    expect(await run(eks.describeNodeGroup('photo', 'web'))).toMatchObject({ version: '1.33' })
  })

  test('a family without an image for the minor is refused with R022', async () => {
    const { eks, run, time } = await open()
    await run(eks.updateClusterVersion('photo', '1.33', 'token-1'))
    await time.pass(3600)
    const group = { cluster: 'photo', name: 'web', version: '1.33' }
    await expect(run(eks.updateNodeGroupVersion(group, 'token-2'))).rejects.toMatchObject({ code: 'R022' })
    expect(await run(eks.updates({ cluster: 'photo', nodeGroup: 'web' }))).toEqual([])
  })
})

describe('add-ons', () => {
  test('an update keeps configuration and role', async () => {
    const configurationValues = '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'
    const serviceAccountRoleArn = 'arn:aws:iam::111122223333:role/cni'
    const addOns = [{ name: 'vpc-cni', configurationValues, serviceAccountRoleArn }]
    const { eks, run, time } = await open({ cluster: { addOns } })
    expect(await run(eks.addOnNames('photo'))).toEqual(['vpc-cni'])
    const before = await run(eks.describeAddOn('photo', 'vpc-cni'))
    expect(before).toMatchObject({ status: 'ACTIVE', configurationValues, serviceAccountRoleArn })
    const offers = await run(eks.addOnOffers('vpc-cni'))
    const newer = offers.find(({ minors, version }) => minors.includes('1.32') && version !== before?.version)
    if (!before || !newer) throw new Error('unreachable')
    const update = await run(eks.updateAddOn('photo', { ...before, version: newer.version }, 'token-1'))
    await time.pass(1800)
    const subject = { cluster: 'photo', addOn: 'vpc-cni' }
    expect(await run(eks.describeUpdate(subject, update.id))).toMatchObject({ status: 'Successful' })
    expect(await run(eks.describeAddOn('photo', 'vpc-cni'))).toMatchObject({
      version: newer.version,
      configurationValues,
      serviceAccountRoleArn,
    })
    expect(await run(eks.describeAddOn('photo', 'ghost'))).toBeUndefined()
  })
})

describe('what node groups stand on', () => {
  test('free addresses of subnets; a deleted subnet is missing from the answer', async () => {
    const { settings, run } = await open()
    const ec2 = connectEc2(settings)
    await ec2.load()
    const ids = ['subnet-0a1000000000000c1', 'subnet-00000000000000000']
    expect(await run(ec2.subnets(ids))).toEqual([
      { id: ids[0], zone: 'eu-west-1c', freeAddresses: 3, cidr: '10.10.32.0/20' },
    ])
    expect(await run(ec2.subnets([]))).toEqual([])
  })

  test('what types of instances have', async () => {
    const { settings, run } = await open()
    const ec2 = connectEc2(settings)
    await ec2.load()
    const expected = { name: 'm5.large', cores: 2, memoryBytes: 8 * 2 ** 30, architecture: 'x86_64' }
    expect(await run(ec2.instanceTypes(['m5.large']))).toEqual([expected])
    await expect(run(ec2.instanceTypes(['m5.largest']))).rejects.toMatchObject({ code: 'R022' })
  })

  test('processes of an Auto Scaling group are suspended and resumed, repeatably', async () => {
    const { settings, run, eks } = await open()
    const scaling = connectAutoScaling(settings)
    await scaling.load()
    const [group = ''] = (await run(eks.describeNodeGroup('photo', 'web')))?.autoScalingGroups ?? []
    const suspended = async () => (await run(scaling.describeGroup(group)))?.suspended.toSorted()
    expect(await suspended()).toEqual([])
    await run(scaling.suspendProcesses(group, ['Launch', 'AZRebalance']))
    await run(scaling.suspendProcesses(group, ['Launch']))
    expect(await suspended()).toEqual(['AZRebalance', 'Launch'])
    await run(scaling.resumeProcesses(group, ['Launch']))
    expect(await suspended()).toEqual(['AZRebalance'])
    expect(await run(scaling.describeGroup('ghost'))).toBeUndefined()
  })

  test('the newest AMI release of a minor, and undefined where AWS makes none', async () => {
    const { settings, run } = await open()
    const ssm = connectSsmParameters(settings)
    await ssm.load()
    const name = (minor: string, family: string) =>
      `/aws/service/eks/optimized-ami/${minor}/${family}/recommended/release_version`
    expect(await run(ssm.parameter(name('1.34', 'amazon-linux-2023/x86_64/standard')))).toMatch(
      /^1\.34\.\d+-\d{8}$/,
    )
    expect(await run(ssm.parameter(name('1.33', 'amazon-linux-2')))).toBeUndefined()
  })

  test('a quota, and one that the caller may not read', async () => {
    const { settings, run } = await open()
    const quotas = connectServiceQuotas(settings)
    await quotas.load()
    expect(await run(quotas.quota('ec2', 'L-1216C47A'))).toBe(256)
    expect(await run(quotas.quota('eks', 'L-1194D53C'))).toBe('unreadable')
    expect(await run(quotas.quota('ec2', 'L-00000000'))).toBe('unreadable')
  })
})
