import { expect, test } from 'vitest'
import { strikeFrom, faultState } from '../../../lib/twin/fault-board.ts'
import type { Fault } from '../../../lib/twin/faults.ts'
import { addOnManifests } from '../../../lib/twin/kubernetes/add-ons/add-on-manifests.ts'
import { at, numberAt, textAt } from '../../../lib/twin/kubernetes/api/reading.ts'
import { evictPod } from '../../../lib/twin/kubernetes/api/evict.ts'
import {
  applyManifests,
  clusterTasks,
  createEmulatedCluster,
  emptyEmulated,
} from '../../../lib/twin/kubernetes/emulated-cluster.ts'
import type { KubeObject } from '../../../lib/twin/kubernetes/cluster-twin.ts'
import { seededRandom } from '../../../lib/runbook/random.ts'
import { createVirtualTime } from '../../../lib/twin/virtual-time.ts'
import { nodeOf } from './node-fixture.ts'

const open = (faults: readonly Fault[] = []) => {
  const time = createVirtualTime(Date.parse('2026-09-23T07:00:00Z'))
  const cluster = createEmulatedCluster({
    state: emptyEmulated('1.33'),
    timeline: time.timeline,
    authenticate: () => undefined,
    strike: strikeFrom(faultState(faults)),
    recorder: () => {},
    clusterName: 'shop',
    clusterId: 'shop-id',
    random: seededRandom(7),
    region: 'eu-west-1',
    address: () => ({ endpoint: 'https://127.0.0.1:1', certificateAuthority: '' }),
    workloads: {},
  })
  time.handle({ ...cluster.api.tasks, ...clusterTasks(() => cluster) })
  return { time, cluster }
}

const join = (
  cluster: ReturnType<typeof open>['cluster'],
  name: string,
  zone = 'eu-west-1a',
  cpu = '1930m',
) =>
  cluster.joinNode(
    nodeOf({
      name,
      zone,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      allocatableCpu: cpu,
    }),
  )

const app = (kind: string, name: string, more: object = {}, pod: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, image: `${name}:1`, resources: { requests: { cpu: '100m' } } }], ...pod },
    },
    ...more,
  },
})

const budget = (name: string, spec: object): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { app: name } }, ...spec },
})

const started = async (objects: readonly KubeObject[], faults: readonly Fault[] = []) => {
  const world = open(faults)
  for (const [name, zone] of [
    ['n1', 'eu-west-1a'],
    ['n2', 'eu-west-1b'],
    ['n3', 'eu-west-1c'],
  ] as const)
    await join(world.cluster, name, zone)
  expect(applyManifests(world.cluster, objects)).toEqual([])
  await world.time.pass(120)
  const pods = () => world.cluster.storage.list('pods', 'default')
  return { ...world, pods }
}

test('a Deployment becomes Ready, spread over the zones', async () => {
  const object = app('Deployment', 'web', { replicas: 3 })
  const { cluster, pods } = await started([object])
  expect(await cluster.rolledOut([object])).toBe(true)
  expect(new Set(pods().map((pod) => textAt(pod, 'spec', 'nodeName'))).size).toBe(3)
})

test('a pod that asks for more than any node has stays pending, with the reason', async () => {
  const object = app('Deployment', 'big', { replicas: 1 }, { nodeSelector: { tier: 'none' } })
  const { cluster, pods } = await started([object])
  expect(await cluster.rolledOut([object])).toBe(false)
  expect(JSON.stringify(pods()[0])).toContain(
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
  )
})

test('a new image rolls out without going below what maxUnavailable leaves', async () => {
  const { cluster, time, pods } = await started([app('Deployment', 'web', { replicas: 4 })])
  let least = 4
  cluster.storage.onChange(() => {
    const ready = pods().filter(
      (pod) =>
        JSON.stringify(pod).includes('"type":"Ready","status":"True"') &&
        pod.metadata.deletionTimestamp === undefined,
    )
    least = Math.min(least, ready.length)
  })
  const next = app('Deployment', 'web', { replicas: 4 }, { containers: [{ name: 'web', image: 'web:2' }] })
  applyManifests(cluster, [next])
  await time.pass(300)
  expect(await cluster.rolledOut([next])).toBe(true)
  expect(least).toBe(3)
  expect(pods().map((pod) => textAt((at(pod, 'spec', 'containers') as unknown[])[0], 'image'))).toEqual(
    Array(4).fill('web:2'),
  )
})

test('a StatefulSet starts in order and its volumes stay in their zones', async () => {
  const claims = [
    {
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3',
        resources: { requests: { storage: '1Gi' } },
      },
    },
  ]
  const object = app('StatefulSet', 'db', { replicas: 3, serviceName: 'db', volumeClaimTemplates: claims })
  const { cluster, pods, time } = await started([object])
  expect(await cluster.rolledOut([object])).toBe(true)
  const home = textAt(pods()[0], 'spec', 'nodeName')
  await cluster.removeNode(home)
  await time.pass(120)
  expect(textAt(cluster.storage.get('pods', 'default', 'db-0'), 'status', 'phase')).toBe('Pending')
})

