import { describe, expect, test } from 'vitest'
import { takeReading } from '../../lib/checks/baseline.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { openKube } from '../../lib/kube/kube.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import type { Look } from '../../lib/runbook/runbook.ts'
import { inProcessTransport } from '../../lib/twin/kubernetes/api/in-process-transport.ts'
import { openApi } from '../twin/kubernetes/api/api-fixture.ts'

interface Made {
  readonly uid?: string
}

interface Making {
  readonly name: string
  readonly metadata?: object
  readonly [field: string]: unknown
}

/** An API server with nothing in it, and its reading; `paused`: what the run has scaled to zero. */
const open = (paused = '') => {
  const { api, time, storage } = openApi()
  const kube = openKube({
    transport: inProcessTransport(api.handle, () => 'Bearer admin'),
    clock: time.clock,
    random: seededRandom(1),
    signal: new AbortController().signal,
  })
  const look: Look<Target> = {
    // Nothing but Kubernetes is read.
    target: { kube } as unknown as Target,
    clock: time.clock,
    signal: new AbortController().signal,
    recall: () => undefined,
    recallOf: () => undefined,
    pausedAt: ({ object }) => (paused !== '' && object.startsWith(paused) ? time.clock.now() : undefined),
    outside: (_waitingFor, work) => work(),
  }
  const make = (resource: string, kind: string, { name, metadata, ...rest }: Making): Made => {
    const apiVersion = resource.endsWith('.apps') ? 'apps/v1' : 'v1'
    const object = { apiVersion, kind, metadata: { name, namespace: 'shop', ...metadata }, ...rest }
    const uid = storage.create(resource, object).metadata.uid
    return uid === undefined ? {} : { uid }
  }
  return { make, pass: time.pass, read: () => time.run(takeReading(look)) }
}

const ownedBy = (kind: string, name: string, { uid }: Made) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
})
const workloadSpec = (replicas: number, app: string) => ({
  replicas,
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: { containers: [] } },
})
const restarted = (restartCount: number) => ({
  phase: 'Running',
  containerStatuses: [{ name: 'c', restartCount }],
})

test('a Deployment has the restarts of the pods of its ReplicaSets, by uid; the ReplicaSets are not listed', async () => {
  const { make, read } = open()
  const web = make('deployments.apps', 'Deployment', {
    name: 'web',
    spec: workloadSpec(3, 'web'),
    status: { readyReplicas: 2 },
  })
  const set = make('replicasets.apps', 'ReplicaSet', {
    name: 'web-1',
    spec: workloadSpec(3, 'web'),
    metadata: ownedBy('Deployment', 'web', web),
  })
  const metadata = ownedBy('ReplicaSet', 'web-1', set)
  const pod = make('pods', 'Pod', { name: 'web-1-a', metadata, status: restarted(4) })
  make('pods', 'Pod', { name: 'web-1-b', metadata, status: restarted(0) })
  expect((await read()).workloads).toEqual([
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'web',
      ready: 2,
      wanted: 3,
      restarts: { [pod.uid ?? '']: { pod: 'web-1-a', count: 4, ready: false } },
      paused: false,
    },
  ])
})

