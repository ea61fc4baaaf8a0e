import { describe, expect, test } from 'vitest'
import { addOnObject } from '../../lib/import/add-on-objects.ts'
import { collections } from '../../lib/import/collections.ts'
import type { Taken } from '../../lib/import/manifest.ts'
import { podTaken } from '../../lib/import/pods.ts'
import { timingsOf } from '../../lib/import/timings.ts'

/** What becomes of an object as an API server answers it. */
const taken = (plural: string, raw: object): Taken => {
  const collection = collections.find((each) => each.plural === plural)
  if (!collection) throw new Error(`No collection ${plural}`)
  return collection.take(raw)
}

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } }
const owned = (kind: string) => ({
  metadata: {
    name: 'a-1',
    namespace: 'shop',
    ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'a', uid: 'u', controller: true }],
  },
  spec: { replicas: 2, selector: { matchLabels: { app: 'a' } }, template },
})

describe('what another object makes again stays out:', () => {
  test.each([
    ['a ReplicaSet of a Deployment', 'replicasets', owned('Deployment'), 'ownedReplicaSets'],
    ['a namespace of the system', 'namespaces', { metadata: { name: 'kube-system' } }, 'systemNamespaces'],
    [
      'a priority class of the system',
      'priorityclasses',
      { metadata: { name: 'system-node-critical' } },
      'builtIn',
    ],
    [
      'a storage class that a twin has',
      'storageclasses',
      { metadata: { name: 'gp2' }, provisioner: 'x' },
      'builtIn',
    ],
    [
      'a default service account',
      'serviceaccounts',
      { metadata: { name: 'default', namespace: 'shop' } },
      'builtIn',
    ],
    [
      'a Service without a selector',
      'services',
      { metadata: { name: 'a' }, spec: { ports: [] } },
      'selectorless',
    ],
    ['a volume that nobody holds', 'persistentvolumes', { metadata: { name: 'v' }, spec: {} }, 'lostVolumes'],
    [
      'a Job that has ended',
      'jobs',
      { metadata: { name: 'j' }, status: { conditions: [{ type: 'Complete', status: 'True' }] } },
      'finishedJobs',
    ],
    ['a custom kind', 'customresourcedefinitions', { metadata: { name: 'a.example.com' } }, 'customKinds'],
  ])('%s', (_, plural, raw, why) => {
    expect(taken(plural, raw)).toEqual({ cuts: { [why]: 1 } })
  })
})

describe('what nobody makes again comes in:', () => {
  test.each([
    ['a ReplicaSet of a custom kind', 'replicasets', owned('Rollout'), 'ReplicaSet'],
    ['a namespace of people', 'namespaces', { metadata: { name: 'shop' } }, 'Namespace'],
    [
      'a priority class of people',
      'priorityclasses',
      { metadata: { name: 'high' }, value: 5 },
      'PriorityClass',
    ],
    [
      'a storage class of people',
      'storageclasses',
      { metadata: { name: 'x' }, provisioner: 'x' },
      'StorageClass',
    ],
    ['a Job that runs', 'jobs', { metadata: { name: 'j' }, spec: { template } }, 'Job'],
  ])('%s', (_, plural, raw, kind) => {
    expect(taken(plural, raw).manifest).toMatchObject({ kind })
    expect(JSON.stringify(taken(plural, raw).manifest)).not.toContain('ownerReferences')
  })
})

test('A volume is bound by the name of its claim, without the uid of the live one', () => {
  const claimRef = { namespace: 'shop', name: 'data', uid: 'live', resourceVersion: '1' }
  const csi = { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1', volumeAttributes: { key: 'x' } }
  const { manifest } = taken('persistentvolumes', { metadata: { name: 'v' }, spec: { claimRef, csi } })
  expect(manifest?.['spec']).toEqual({
    csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' },
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data', namespace: 'shop' },
  })
})

test('A storage class of the provisioner in the tree is one of the driver that took its place', () => {
  const raw = { metadata: { name: 'fast' }, provisioner: 'kubernetes.io/aws-ebs' }
  expect(taken('storageclasses', raw).manifest).toMatchObject({ provisioner: 'ebs.csi.aws.com' })
})

describe('the objects of a managed add-on', () => {
  const inSystem = (name: string) => ({ name, namespace: 'kube-system' })

  test('are told by their name, in kube-system', () => {
    expect(addOnObject(['vpc-cni'], inSystem('aws-node'))).toBe(true)
    expect(addOnObject(['aws-ebs-csi-driver'], inSystem('ebs-csi-node-windows'))).toBe(true)
    expect(addOnObject(['vpc-cni'], { name: 'aws-node', namespace: 'shop' })).toBe(false)
  })

  test('come in where people installed them themselves', () => {
    expect(addOnObject(['vpc-cni'], inSystem('coredns'))).toBe(false)
  })
})

const at = (second: number) => new Date(Date.UTC(2026, 8, 23, 7, 0, second)).toISOString()

const pod = (more: {
  owner?: string
  started?: number
  ready?: number
  restarts?: number
  phase?: string
}) => ({
  metadata: {
    name: 'a-1-x',
    namespace: 'shop',
    ...(more.owner === undefined
      ? {}
      : {
          ownerReferences: [{ apiVersion: 'v1', kind: more.owner, name: 'a-1', uid: 'u', controller: true }],
        }),
  },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i:1' }] },
  status: {
    phase: more.phase ?? 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: at(0) },
      { type: 'Ready', status: 'True', lastTransitionTime: at(more.ready ?? 10) },
    ],
    containerStatuses: [
      {
        name: 'c',
        restartCount: more.restarts ?? 0,
        state: { running: { startedAt: at(more.started ?? 4) } },
      },
    ],
  },
})

const read = (more: Parameters<typeof pod>[0]) =>
  podTaken(pod(more) as unknown as Parameters<typeof podTaken>[0])

describe('a pod', () => {
  test('comes in only where nobody makes it again', () => {
    expect(read({}).manifest).toMatchObject({ kind: 'Pod', metadata: { name: 'a-1-x' } })
    expect(JSON.stringify(read({}).manifest)).not.toContain('nodeName')
    expect(read({ owner: 'ReplicaSet' })).toMatchObject({ cuts: { ownedPods: 1 } })
    expect(read({ owner: 'CloneSet' })).toMatchObject({ cuts: { foreignPods: 1 } })
    expect(read({ phase: 'Succeeded' })).toMatchObject({ cuts: { finishedPods: 1 } })
  })

  test('tells how long its kind takes to start, unless it was ill since', () => {
    expect(read({}).startup).toEqual({ pull: 4, ready: 6 })
    expect(read({ restarts: 1 }).startup).toBeUndefined()
    expect(read({ started: 12, ready: 10 }).startup).toBeUndefined()
    expect(read({ ready: 4 + 901 }).startup).toBeUndefined()
  })
})

describe('timings', () => {
  const owners = new Map([['shop/a-1', 'a']])

  test('are those of the Deployment: late pulls, usual readiness', () => {
    const pods = [2, 3, 4, 20].map((started) => read({ owner: 'ReplicaSet', started, ready: started + 5 }))
    expect(timingsOf(pods, { owners, jobs: new Map() })).toEqual({ 'shop/a': { pull: 20, ready: 5 } })
  })

  test('let a Job that runs go on for as long as it has run', () => {
    expect(timingsOf([], { owners, jobs: new Map([['shop/j', 3_600]]) })).toEqual({
      'shop/j': { ready: 4_500 },
    })
  })
})
