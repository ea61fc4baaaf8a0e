import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { objects, outsider, scene, small, withManifests, clusterAutoscaler } from './small-world.ts'
import { stateOf } from './state.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const swap = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 0 }
const stepOf = ({ messages }: Scene) => messages.findLast(({ code }) => code === 'M010')?.data?.['step']

/** One node cordoned and the group suspended in part, by people, before anything runs. */
const partlyClosed = async (): Promise<Moment> => {
  const here = await scene(world, swapNodeGroup)
  const call = await outsider(here)
  const [bad] = objects(here, 'nodes').filter(
    ({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === 'web',
  )
  await call('PATCH', `/api/v1/nodes/${bad?.metadata.name}`, { spec: { unschedulable: true } })
  const group = await here.time.run(here.target.eks.describeNodeGroup('small', 'web'))
  const [name = ''] = group?.autoScalingGroups ?? []
  await here.time.run(here.target.autoScaling.suspendProcesses(name, ['Launch', 'AZRebalance']))
  return here.moment()
}

describe('undo leaves closed what people had closed before the run', () => {
  test('when the run stopped in its drain', async () => {
    const before = await partlyClosed()
    const stop = new AbortController()
    const tap = (label: string) => (/^after .*\/eviction/.test(label) ? stop.abort() : undefined)
    const options = { runbook: swapNodeGroup, cluster: 'small', tap, signal: stop.signal }
    const first = await openScene(before, options)
    const { run } = await first.execute(await first.plan(swap))
    const here = await scene(first.moment(), swapNodeGroup)
    expect(await here.undo(run)).toMatchObject({ state: 'undone', exit: 0 })
    await here.time.pass(60)
    expect(stateOf(here.moment().twin)).toEqual(stateOf(before.twin))
  })

  test('when the run had kept blue', async () => {
    const before = await partlyClosed()
    const first = await scene(before, swapNodeGroup)
    const { run } = await first.execute(await first.plan({ ...swap, keepBlue: true }))
    const here = await scene(first.moment(), swapNodeGroup)
    expect(await here.undo(run)).toMatchObject({ state: 'undone', exit: 0 })
    const [now, then] = [stateOf(here.moment().twin), stateOf(before.twin)]
    expect(now.suspended).toEqual(then.suspended)
    expect(now.kubernetes[0]?.nodes).toEqual(then.kubernetes[0]?.nodes)
  })
})

describe('the soak begins anew where blue was open in between, stopped', () => {
  const resumed = async (stopsIn: string) => {
    const stop = new AbortController()
    const tap = () => (stepOf(first) === stopsIn ? stop.abort() : undefined)
    const options = { runbook: swapNodeGroup, cluster: 'small', tap, signal: stop.signal }
    const first: Scene = await openScene(world, options)
    const { run } = await first.execute(await first.plan({ ...swap, soak: 60 }))
    const here = await scene(first.moment(), swapNodeGroup)
    expect(here.twin.calls.filter(({ operation }) => operation === 'DeleteNodegroup')).toEqual([])
    await here.time.pass(7200)
    const from = Math.floor(here.time.clock.now())
    expect(await here.resume(run)).toMatchObject({ state: 'done' })
    const deleted = here.twin.calls.find(({ operation }) => operation === 'DeleteNodegroup')?.at ?? ''
    return Date.parse(deleted) - from
  }

  test('in the soak', async () => {
    expect(await resumed('swap/web/soak')).toBeGreaterThanOrEqual(3600_000)
  })

  test('after it, before blue is deleted', async () => {
    expect(await resumed('swap/web/delete')).toBeGreaterThanOrEqual(3600_000)
  })
})

test('cluster-autoscaler stands still only while a node group is swapped', async () => {
  const seen: unknown[] = []
  const here = await scene(await small(withManifests(clusterAutoscaler)), upgradeCluster, () => {
    const found = objects(here, 'deployments.apps').find(
      ({ metadata }) => metadata.name === 'cluster-autoscaler',
    )
    const spec = found?.['spec']
    const replicas: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'replicas') : 0
    if (seen.at(-1) !== replicas) seen.push(replicas)
  })
  const plan = await here.plan({ cluster: 'small', to: '1.33', soak: 0 })
  expect(await here.execute(plan)).toMatchObject({ state: 'done' })
  expect(seen).toEqual([1, 0, 1, 0, 1])
})