test('a DaemonSet runs on each node, cordoned ones too, and follows new nodes', async () => {
  const { cluster, pods, time } = await started([app('DaemonSet', 'agent')])
  expect(pods()).toHaveLength(3)
  await cluster.cordonNode('n1', {})
  await join(cluster, 'n4')
  await time.pass(60)
  expect(pods()).toHaveLength(4)
})

test.each([
  [{ maxUnavailable: '25%' }, 1],
  [{ maxUnavailable: 0 }, 0],
  [{ minAvailable: 2 }, 2],
  [{ minAvailable: '100%' }, 0],
])('a budget of %j over four pods allows %i', async (spec, allowed) => {
  const { cluster } = await started([app('Deployment', 'web', { replicas: 4 }), budget('web', spec)])
  const found = cluster.storage.list('poddisruptionbudgets.policy', 'default')[0]
  expect(numberAt(found, 'status', 'disruptionsAllowed')).toBe(allowed)
})

test('evicting everything as fast as allowed never breaks the minimum of a budget', async () => {
  const { cluster, time, pods } = await started([
    app('Deployment', 'web', { replicas: 4 }),
    budget('web', { minAvailable: 3 }),
  ])
  const healthy = () =>
    pods().filter(
      (pod) =>
        JSON.stringify(pod).includes('"type":"Ready","status":"True"') &&
        pod.metadata.deletionTimestamp === undefined,
    ).length
  const before = new Set(pods().map((pod) => pod.metadata.uid))
  for (let round = 0; round < 60; round += 1) {
    for (const pod of pods().toReversed())
      if (before.has(pod.metadata.uid))
        try {
          evictPod(cluster.api.door, { namespace: 'default', name: pod.metadata.name })
        } catch {
          // refused: the next round tries again
        }
    expect(healthy()).toBeGreaterThanOrEqual(3)
    await time.pass(1)
  }
  expect(pods().filter((pod) => before.has(pod.metadata.uid))).toEqual([])
})

test('the fault budget-never-allows holds a budget at none', async () => {
  const { cluster } = await started(
    [app('Deployment', 'web', { replicas: 4 }), budget('web', { maxUnavailable: 2 })],
    [{ kind: 'budget-never-allows', times: -1 }],
  )
  expect(
    numberAt(cluster.storage.list('poddisruptionbudgets.policy')[0], 'status', 'disruptionsAllowed'),
  ).toBe(0)
})

test('a deleted Deployment takes its sets and pods with it', async () => {
  const object = app('Deployment', 'web', { replicas: 2 })
  const { cluster, time, pods } = await started([object])
  await cluster.removeAddOn([object])
  await time.pass(60)
  expect(pods()).toEqual([])
  expect(cluster.storage.list('replicasets.apps')).toEqual([])
})

test('a pod with a stuck finalizer stays', async () => {
  const { cluster, time, pods } = await started(
    [app('Deployment', 'web', { replicas: 1 })],
    [{ kind: 'stuck-finalizer' }],
  )
  evictPod(cluster.api.door, { namespace: 'default', name: pods()[0]?.metadata.name ?? '' })
  await time.pass(120)
  expect(pods().filter((pod) => pod.metadata.deletionTimestamp !== undefined)).toHaveLength(1)
})

test('the same seed gives the same cluster', async () => {
  const run = async () => {
    const { cluster } = await started([
      app('Deployment', 'web', { replicas: 4 }),
      budget('web', { minAvailable: 3 }),
    ])
    return cluster.state
  }
  expect(await run()).toEqual(await run())
})

test('a snapshot holds the whole state', async () => {
  const { cluster } = await started([app('Deployment', 'web', { replicas: 2 })])
  expect(structuredClone(cluster.state)).toEqual(cluster.state)
})

test.each([
  'vpc-cni',
  'kube-proxy',
  'coredns',
  'aws-ebs-csi-driver',
  'aws-efs-csi-driver',
  'eks-pod-identity-agent',
  'metrics-server',
  'snapshot-controller',
])('the add-on %s becomes Ready and rolls to its next version', async (name) => {
  const { cluster, time } = await started([])
  for (const version of ['v1.0.0-eksbuild.1', 'v1.1.0-eksbuild.1']) {
    const objects = addOnManifests({ name, version, configurationValues: undefined, minor: '1.33' }) ?? []
    expect(objects).not.toEqual([])
    await cluster.applyAddOn(objects)
    expect(await cluster.rolledOut(objects)).toBe(false)
    await time.pass(300)
    expect(await cluster.rolledOut(objects)).toBe(true)
  }
})

test('an unknown add-on has no manifests', () => {
  expect(
    addOnManifests({ name: 'nothing', version: 'v1', configurationValues: undefined, minor: '1.33' }),
  ).toBeUndefined()
})
