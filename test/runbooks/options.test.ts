import { beforeAll, describe, expect, test } from 'vitest'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { Plan } from '../../lib/runbook/plan.ts'
import { stops } from '../../lib/runbook/finding.ts'
import { settledWorld, type Moment } from './scene.ts'
import { budget, scene, small, twice, withAddOn, withGroup, withManifests } from './small-world.ts'
import { stateOf } from './state.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const ids = ({ steps }: Plan) => steps.map(({ id }) => id)
const stoppers = ({ findings }: Plan) =>
  findings.filter(stops).map(({ code, object, found }) => `${code} ${object}: ${found}`)
const groupsOf = (moment: Moment) =>
  stateOf(moment.twin).eks[0]?.nodegroups.map(({ nodegroupName, version }) => `${nodegroupName} ${version}`)

describe('step ids', () => {
  test('name a group as it was when the run was planned, over all hops', async () => {
    const plan = await (await scene(world, upgradeCluster)).plan({ cluster: 'small', to: '1.34' })
    expect(ids(plan).filter((id) => id.endsWith('/drain'))).toEqual([
      'hop-1.33/swap/data/drain',
      'hop-1.33/swap/web/drain',
      'hop-1.34/swap/data/drain',
      'hop-1.34/swap/web/drain',
    ])
    const titles = plan.steps.filter(({ id }) => id === 'hop-1.34/swap/web/drain').map(({ title }) => title)
    expect(titles).toEqual([expect.stringMatching(/^Drain node group web-1-33-[0-9a-f]{4}$/)])
  })

  test('say that a soak takes its own time', async () => {
    const plan = await (await scene(world, upgradeCluster)).plan({ cluster: 'small', to: '1.33', soak: 7 })
    expect(plan.steps.find(({ id }) => id === 'hop-1.33/swap/web/soak')?.expectedSeconds).toBe(420)
  })
})

describe('upgrade-add-ons', () => {
  test('brings up what is behind, in order, and a second time plans nothing', async () => {
    const old = await small(
      withAddOn('coredns', { version: 'v1.11.3-eksbuild.2' }),
      withAddOn('vpc-cni', { version: 'v1.19.6-eksbuild.7' }),
    )
    const here = await scene(old, upgradeAddOns)
    const plan = await here.plan({ cluster: 'small' })
    expect(ids(plan)).toEqual(['baseline', 'hop-1.32/add-on/vpc-cni', 'hop-1.32/add-on/coredns', 'after'])
    expect(await here.execute(plan)).toMatchObject({ state: 'done', exit: 0 })
    expect(twice(here)).toEqual([])
    expect(ids(await here.plan({ cluster: 'small' }))).toEqual([])
  })

  test('keeps the configuration and the role that operators gave', async () => {
    const own = {
      version: 'v1.11.3-eksbuild.2',
      configurationValues: '{"replicaCount":3}',
    }
    const here = await scene(await small(withAddOn('coredns', own)), upgradeAddOns)
    await here.execute(await here.plan({ cluster: 'small' }))
    const after = await here.time.run(here.target.eks.describeAddOn('small', 'coredns'))
    expect(after).toMatchObject({ configurationValues: '{"replicaCount":3}', version: 'v1.11.4-eksbuild.22' })
  })
})

