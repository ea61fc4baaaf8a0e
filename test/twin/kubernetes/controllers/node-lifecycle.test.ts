import { expect, test } from 'vitest'
import { fields, items, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import { barePod, conditionOf, openCluster, workload, type Opened } from './cluster-fixture.ts'

const taintsOf = ({ node }: Opened, name: string) =>
  items(fields(node(name)['spec'])['taints']).map(
    (taint) => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`,
  )

const report = ({ cluster, node }: Opened, name: string, status: string) => {
  const before = fields(node(name)['status'])
  const conditions = items(before['conditions']).map((one) =>
    textAt(one, 'type') === 'Ready' ? { ...fields(one), status } : one,
  )
  cluster.storage.update('nodes', { ...node(name), status: { ...before, conditions } })
}

const taint = ({ cluster, node }: Opened, name: string, more: object) =>
  cluster.storage.update('nodes', {
    ...node(name),
    spec: { ...fields(node(name)['spec']), taints: [{ key: 'repair', ...more }] },
  })

test('a node carries the not-ready taints until it is Ready', async () => {
  const world = await openCluster({ nodes: [] })
  await world.join('n1', 'eu-west-1a')
  await world.time.pass(5)
  expect(taintsOf(world, 'n1')).toEqual([
    'node.kubernetes.io/not-ready:NoSchedule',
    'node.kubernetes.io/not-ready:NoExecute',
  ])
  await world.time.pass(10)
  expect(taintsOf(world, 'n1')).toEqual([])
  expect(await world.cluster.nodesReady(['n1', 'n2'])).toEqual(['n1'])
})

test('a node that never gets Ready gets no pods', async () => {
  const world = await openCluster({ nodes: [] })
  await world.cluster.joinNode({ ...registration, readyAfterSeconds: undefined })
  await world.apply([barePod('lone')], 600)
  expect(await world.cluster.nodesReady(['n9'])).toEqual([])
  expect(textAt(world.pod('lone'), 'status', 'phase')).toBe('Pending')
})

const registration = {
  name: 'n9',
  instanceId: 'i-9',
  labels: {},
  taints: [],
  providerId: 'aws:///eu-west-1a/i-9',
  kubeletVersion: 'v1.33.4-eks-1a2b3c4',
  osImage: 'Amazon Linux 2023',
  kernelVersion: '6.12',
  containerRuntimeVersion: 'containerd://2.1.5',
  architecture: 'amd64',
  internalIp: '10.0.0.9',
  allocatable: { cpu: '2', memory: '7Gi', pods: '29' },
  capacity: {},
} as const

test('pods of a silent node are not Ready at once and leave after five minutes', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 1 })])
  const [first] = world.pods()
  const home = textAt(first, 'spec', 'nodeName')
  report(world, home, 'Unknown')
  await world.time.pass(200)
  expect(conditionOf(world.pod(first?.metadata.name ?? ''), 'Ready')).toBe('False')
  await world.time.pass(120)
  expect(world.pods().map((pod) => textAt(pod, 'spec', 'nodeName'))).not.toContain(home)
  expect(world.pods()).toHaveLength(1)
})

test('pods of a node that comes back in time stay and are Ready again', async () => {
  const world = await openCluster()
  await world.apply([workload('Deployment', 'web', { replicas: 1 })])
  const [first] = world.pods()
  const home = textAt(first, 'spec', 'nodeName')
  report(world, home, 'Unknown')
  await world.time.pass(200)
  report(world, home, 'True')
  await world.time.pass(400)
  expect(taintsOf(world, home)).toEqual([])
  expect(world.pods().map((pod) => pod.metadata.uid)).toEqual([first?.metadata.uid])
  expect(conditionOf(world.pods()[0], 'Ready')).toBe('True')
})

test('a NoExecute taint drives out pods that do not tolerate it, and no others', async () => {
  const world = await openCluster({ nodes: [['n1', 'eu-west-1a']] })
  const tolerations = [{ key: 'repair', operator: 'Exists' }]
  await world.apply([barePod('meek'), barePod('patient', { tolerations })])
  taint(world, 'n1', { effect: 'NoExecute' })
  await world.time.pass(60)
  expect(world.pods().map((pod) => pod.metadata.name)).toEqual(['patient'])
})

test('a NoSchedule taint drives nobody out', async () => {
  const world = await openCluster({ nodes: [['n1', 'eu-west-1a']] })
  await world.apply([barePod('meek')])
  taint(world, 'n1', { effect: 'NoSchedule' })
  await world.time.pass(60)
  expect(world.pods()).toHaveLength(1)
})

test('tolerationSeconds count from when the taint was added', async () => {
  const world = await openCluster({ nodes: [['n1', 'eu-west-1a']] })
  await world.apply([
    barePod('guest', { tolerations: [{ key: 'repair', operator: 'Exists', tolerationSeconds: 90 }] }),
  ])
  taint(world, 'n1', { effect: 'NoExecute', timeAdded: new Date(world.time.clock.now()).toISOString() })
  await world.time.pass(80)
  expect(world.pods()).toHaveLength(1)
  await world.time.pass(20)
  expect(world.pods()).toEqual([])
})

test('a removed node takes its pods and its lease along', async () => {
  const world = await openCluster()
  await world.apply([workload('DaemonSet', 'agent')])
  await world.cluster.removeNode('n2')
  await world.time.pass(10)
  expect(
    world
      .pods()
      .map((pod) => textAt(pod, 'spec', 'nodeName'))
      .toSorted(),
  ).toEqual(['n1', 'n3'])
  expect(world.cluster.storage.list('leases.coordination.k8s.io').map((one) => one.metadata.name)).toEqual([
    'n1',
    'n3',
  ])
})