describe('what nobody of Kubernetes keeps', () => {
  const running = (ready: boolean, spec: object = {}) => ({
    spec,
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
  const read = async (...made: readonly ((make: ReturnType<typeof open>['make']) => unknown)[]) => {
    const world = open()
    for (const each of made) each(world.make)
    return (await world.read()).workloads.map(({ kind, name, ready, wanted, countedByPods = false }) => ({
      [`${kind} ${name}`]: [ready, wanted, countedByPods],
    }))
  }

  test('a ReplicaSet that nobody owns is listed; one of somebody else’s controller stands for that, by its word', async () => {
    const metadata = ownedBy('Rollout', 'canary', { uid: 'other' })
    const spec = workloadSpec(3, 'x')
    expect(
      await read(
        (make) => make('replicasets.apps', 'ReplicaSet', { name: 'bare', spec: workloadSpec(1, 'bare') }),
        (make) =>
          make('replicasets.apps', 'ReplicaSet', {
            name: 'canary-1',
            spec,
            metadata,
            status: { readyReplicas: 2 },
          }),
        (make) =>
          make('replicasets.apps', 'ReplicaSet', { name: 'canary-2', spec: workloadSpec(1, 'x'), metadata }),
      ),
    ).toEqual([{ 'ReplicaSet bare': [0, 1, false] }, { 'Rollout canary': [2, 4, false] }])
  })

  test('pods of an operator count for its object, a pod alone for itself', async () => {
    const metadata = ownedBy('Cluster', 'db', { uid: 'db' })
    expect(
      await read(
        (make) => make('pods', 'Pod', { name: 'db-1', metadata, ...running(true) }),
        (make) => make('pods', 'Pod', { name: 'db-2', metadata, ...running(false) }),
        (make) => make('pods', 'Pod', { name: 'lone', ...running(true) }),
      ),
    ).toEqual([{ 'Cluster db': [1, 2, true] }, { 'Pod lone': [1, 1, true] }])
  })

  test('pods that run to an end, and those of the node itself, are none', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash' }
    expect(
      await read(
        (make) => make('pods', 'Pod', { name: 'task', ...running(true, { restartPolicy: 'Never' }) }),
        (make) => make('pods', 'Pod', { name: 'proxy', metadata: { annotations }, ...running(true) }),
      ),
    ).toEqual([])
  })
})

test('what the run has scaled to zero is marked', async () => {
  const { make, read } = open('Deployment shop/scaler ')
  for (const name of ['scaler', 'web'])
    make('deployments.apps', 'Deployment', { name, spec: workloadSpec(0, name) })
  expect((await read()).workloads.map(({ name, paused }) => [name, paused])).toEqual([
    ['scaler', true],
    ['web', false],
  ])
})

describe('pods wanted behind a Service', () => {
  const service = { name: 'web', spec: { selector: { app: 'web' } } }
  test('are those of the workloads whose pods it selects, and what runs without one', async () => {
    const { make, read } = open()
    make('services', 'Service', service)
    make('deployments.apps', 'Deployment', { name: 'web', spec: workloadSpec(3, 'web') })
    make('deployments.apps', 'Deployment', { name: 'other', spec: workloadSpec(9, 'other') })
    const metadata = { labels: { app: 'web' } }
    make('pods', 'Pod', { name: 'by-hand', metadata, status: { phase: 'Running' } })
    make('pods', 'Pod', { name: 'over', metadata, status: { phase: 'Succeeded' } })
    expect((await read()).services).toEqual([
      { namespace: 'shop', name: 'web', ready: 0, wanted: 4, behind: [] },
    ])
  })

  test('are not asked for where it has no selector', async () => {
    const { make, read } = open()
    make('services', 'Service', { name: 'by-hand', spec: {} })
    expect((await read()).services).toEqual([])
  })
})

test('the workloads that are ready behind a Service are named', async () => {
  const { make, read } = open()
  make('services', 'Service', { name: 'web', spec: { selector: { app: 'web' } } })
  const db = make('statefulsets.apps', 'StatefulSet', { name: 'db', spec: workloadSpec(1, 'db') })
  const pod = make('pods', 'Pod', { name: 'db-0', metadata: ownedBy('StatefulSet', 'db', db) })
  make('endpointslices.discovery.k8s.io', 'EndpointSlice', {
    name: 'web-1',
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { uid: pod.uid } }],
  })
  expect((await read()).services).toMatchObject([{ ready: 1, behind: ['StatefulSet shop/db'] }])
})

test('pods without a place are counted by workload, twenty named, those of ten minutes apart', async () => {
  const { make, read, pass } = open()
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]
  const status = { phase: 'Pending', conditions }
  const metadata = ownedBy('Cluster', 'db', { uid: 'db' })
  for (let index = 0; index < 25; index += 1)
    make('pods', 'Pod', { name: `p-${index + 10}`, metadata, status })
  await pass(600)
  make('pods', 'Pod', { name: 'fresh', metadata, status })
  const task = { metadata: ownedBy('Job', 'task', { uid: 'task' }), spec: { restartPolicy: 'OnFailure' } }
  make('pods', 'Pod', { name: 'task-1', ...task, status })
  make('pods', 'Pod', { name: 'beginning', status: { phase: 'Pending' } })
  const { pending } = await read()
  expect(pending).toMatchObject({
    count: 28,
    placeless: [
      { of: 'Cluster shop/db', runsToEnd: false, count: 26, lasting: 25 },
      { of: 'Job shop/task', runsToEnd: true, count: 1, lasting: 0, names: ['shop/task-1'] },
    ],
  })
  expect(pending.placeless[0]?.names).toHaveLength(20)
  expect(pending.placeless[0]?.names[0]).toBe('shop/p-10')
})

test('nodes in trouble say whether they leave or begin', async () => {
  const { make, read, pass } = open()
  const node = (name: string, spec: object) =>
    make('nodes', 'Node', {
      name,
      metadata: { namespace: undefined },
      spec,
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    })
  node('cordoned', { unschedulable: true })
  node('down', {})
  node('going', { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] })
  await pass(301)
  node('young', {})
  expect((await read()).nodes.map(({ name, leaving, beginning }) => [name, leaving, beginning])).toEqual([
    ['cordoned', true, false],
    ['down', false, false],
    ['going', true, false],
    ['young', false, true],
  ])
})

test('warnings are added up by reason', async () => {
  const { make, read } = open()
  for (const [name, reason, count] of [
    ['a', 'BackOff', 3],
    ['b', 'BackOff', 4],
    ['c', 'Unhealthy', 1],
  ] as const)
    make('events', 'Event', { name, type: 'Warning', reason, count })
  expect((await read()).warnings).toEqual([
    { reason: 'BackOff', count: 7 },
    { reason: 'Unhealthy', count: 1 },
  ])
})
