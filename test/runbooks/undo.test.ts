import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { objects, outsider, scene, small, twice, withManifests, clusterAutoscaler } from './small-world.ts'
import { stateOf } from './state.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const swap = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 5 }
const nodesOf = (here: Scene, group: string) =>
  objects(here, 'nodes').filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === group)
const isCordoned = ({ spec }: KubeObject) =>
  typeof spec === 'object' && spec !== null && Reflect.get(spec, 'unschedulable') === true
const nodeOf = ({ spec }: KubeObject): unknown =>
  typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'nodeName') : undefined
const appsOn = (here: Scene, group: string) => {
  const names = new Set<unknown>(nodesOf(here, group).map(({ metadata }) => metadata.name))
  return objects(here, 'pods')
    .filter((pod) => names.has(nodeOf(pod)) && pod.metadata.namespace === 'shop')
    .map(({ metadata }) => metadata.name)
}

/** A run that the operator stops at the n-th call whose label matches. */
const stoppedAt = async (
  inputs: object,
  { runbook, at, count = 1 }: { runbook: typeof swapNodeGroup; at: RegExp; count?: number },
) => {
  const stop = new AbortController()
  let met = 0
  const tap = (label: string) => {
    if (at.test(label) && ++met === count) stop.abort()
  }
  const first = await openScene(world, { runbook, cluster: 'small', tap, signal: stop.signal })
  const outcome = await first.execute(await first.plan(inputs))
  return { outcome, here: await scene(first.moment(), runbook) }
}

describe('swap-node-group', () => {
  test('moves one group alone and has no way back once blue is deleted', async () => {
    const here = await scene(world, swapNodeGroup)
    const outcome = await here.execute(await here.plan(swap))
    expect(outcome).toMatchObject({ state: 'done', exit: 0 })
    expect(nodesOf(here, 'web')).toEqual([])
    expect(twice(here)).toEqual([])
    const after = stateOf(here.moment().twin)
    expect(await here.undo(outcome.run)).toMatchObject({
      state: 'partly-undone',
      exit: 3,
      error: { code: 'R025', message: expect.stringContaining('node group web and its instances are gone') },
    })
    expect(stateOf(here.moment().twin)).toEqual(after)
  })

  test('undone in the middle of a drain withdraws green, and all pods run on blue again', async () => {
    const { outcome, here } = await stoppedAt(swap, { runbook: swapNodeGroup, at: /^after .*\/eviction/ })
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R020' } })
    expect(await here.undo(outcome.run)).toMatchObject({ state: 'undone', exit: 0 })
    await here.time.pass(60)
    expect(stateOf(here.moment().twin)).toEqual(stateOf(world.twin))
    expect(appsOn(here, 'web')).toHaveLength(6)
    expect(twice(here)).toEqual([])
  })

  test('stopped in a drain takes the cordons and suspensions back that it made', async () => {
    const { outcome, here } = await stoppedAt(swap, { runbook: swapNodeGroup, at: /^after .*\/eviction/ })
    expect(nodesOf(here, 'web').filter(isCordoned)).toEqual([])
    expect(stateOf(here.moment().twin).suspended).toEqual([])
    expect(await here.resume(outcome.run)).toMatchObject({ state: 'done' })
    expect(twice(here)).toEqual([])
  })

  test('with --keep-blue leaves blue empty, cordoned and closed, and undo opens it again', async () => {
    const here = await scene(world, swapNodeGroup)
    const plan = await here.plan({ ...swap, keepBlue: true })
    expect(plan.steps.at(-2)).toMatchObject({
      id: 'swap/web/keep',
      title: expect.stringContaining('undo of the run opens it again'),
    })
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({ state: 'done', exit: 0 })
    expect(nodesOf(here, 'web').map(isCordoned)).toEqual([true, true])
    expect(appsOn(here, 'web')).toEqual([])
    const suspended = stateOf(here.moment().twin).suspended.map(({ ProcessName }) => ProcessName)
    expect(suspended).toContain('Launch')

    await (
      await outsider(here)
    )('PATCH', '/apis/apps/v1/namespaces/shop/deployments/cart', {
      spec: { replicas: 6 },
    })
    await here.time.pass(120)
    expect(appsOn(here, 'web')).toEqual([])
    await (
      await outsider(here)
    )('PATCH', '/apis/apps/v1/namespaces/shop/deployments/cart', {
      spec: { replicas: 4 },
    })
    await here.time.pass(120)

    expect(await here.undo(outcome.run)).toMatchObject({ state: 'undone', exit: 0 })
    await here.time.pass(60)
    expect(stateOf(here.moment().twin)).toEqual(stateOf(world.twin))
  })

  test('killed while it closes a kept blue group, goes on to the same end', async () => {
    const moments: Moment[] = []
    const first = await scene(world, swapNodeGroup, () => {
      if (JSON.stringify(first.messages.slice(-4)).includes('swap/web/keep')) moments.push(first.moment())
    })
    const { run } = await first.execute(await first.plan({ ...swap, soak: 0, keepBlue: true }))
    const end = stateOf(first.moment().twin)
    expect(moments.length).toBeGreaterThan(8)
    for (const moment of moments) {
      const next = await scene(moment, swapNodeGroup)
      expect(await next.resume(run)).toMatchObject({ state: 'done', exit: 0 })
      expect(stateOf(next.moment().twin)).toEqual(end)
      expect(twice(next)).toEqual([])
    }
  })

  test('a later plan leaves a kept group alone and says so', async () => {
    const here = await scene(world, swapNodeGroup)
    await here.execute(await here.plan({ ...swap, keepBlue: true, soak: 0 }))
    const later = await scene(here.moment(), upgradeCluster)
    const plan = await later.plan({ cluster: 'small', to: '1.33' })
    expect(plan.steps.filter(({ id }) => id.endsWith('/drain')).map(({ title }) => title)).toEqual([
      'Drain node group data',
      expect.stringMatching(/^Drain node group web-1-32-\w{4}$/),
    ])
    expect(plan.findings.filter(({ code }) => code === 'DP-034')).toMatchObject([
      { object: 'node group web' },
    ])
  })

  test('does not delete blue when a pod came back to it during the soak', async () => {
    let come: (() => Promise<void>) | undefined
    const here = await scene(world, swapNodeGroup, (label) => {
      const soaking = here.messages.at(-1)
      if (label !== 'before journal write' || soaking?.code !== 'M010') return
      if (soaking.data?.['step'] !== 'swap/web/soak') return
      void come?.()
      come = undefined
    })
    const plan = await here.plan(swap)
    const call = await outsider(here)
    const [node] = nodesOf(here, 'web')
    come = () =>
      call('POST', '/api/v1/namespaces/shop/pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'came-back', namespace: 'shop' },
        spec: {
          nodeName: node?.metadata.name,
          containers: [{ name: 'c', image: 'registry.example.com/shop/cart:1.0.0' }],
        },
      })
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({
      state: 'stopped',
      exit: 3,
      error: { code: 'R010', message: expect.stringContaining('pod shop/came-back') },
    })
    expect(nodesOf(here, 'web')).toHaveLength(2)
    expect(nodesOf(here, 'web').filter(isCordoned)).toEqual([])
    expect(await here.resume(outcome.run)).toMatchObject({ state: 'done' })
    expect(nodesOf(here, 'web')).toEqual([])
  })

  test('stops cluster-autoscaler while it works and gives it back', async () => {
    const with_ = await small(withManifests(clusterAutoscaler))
    const here = await scene(with_, swapNodeGroup)
    const replicas = () =>
      objects(here, 'deployments.apps')
        .filter(({ metadata }) => metadata.name === 'cluster-autoscaler')
        .map(({ spec }) =>
          typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'replicas') : undefined,
        )
    expect(await here.execute(await here.plan(swap))).toMatchObject({ state: 'done' })
    const scaled = here.twin.calls.filter(({ parameters }) => parameters['name'] === 'cluster-autoscaler')
    expect(scaled).toHaveLength(2)
    expect(replicas()).toEqual([1])
  })
})

