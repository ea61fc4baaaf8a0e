import { expect, test } from 'vitest'
import { seededRandom } from '../../../../lib/runbook/random.ts'
import { evictPod } from '../../../../lib/twin/kubernetes/api/evict.ts'
import { fields, items, numberAt, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import { StatusError } from '../../../../lib/twin/kubernetes/api/status-error.ts'
import type { Fault } from '../../../../lib/twin/faults.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import { barePod, conditionOf, openCluster, workload, type Opened } from './cluster-fixture.ts'

const budget = (spec: object, name = 'web'): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
})

const statusOf = ({ cluster }: Opened, name = 'web') =>
  fields(cluster.storage.get('poddisruptionbudgets.policy', 'default', name)?.['status'])

const evict = ({ cluster }: Opened, name: string): boolean => {
  try {
    evictPod(cluster.api.door, { namespace: 'default', name })
    return true
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 429) return false
    throw error
  }
}

const healthy = ({ pods }: Opened) =>
  pods().filter((pod) => pod.metadata.deletionTimestamp === undefined && conditionOf(pod, 'Ready') === 'True')
    .length

test('percentages are of the replicas asked for, not of the pods there are', async () => {
  const world = await openCluster({ nodes: [['n1', 'eu-west-1a']] })
  const containers = [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '400m' } } }]
  await world.apply([
    workload('Deployment', 'web', { replicas: 10 }, { containers }),
    budget({ minAvailable: '50%' }),
  ])
  expect(statusOf(world)).toMatchObject({
    expectedPods: 10,
    desiredHealthy: 5,
    currentHealthy: 4,
    disruptionsAllowed: 0,
  })
})

test('a whole number for minAvailable needs no owner; pods of nobody count', async () => {
  const world = await openCluster()
  await world.apply([
    ...['a', 'b'].map((name) => barePod(name, {}, { app: 'web' })),
    budget({ minAvailable: 1 }),
  ])
  expect(statusOf(world)).toMatchObject({ expectedPods: 2, currentHealthy: 2, disruptionsAllowed: 1 })
})

test('a percentage over the pods of a DaemonSet cannot be counted and allows nothing', async () => {
  const world = await openCluster()
  await world.apply([workload('DaemonSet', 'web'), budget({ maxUnavailable: '50%' })])
  const condition = items(statusOf(world)['conditions'])[0]
  expect(statusOf(world)).toMatchObject({ disruptionsAllowed: 0 })
  expect(textAt(condition, 'reason')).toBe('SyncFailed')
  expect(textAt(condition, 'message')).toContain('found no controllers for pod')
})

test('a budget over no pods allows nothing', async () => {
  const world = await openCluster()
  await world.apply([budget({ maxUnavailable: 1 })])
  expect(statusOf(world)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0, observedGeneration: 1 })
})

test('an eviction counts at once, before the controller has looked', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 3 }), budget({ maxUnavailable: 1 })])
  const [first, second] = world.pods().map((pod) => pod.metadata.name)
  expect([evict(world, first ?? ''), evict(world, second ?? '')]).toEqual([true, false])
})

test('the replacement frees the budget only when it is Ready', async () => {
  const world = await openCluster({ workloads: { 'default/web': { pull: 5, ready: 30 } } })
  await world.apply([workload('Deployment', 'web', { replicas: 2 }), budget({ maxUnavailable: 1 })])
  evict(world, world.pods()[0]?.metadata.name ?? '')
  await world.time.pass(20)
  expect(statusOf(world)).toMatchObject({ disruptionsAllowed: 0 })
  await world.time.pass(30)
  expect(statusOf(world)).toMatchObject({ disruptionsAllowed: 1 })
})

test('a changed budget is counted again and says for which generation', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 3 }), budget({ maxUnavailable: 1 })])
  await world.apply([budget({ maxUnavailable: 2 })], 5)
  expect(statusOf(world)).toMatchObject({ observedGeneration: 2, disruptionsAllowed: 2 })
})

test('an eviction that never took the pod away is forgotten after two minutes', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 3 }), budget({ maxUnavailable: 1 })])
  const stored = world.cluster.storage.get('poddisruptionbudgets.policy', 'default', 'web')
  const name = world.pods()[0]?.metadata.name ?? ''
  const disruptedPods = { [name]: new Date(world.time.clock.now()).toISOString() }
  if (!stored) throw new Error('no budget')
  const status = { ...fields(stored['status']), disruptedPods, disruptionsAllowed: 0 }
  world.cluster.storage.update('poddisruptionbudgets.policy', { ...stored, status })
  await world.time.pass(60)
  expect(statusOf(world)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0 })
  await world.time.pass(65)
  expect(statusOf(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 })
})

test('a fault that is put in holds a budget once it is counted again, and lets go when it is taken out', async () => {
  const faults: Fault[] = []
  const world = await openCluster({ strike: (kind) => faults.find((fault) => fault.kind === kind) })
  await world.apply([workload('Deployment', 'web', { replicas: 3 }), budget({ maxUnavailable: 1 })])
  faults.push({ kind: 'budget-never-allows', times: -1 })
  world.cluster.recountBudgets()
  await world.time.pass(1)
  expect(statusOf(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 0 })
  expect(evict(world, world.pods()[0]?.metadata.name ?? '')).toBe(false)
  faults.pop()
  world.cluster.recountBudgets()
  await world.time.pass(1)
  expect(statusOf(world)).toMatchObject({ disruptionsAllowed: 1 })
})

const specs = [
  { minAvailable: 3 },
  { minAvailable: '60%' },
  { maxUnavailable: 2 },
  { maxUnavailable: '30%' },
] as const

test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
  'whatever is evicted in whatever order, the minimum of a budget holds (seed %i)',
  async (seed) => {
    const random = seededRandom(seed)
    const world = await openCluster({ workloads: { '*': { ready: 1 + Math.floor(random() * 20) } } })
    const spec = specs[seed % specs.length] ?? specs[0]
    await world.apply([workload('Deployment', 'web', { replicas: 5 }), budget(spec)])
    const least = numberAt(statusOf(world), 'desiredHealthy') ?? 0
    let evicted = 0
    for (let round = 0; round < 80; round += 1) {
      const pods = world.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined)
      const pod = pods[Math.floor(random() * pods.length)]
      if (pod && evict(world, pod.metadata.name)) evicted += 1
      expect(healthy(world)).toBeGreaterThanOrEqual(least)
      await world.time.pass(random() * 3)
    }
    expect(evicted).toBeGreaterThan(5)
  },
)
