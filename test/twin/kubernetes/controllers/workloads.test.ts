import { expect, test } from 'vitest'
import { at, fields, items, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import { barePod, conditionOf, openCluster, workload, type Opened } from './cluster-fixture.ts'

const image = (pod: KubeObject | undefined) => textAt(items(at(pod, 'spec', 'containers'))[0], 'image')
const images = ({ pods }: Opened) => [...new Set(pods().map(image))]
const webAt = (tag: string, spec: object = {}) =>
  workload(
    'Deployment',
    'web',
    { replicas: 4, ...spec },
    { containers: [{ name: 'web', image: `web:${tag}` }] },
  )

/** Follows how many pods there are, and how many of them are Ready, while something happens. */
const watched = (world: Opened) => {
  const seen = { fewestReady: Infinity, most: 0, mixed: false }
  world.cluster.storage.onChange(({ resource }) => {
    if (resource !== 'pods') return
    const live = world.pods().filter((pod) => pod.metadata.deletionTimestamp === undefined)
    seen.fewestReady = Math.min(
      seen.fewestReady,
      live.filter((pod) => conditionOf(pod, 'Ready') === 'True').length,
    )
    seen.most = Math.max(seen.most, live.length)
    seen.mixed ||= images(world).length > 1
  })
  return seen
}

test.each([
  ['25%', '25%', 3, 5],
  [0, 1, 4, 5],
  [1, 0, 3, 4],
  ['50%', 0, 2, 4],
])(
  'a rollout with maxUnavailable %s and maxSurge %s keeps between %i Ready and %i in all',
  async (maxUnavailable, maxSurge, least, most) => {
    const world = await openCluster()
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } }
    await world.apply([webAt('1', { strategy })])
    const seen = watched(world)
    await world.apply([webAt('2', { strategy })], 300)
    expect(images(world)).toEqual(['web:2'])
    expect([seen.fewestReady, seen.most]).toEqual([least, most])
  },
)

test('Recreate never runs both templates', async () => {
  const world = await openCluster()
  const strategy = { type: 'Recreate' }
  await world.apply([webAt('1', { strategy })])
  const seen = watched(world)
  await world.apply([webAt('2', { strategy })], 120)
  expect([images(world), seen.mixed]).toEqual([['web:2'], false])
})

test('an image that does not come up leaves the old pods serving', async () => {
  const faults = [{ kind: 'slow-pull', match: { object: 'web:2' }, times: -1, seconds: 100_000 }] as const
  const world = await openCluster({ faults })
  await world.apply([webAt('1')])
  await world.apply([webAt('2')], 300)
  const stored = world.cluster.storage.get('deployments.apps', 'default', 'web')
  expect(await world.cluster.rolledOut([webAt('2')])).toBe(false)
  expect(world.pods().filter((pod) => image(pod) === 'web:1')).toHaveLength(3)
  expect(conditionOf(stored, 'Available')).toBe('True')
})

test.each([
  [90, 'True', 'ReplicaSetUpdated'],
  [110, 'False', 'ProgressDeadlineExceeded'],
])(
  'a rollout that has not moved for %d seconds of its 100 has Progressing %s (%s)',
  async (seconds, status, reason) => {
    const faults = [{ kind: 'slow-pull', match: { object: 'web:2' }, times: -1, seconds: 1000 }] as const
    const world = await openCluster({ faults })
    await world.apply([webAt('1', { progressDeadlineSeconds: 100 })])
    await world.apply([webAt('2', { progressDeadlineSeconds: 100 })], seconds)
    const progressing = () => {
      const stored = world.cluster.storage.get('deployments.apps', 'default', 'web')
      const found = items(at(stored, 'status', 'conditions')).find(
        (one) => textAt(one, 'type') === 'Progressing',
      )
      return [textAt(found, 'status'), textAt(found, 'reason')]
    }
    expect(progressing()).toEqual([status, reason])
    await world.time.pass(5000)
    expect(progressing()).toEqual(['True', 'NewReplicaSetAvailable'])
  },
)

test('a claim that names a volume of another zone keeps its pod there, and is bound', async () => {
  const world = await openCluster()
  const zone = { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['eu-west-1c'] }
  await world.apply([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'old-disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'disk', namespace: 'default' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: '',
        volumeName: 'old-disk',
        resources: { requests: { storage: '1Gi' } },
      },
    },
    barePod('lone', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'disk' } }] }),
  ])
  expect(textAt(world.pod('lone'), 'spec', 'nodeName')).toBe('n3')
  const claim = world.cluster.storage.get('persistentvolumeclaims', 'default', 'disk')
  expect(textAt(claim, 'status', 'phase')).toBe('Bound')
})