describe('upgrade-cluster', () => {
  test('undone before any node went takes control plane, add-ons and green back', async () => {
    const { outcome, here } = await stoppedAt(
      { cluster: 'small', to: '1.33' },
      { runbook: upgradeCluster, at: /^after .*\/eviction/ },
    )
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4 })
    expect(await here.undo(outcome.run)).toMatchObject({ state: 'undone', exit: 0 })
    await here.time.pass(60)
    expect(stateOf(here.moment().twin)).toEqual(stateOf(world.twin))
    expect(twice(here)).toEqual([])
  })

  test('undone in the second hop stops where the first hop deleted blue, and takes the second back', async () => {
    const { outcome, here } = await stoppedAt(
      { cluster: 'small', to: '1.34', soak: 0 },
      { runbook: upgradeCluster, at: /^after .*node-groups$/, count: 3 },
    )
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4 })
    const undone = await here.undo(outcome.run)
    expect(undone).toMatchObject({ state: 'partly-undone', exit: 3, error: { code: 'R025' } })
    const [cluster] = stateOf(here.moment().twin).eks
    expect(cluster).toMatchObject({ version: '1.33', status: 'ACTIVE' })
    expect(cluster?.nodegroups.map(({ nodegroupName }) => nodegroupName)).toEqual([
      expect.stringMatching(/^data-1-33-/),
      expect.stringMatching(/^web-1-33-/),
    ])
    expect(cluster?.addons.map(({ addonVersion }) => addonVersion)).toEqual([
      'v1.12.3-eksbuild.1',
      'v1.33.5-eksbuild.2',
      'v1.20.5-eksbuild.1',
    ])
  })

  test('that kept every blue group goes back hop by hop, to the last control plane that EKS takes back', async () => {
    const here = await scene(world, upgradeCluster)
    const outcome = await here.execute(
      await here.plan({ cluster: 'small', to: '1.34', soak: 0, keepBlue: true }),
    )
    expect(outcome).toMatchObject({ state: 'done' })
    expect(await here.undo(outcome.run)).toMatchObject({
      state: 'partly-undone',
      error: { code: 'R025', message: expect.stringContaining('control plane back by one minor only') },
    })
    await here.time.pass(60)
    const [before, after] = [stateOf(world.twin), stateOf(here.moment().twin)]
    expect(after.eks).toEqual(before.eks.map((cluster) => ({ ...cluster, version: '1.33' })))
    expect(after.suspended).toEqual([])
    expect(after.kubernetes[0]?.workloads).toEqual(before.kubernetes[0]?.workloads)
    expect(after.kubernetes[0]?.nodes).toEqual(before.kubernetes[0]?.nodes)
  })
})