describe('upgrade-cluster', () => {
  test('moves nodes in the last hop only with --nodes at-end, and says what stays behind', async () => {
    const here = await scene(world, upgradeCluster)
    const plan = await here.plan({ cluster: 'small', to: '1.34', nodes: 'at-end', soak: 0 })
    expect(ids(plan).filter((id) => id.includes('/swap/'))).toSatisfy((swaps: string[]) =>
      swaps.every((id) => id.startsWith('hop-1.34/')),
    )
    expect(plan.findings.filter(({ code, outcome }) => code === 'DP-002' && outcome === 'warn')).toHaveLength(
      2,
    )
    expect(await here.execute(plan)).toMatchObject({ state: 'done' })
    expect(groupsOf(here.moment())).toEqual([
      expect.stringMatching(/^data-1-34-\w{4} 1\.34$/),
      expect.stringMatching(/^web-1-34-\w{4} 1\.34$/),
    ])
    expect(twice(here)).toEqual([])
  })

  test('stops with the hint at --nodes each-hop when EKS refuses a control plane ahead of its nodes', async () => {
    const strict = {
      ...world,
      twin: { ...world.twin, world: { ...world.twin.world, switches: { nodesMustMatchControlPlane: true } } },
    }
    const here = await scene(strict, upgradeCluster)
    const plan = await here.plan({ cluster: 'small', to: '1.34', nodes: 'at-end' })
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R022' } })
    expect(outcome.error?.hint).toContain('--nodes each-hop')
  })

  test('updates a group in place where its AMI type stays, and swaps the one on Amazon Linux 2', async () => {
    const here = await scene(world, upgradeCluster)
    const plan = await here.plan({ cluster: 'small', to: '1.33', swap: 'in-place', soak: 0 })
    expect(ids(plan).filter((id) => /in-place|swap/.test(id))).toEqual([
      'hop-1.33/in-place/data/update',
      'hop-1.33/swap/web/create',
      'hop-1.33/swap/web/prove',
      'hop-1.33/swap/web/drain',
      'hop-1.33/swap/web/delete',
    ])
    expect(await here.execute(plan)).toMatchObject({ state: 'done' })
    expect(groupsOf(here.moment())?.[0]).toBe('data 1.33')
    expect(twice(here)).toEqual([])
  })

  test('bakes for as long as asked before nodes follow, add-ons included', async () => {
    const here = await scene(world, upgradeCluster)
    const plan = await here.plan({ cluster: 'small', to: '1.33', bake: 90, soak: 0 })
    const order = ids(plan)
    expect(order.indexOf('hop-1.33/bake')).toBe(order.indexOf('hop-1.33/control-plane') + 1)
    await here.execute(plan)
    const at = (operation: string, object: string) =>
      Date.parse(
        here.twin.calls.find(
          (call) => call.operation === operation && JSON.stringify(call.parameters).includes(object),
        )?.at ?? '',
      )
    expect(at('UpdateAddon', 'vpc-cni') - at('UpdateClusterVersion', '1.33')).toBeGreaterThanOrEqual(
      90 * 60_000,
    )
  })

  test('to the minor that the cluster has brings up the node groups that are behind, then plans nothing', async () => {
    const here = await scene(world, upgradeCluster)
    expect(ids(await here.plan({ cluster: 'small', to: '1.32' }))).toEqual([])
    await here.time.run(here.target.eks.updateClusterVersion('small', '1.33', 'by-hand'))
    await here.time.pass(1200)
    const plan = await here.plan({ cluster: 'small', to: '1.33', soak: 0 })
    expect(ids(plan).filter((id) => !id.includes('/swap/'))).toEqual([
      'baseline',
      'hop-1.33/add-on/kube-proxy',
      'after',
    ])
    expect(await here.execute(plan)).toMatchObject({ state: 'done' })
    expect(groupsOf(here.moment())).toEqual([
      expect.stringMatching(/^data-1-33-\w{4} 1\.33$/),
      expect.stringMatching(/^web-1-33-\w{4} 1\.33$/),
    ])
    expect(ids(await here.plan({ cluster: 'small', to: '1.33' }))).toEqual([])
  })
})

