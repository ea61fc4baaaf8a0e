import { expect, test } from 'vitest'
import { randomFrom } from '../../../../lib/runbook/random.ts'
import { textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import {
  applyManifests,
  clusterTasks,
  createEmulatedCluster,
  emptyEmulated,
  type EmulatedCluster,
  type EmulatedState,
} from '../../../../lib/twin/kubernetes/emulated-cluster.ts'
import { emptyTimeline } from '../../../../lib/twin/task-queue.ts'
import type { TimelineState } from '../../../../lib/twin/timeline.ts'
import { createVirtualTime } from '../../../../lib/twin/virtual-time.ts'
import { workload } from './cluster-fixture.ts'
import { nodeOf } from '../node-fixture.ts'

interface Whole {
  readonly clusters: Map<string, EmulatedState>
  readonly timeline: TimelineState
  readonly chance: { seed: number }
}

const fresh = (...ids: readonly string[]): Whole => ({
  clusters: new Map(ids.map((id) => [id, emptyEmulated('1.33')])),
  timeline: emptyTimeline(Date.parse('2026-09-23T07:00:00Z')),
  chance: { seed: 11 },
})

/** Goes on from a whole state, which it changes in place. */
const resume = (whole: Whole) => {
  const time = createVirtualTime(whole.timeline)
  const open = new Map<string, EmulatedCluster>()
  for (const [id, state] of whole.clusters)
    open.set(
      id,
      createEmulatedCluster({
        state,
        timeline: time.timeline,
        random: randomFrom(whole.chance),
        authenticate: () => undefined,
        strike: () => undefined,
        recorder: () => {},
        clusterName: id,
        clusterId: id,
        region: 'eu-west-1',
        address: () => ({ endpoint: 'https://127.0.0.1:1', certificateAuthority: '' }),
        workloads: { '*': { ready: 7 } },
      }),
    )
  time.handle(clusterTasks((id) => open.get(id)))
  const get = (id: string) => {
    const found = open.get(id)
    if (!found) throw new Error(`no cluster ${id}`)
    return found
  }
  return { time, get }
}

const join = (cluster: EmulatedCluster, name: string) =>
  cluster.joinNode(nodeOf({ name, zone: 'eu-west-1a', allocatableCpu: '4', cpu: '4' }))

const web = (tag: string) =>
  workload('Deployment', 'web', { replicas: 6 }, { containers: [{ name: 'web', image: `web:${tag}` }] })
const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
}

test.each([0, 1, 4, 9, 13.5, 21, 40])(
  'a copy of the state taken %d seconds into a rollout goes on as the original does',
  async (seconds) => {
    const whole = fresh('shop')
    const { time, get } = resume(whole)
    for (const name of ['n1', 'n2', 'n3']) await join(get('shop'), name)
    await time.pass(30)
    applyManifests(get('shop'), [web('1'), budget])
    await time.pass(60)
    applyManifests(get('shop'), [web('2')])
    await time.pass(seconds)
    const copy = structuredClone(whole)
    await time.pass(100)
    const fork = resume(copy)
    await fork.time.pass(100)
    expect(copy).toEqual(whole)
    expect(await fork.get('shop').rolledOut([web('2')])).toBe(true)
  },
)

test('clusters on one timeline keep to themselves', async () => {
  const whole = fresh('one', 'two')
  const { time, get } = resume(whole)
  for (const id of ['one', 'two']) await join(get(id), `n-${id}`)
  await time.pass(30)
  applyManifests(get('one'), [web('1')])
  applyManifests(get('two'), [workload('Deployment', 'web', { replicas: 2 })])
  await time.pass(60)
  const homes = (id: string) =>
    get(id)
      .storage.list('pods')
      .map((pod) => textAt(pod, 'spec', 'nodeName'))
  expect(homes('one')).toEqual(Array.from({ length: 6 }, () => 'n-one'))
  expect(homes('two')).toEqual(Array.from({ length: 2 }, () => 'n-two'))
  const uids = ['one', 'two'].flatMap((id) =>
    get(id)
      .storage.list('pods')
      .map((pod) => pod.metadata.uid),
  )
  expect(new Set(uids).size).toBe(8)
})

test('tasks of a cluster that is gone do nothing', async () => {
  const whole = fresh('shop')
  const { get, time } = resume(whole)
  await join(get('shop'), 'n1')
  whole.clusters.delete('shop')
  time.handle(clusterTasks(() => undefined))
  await time.pass(30)
  expect(await get('shop').nodesReady(['n1'])).toEqual([])
})
