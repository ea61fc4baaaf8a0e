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
      restarts: { [pod.uid ?? '']: 4 },
      paused: false,
    },
  ])
})

test('a ReplicaSet that nobody owns is listed, one of somebody else’s controller is not', async () => {
  const { make, read } = open()
  make('replicasets.apps', 'ReplicaSet', { name: 'bare', spec: workloadSpec(1, 'bare') })
  const metadata = ownedBy('Rollout', 'canary', { uid: 'other' })
  make('replicasets.apps', 'ReplicaSet', { name: 'canary-1', spec: workloadSpec(1, 'x'), metadata })
  expect((await read()).workloads.map(({ name }) => name)).toEqual(['bare'])
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
    expect((await read()).services).toEqual([{ namespace: 'shop', name: 'web', ready: 0, wanted: 4 }])
  })

  test('are not asked for where it has no selector', async () => {
    const { make, read } = open()
    make('services', 'Service', { name: 'by-hand', spec: {} })
    expect((await read()).services).toEqual([])
  })
})

test('of more than twenty pods without a place twenty are named', async () => {
  const { make, read } = open()
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]
  for (let index = 0; index < 25; index += 1)
    make('pods', 'Pod', { name: `p-${index + 10}`, status: { phase: 'Pending', conditions } })
  make('pods', 'Pod', { name: 'beginning', status: { phase: 'Pending' } })
  const { pending } = await read()
  expect(pending).toMatchObject({ count: 26, unschedulable: 25 })
  expect(pending.names).toHaveLength(20)
  expect(pending.names[0]).toBe('shop/p-10')
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