describe('a plan is refused', () => {
  const upgrade = async (moment: Moment, inputs: object = {}) =>
    stoppers(await (await scene(moment, upgradeCluster)).plan({ cluster: 'small', to: '1.33', ...inputs }))
  const plain = async () => expect(await upgrade(world)).toEqual([])

  test('when a kubelet would be more than three minors behind, and the group is named', async () => {
    await plain()
    expect(await upgrade(world, { to: '1.36', nodes: 'at-end' })).toEqual([
      expect.stringContaining('DP-001 node group data'),
      expect.stringContaining('DP-001 node group web'),
    ])
    expect(await upgrade(world, { to: '1.36', nodes: 'each-hop' })).toEqual([])
  })

  test('when a kept blue group would be more than three minors behind', async () => {
    expect(await upgrade(world, { to: '1.36', keepBlue: true })).toEqual([
      expect.stringMatching(/^DP-001 node group data: 1\.32, 4 behind/),
      expect.stringMatching(/^DP-001 node group web: 1\.32, 4 behind/),
    ])
    expect(await upgrade(world, { to: '1.35', keepBlue: true })).toEqual([])
  })

  test('when a budget can never allow an eviction', async () => {
    const never = await small(withManifests(budget('search', 'search', { maxUnavailable: 0 })))
    expect(await upgrade(never)).toEqual(['WL-002 budget shop/search: maxUnavailable 0'])
  })

  test('when two budgets select one pod', async () => {
    const two = await small(withManifests(budget('cart-too', 'cart', { minAvailable: 1 })))
    expect(new Set(await upgrade(two))).toEqual(
      new Set(
        Array.from({ length: 4 }, () =>
          expect.stringMatching(/^WL-003 pod shop\/cart-\S+: cart and cart-too$/),
        ),
      ),
    )
  })

  test.each([
    ['user data', { UserData: 'IyEvYmluL2Jhc2g=' }],
    ['an image of its own', { ImageId: 'ami-0123456789abcdef0' }],
  ])('when a group on Amazon Linux 2 brings %s', async (what, own) => {
    const ours = await small(withGroup('web', { launchTemplate: true }))
    expect(await upgrade(ours)).toEqual([])
    for (const { launchTemplates } of ours.twin.aws.regions.values())
      for (const { versions } of launchTemplates.values())
        for (const version of versions) version.LaunchTemplateData = { ...version.LaunchTemplateData, ...own }
    expect(await upgrade(ours)).toEqual([`DP-017 node group web: ${what}`])
  })

  test('when a quota cannot be read, unless that was accepted', async () => {
    const blind = await settledWorld('examples/worlds/small.yaml', (file) => ({
      ...file,
      accounts: file.accounts.map((account) => ({
        ...account,
        quotas: { 'ec2/L-1216C47A': 'denied' as const },
      })),
    }))
    expect(await upgrade(blind)).toEqual([expect.stringMatching(/^DP-009 /)])
    expect(await upgrade(blind, { acceptUnknown: ['DP-009'] })).toEqual([])
  })
})

describe('a step is refused with R010 and exit 3', () => {
  test.each([
    [
      'when its budget can never allow an eviction',
      budget('search', 'search', { minAvailable: 2 }),
      'shop/search',
    ],
    [
      'when two budgets select one of its pods',
      budget('cart-too', 'cart', { minAvailable: 1 }),
      'shop/cart-',
    ],
  ])('%s, before anything of blue is touched', async (_when, manifest, named) => {
    const here = await scene(await small(withManifests(manifest)), upgradeCluster)
    const outcome = await here.execute(await here.plan({ cluster: 'small', to: '1.33', soak: 0 }))
    expect(outcome).toMatchObject({
      state: 'stopped',
      exit: 3,
      error: {
        code: 'R010',
        message: expect.stringContaining(named),
        hint: expect.stringContaining('resume'),
      },
    })
    expect(outcome.error?.message).toContain('Cannot start "Drain node group web"')
    const evicted = here.twin.calls.filter(({ operation }) => operation === 'CreateEviction')
    expect(JSON.stringify(evicted)).not.toContain('cart')
    expect(stateOf(here.moment().twin).suspended).toEqual([])
  })
})

describe('a swap', () => {
  test('carries labels, taints, tags and the launch template over to green', async () => {
    const taint = { key: 'dedicated', value: 'data', effect: 'PREFER_NO_SCHEDULE' }
    const rich = await small(
      withGroup('data', { taints: [taint], tags: { team: 'shop' }, launchTemplate: true }),
    )
    const here = await scene(rich, upgradeCluster)
    const blue = await here.time.run(here.target.eks.describeNodeGroup('small', 'data'))
    await here.execute(await here.plan({ cluster: 'small', to: '1.33', soak: 0 }))
    const names = await here.time.run(here.target.eks.nodeGroupNames('small'))
    const name = names.find((each) => each.startsWith('data-')) ?? ''
    const green = await here.time.run(here.target.eks.describeNodeGroup('small', name))
    expect(green?.settings).toEqual({
      ...blue?.settings,
      tags: { team: 'shop', 'eks-runbooks/replaces': 'data' },
    })
    expect(green?.settings.launchTemplate).toBeDefined()
  })
})
