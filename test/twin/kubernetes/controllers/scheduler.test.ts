import { expect, test } from 'vitest'
import { fields, items, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import { barePod, conditionOf, openCluster, workload, type Opened } from './cluster-fixture.ts'

const nodeOf = (pod: KubeObject | undefined) => textAt(pod, 'spec', 'nodeName')

const why = (pod: KubeObject | undefined) =>
  textAt(
    items(fields(pod?.['status'])['conditions']).find((one) => textAt(one, 'type') === 'PodScheduled'),
    'message',
  )

const requests = (cpu: string, memory = '0') => ({
  containers: [{ name: 'main', image: 'main:1', resources: { requests: { cpu, memory } } }],
})

const placed = async (
  spec: object,
  nodes: readonly (readonly [string, string])[] = [['n1', 'eu-west-1a']],
) => {
  const world = await openCluster({ nodes })
  await world.apply([barePod('lone', spec)])
  return { world, lone: world.pod('lone') }
}

const required = (key: string, operator: string, values?: readonly string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] }],
      },
    },
  },
})

test.each([
  ['requests that fit', requests('1900m', '6Gi')],
  ['a node selector that matches', { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-west-1a' } }],
  ['a required affinity that holds', required('topology.kubernetes.io/zone', 'In', ['eu-west-1a'])],
  ['a required affinity to the absence of a label', required('gpu', 'DoesNotExist')],
])('a pod with %s runs', async (_, spec) => {
  const { lone } = await placed(spec)
  expect([nodeOf(lone), conditionOf(lone, 'Ready')]).toEqual(['n1', 'True'])
})

test.each([
  ['too much cpu', requests('1931m'), 'Insufficient cpu'],
  ['too much memory', requests('1m', '8Gi'), 'Insufficient memory'],
  [
    'another node selector',
    { nodeSelector: { disk: 'ssd' } },
    "node(s) didn't match Pod's node affinity/selector",
  ],
  [
    'a required affinity that does not hold',
    required('topology.kubernetes.io/zone', 'NotIn', ['eu-west-1a']),
    "node(s) didn't match Pod's node affinity/selector",
  ],
])('a pod with %s waits and says why', async (_, spec, reason) => {
  const { lone, world } = await placed(spec)
  expect(nodeOf(lone)).toBe('')
  expect(why(lone)).toBe(`0/1 nodes are available: 1 ${reason}.`)
  const events = world.cluster.storage
    .list('events')
    .filter((event) => event['reason'] === 'FailedScheduling')
  expect(events).toHaveLength(1)
})

test('without a node, the message says so', async () => {
  const { lone } = await placed({}, [])
  expect(why(lone)).toBe('no nodes available to schedule pods')
})

test('a waiting pod is placed as soon as a node fits', async () => {
  const { world } = await placed(requests('1500m'), [])
  await world.join('n2', 'eu-west-1b')
  await world.time.pass(30)
  expect(nodeOf(world.pod('lone'))).toBe('n2')
})

test('a waiting pod takes the room that an ended one leaves', async () => {
  const world = await openCluster({ nodes: [['n1', 'eu-west-1a']] })
  await world.apply([barePod('first', requests('1500m'))])
  await world.apply([barePod('second', requests('1500m'))])
  const first = world.pod('first')
  if (!first) throw new Error('no pod')
  expect(nodeOf(world.pod('second'))).toBe('')
  world.cluster.storage.update('pods', {
    ...first,
    status: { ...fields(first['status']), phase: 'Succeeded' },
  })
  await world.time.pass(10)
  expect(nodeOf(world.pod('second'))).toBe('n1')
})

test('the pod of higher priority gets the room', async () => {
  const world = await openCluster({ nodes: [] })
  const big = requests('1500m')
  await world.apply([
    barePod('a-low', big),
    barePod('z-high', { ...big, priorityClassName: 'system-cluster-critical' }),
  ])
  await world.join('n1', 'eu-west-1a')
  await world.time.pass(30)
  expect([nodeOf(world.pod('a-low')), nodeOf(world.pod('z-high'))]).toEqual(['', 'n1'])
})

const cordonAll = async ({ cluster }: Opened) => {
  for (const name of ['n1', 'n2', 'n3']) await cluster.cordonNode(name, {})
}

test('nothing new comes to a cordoned node but what tolerates it', async () => {
  const world = await openCluster()
  await cordonAll(world)
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }]
  await world.apply([barePod('plain'), barePod('tolerant', { tolerations })])
  expect(why(world.pod('plain'))).toBe('0/3 nodes are available: 3 node(s) were unschedulable.')
  expect(nodeOf(world.pod('tolerant'))).not.toBe('')
})