test('going back takes the old ReplicaSet up again, with a new revision', async () => {
  const world = await openCluster()
  await world.apply([webAt('1')])
  await world.apply([webAt('2')], 120)
  await world.apply([webAt('1')], 120)
  const sets = world.cluster.storage.list('replicasets.apps')
  expect(sets).toHaveLength(2)
  const revision = world.cluster.storage.get('deployments.apps', 'default', 'web')?.metadata.annotations
  expect(revision?.['deployment.kubernetes.io/revision']).toBe('3')
  expect(images(world)).toEqual(['web:1'])
})

test('no more old ReplicaSets are kept than revisionHistoryLimit', async () => {
  const world = await openCluster()
  for (const tag of ['1', '2', '3', '4']) await world.apply([webAt(tag, { revisionHistoryLimit: 1 })], 120)
  expect(world.cluster.storage.list('replicasets.apps')).toHaveLength(2)
})

test('scaling writes no new revision', async () => {
  const world = await openCluster()
  await world.apply([webAt('1')])
  await world.apply([webAt('1', { replicas: 6 })])
  expect([world.pods().length, world.cluster.storage.list('replicasets.apps').length]).toEqual([6, 1])
  await world.apply([webAt('1', { replicas: 0 })])
  expect(world.pods()).toEqual([])
})

const database = (tag: string, spec: object = {}) =>
  workload(
    'StatefulSet',
    'db',
    {
      replicas: 3,
      serviceName: 'db',
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'gp3',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
      ...spec,
    },
    { containers: [{ name: 'db', image: `db:${tag}` }] },
  )

test('a StatefulSet rolls from the last member to the first, one at a time, on its own volumes', async () => {
  const world = await openCluster()
  await world.apply([database('1')], 120)
  const volumes = () =>
    world.cluster.storage.list('persistentvolumeclaims').map((claim) => textAt(claim, 'spec', 'volumeName'))
  const before = volumes()
  const homes = world.pods().map((pod) => textAt(pod, 'spec', 'nodeName'))
  const order: string[] = []
  world.cluster.storage.onChange(({ resource, type, object }) => {
    if (resource === 'pods' && type === 'ADDED') order.push(object.metadata.name)
  })
  await world.apply([database('2')], 200)
  expect(order).toEqual(['db-2', 'db-1', 'db-0'])
  expect([images(world), volumes()]).toEqual([['db:2'], before])
  expect(world.pods().map((pod) => textAt(pod, 'spec', 'nodeName'))).toEqual(homes)
})

test('a partition holds the members below it back', async () => {
  const world = await openCluster()
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
  await world.apply([database('1', { updateStrategy })], 120)
  await world.apply([database('2', { updateStrategy })], 120)
  expect(world.pods().map(image)).toEqual(['db:1', 'db:1', 'db:2'])
})

test('a claim is bound to a volume in the zone of its pod', async () => {
  const world = await openCluster()
  await world.apply([database('1')], 120)
  const { storage } = world.cluster
  for (const pod of world.pods()) {
    const zone = world.node(textAt(pod, 'spec', 'nodeName')).metadata.labels?.['topology.kubernetes.io/zone']
    const claim = storage.get('persistentvolumeclaims', 'default', `data-${pod.metadata.name}`)
    const volume = storage.get('persistentvolumes', '', textAt(claim, 'spec', 'volumeName'))
    expect(textAt(claim, 'status', 'phase')).toBe('Bound')
    expect(JSON.stringify(at(volume, 'spec', 'nodeAffinity'))).toContain(`"${zone ?? ''}"`)
  }
})

test('a DaemonSet rolls without taking more pods away at a time than maxUnavailable', async () => {
  const world = await openCluster()
  const agent = (tag: string) =>
    workload('DaemonSet', 'agent', {}, { containers: [{ name: 'a', image: `agent:${tag}` }] })
  await world.apply([agent('1')])
  const seen = watched(world)
  await world.apply([agent('2')], 120)
  expect([images(world), seen.fewestReady]).toEqual([['agent:2'], 2])
})

test('a DaemonSet leaves nodes that it does not select alone', async () => {
  const world = await openCluster()
  const nodeSelector = { 'topology.kubernetes.io/zone': 'eu-west-1b' }
  await world.apply([workload('DaemonSet', 'agent', {}, { nodeSelector })])
  expect(world.pods().map((pod) => textAt(pod, 'spec', 'nodeName'))).toEqual(['n2'])
  const node = world.node('n2')
  const labels = { ...node.metadata.labels, 'topology.kubernetes.io/zone': 'elsewhere' }
  world.cluster.storage.update('nodes', { ...node, metadata: { ...node.metadata, labels } })
  await world.time.pass(60)
  expect(world.pods()).toEqual([])
  expect(fields(world.cluster.storage.list('daemonsets.apps')[0]?.['status'])['desiredNumberScheduled']).toBe(
    0,
  )
})