const apart = (topologyKey: string) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey, labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  },
})

test('pods that must be apart share no node; the one too many waits', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 4 }, apart('kubernetes.io/hostname'))])
  expect(world.pods().map(nodeOf).toSorted()).toEqual(['', 'n1', 'n2', 'n3'])
})

test('a pod that must be near another waits for it and then joins it', async () => {
  const world = await openCluster()
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } }
  const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  await world.apply([barePod('a-guest', { affinity }), barePod('host', {}, { app: 'db' })])
  expect(nodeOf(world.pod('a-guest'))).toBe(nodeOf(world.pod('host')))
  expect(nodeOf(world.pod('a-guest'))).not.toBe('')
})

const spread = (whenUnsatisfiable: string) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable,
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
})

test.each([
  ['DoNotSchedule', 3],
  ['ScheduleAnyway', 4],
])('with one zone of two closed, spread by %s places %i of four pods', async (how, running) => {
  const world = await openCluster({
    nodes: [
      ['n1', 'eu-west-1a'],
      ['n2', 'eu-west-1b'],
    ],
  })
  await world.apply([workload('Deployment', 'web', { replicas: 2 }, spread(how))])
  await world.cluster.cordonNode('n2', {})
  await world.apply([workload('Deployment', 'web', { replicas: 4 }, spread(how))])
  const placedPods = world.pods().filter((pod) => nodeOf(pod) !== '')
  expect(placedPods).toHaveLength(running)
})

const inZone = (zone: string) => ({
  weight: 100,
  preference: { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] },
})

test('a preferred zone is taken while it has room, and left when it has not', async () => {
  const world = await openCluster()
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [inZone('eu-west-1c')] },
  }
  await world.apply([barePod('first', { affinity, ...requests('1500m') })])
  await world.apply([barePod('second', { affinity, ...requests('1500m') })])
  expect(nodeOf(world.pod('first'))).toBe('n3')
  expect(['n1', 'n2']).toContain(nodeOf(world.pod('second')))
})

test('pods that would rather be apart are, and share a node when there is no other', async () => {
  const world = await openCluster({
    nodes: [
      ['n1', 'eu-west-1a'],
      ['n2', 'eu-west-1a'],
    ],
  })
  const podAffinityTerm = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { app: 'web' } },
  }
  const preferred = [{ weight: 100, podAffinityTerm }]
  const affinity = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } }
  for (const name of ['a', 'b', 'c']) await world.apply([barePod(name, { affinity }, { app: 'web' })])
  const homes = ['a', 'b', 'c'].map((name) => nodeOf(world.pod(name)))
  expect(new Set(homes.slice(0, 2)).size).toBe(2)
  expect(['n1', 'n2']).toContain(homes[2])
})

test('a node with PreferNoSchedule is the last choice', async () => {
  const world = await openCluster({
    nodes: [
      ['n1', 'eu-west-1a'],
      ['n2', 'eu-west-1b'],
    ],
  })
  const node = world.node('n1')
  const taints = [{ key: 'old', effect: 'PreferNoSchedule' }]
  world.cluster.storage.update('nodes', { ...node, spec: { ...fields(node['spec']), taints } })
  await world.apply([barePod('first', requests('1500m'))])
  await world.apply([barePod('second', requests('1500m'))])
  expect(['first', 'second'].map((name) => nodeOf(world.pod(name)))).toEqual(['n2', 'n1'])
})
