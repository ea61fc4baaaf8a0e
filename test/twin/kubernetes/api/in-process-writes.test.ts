import { expect, test } from 'vitest'
import { evictPod } from '../../../../lib/twin/kubernetes/api/evict.ts'
import { serverSideApply } from '../../../../lib/twin/kubernetes/api/server-side-apply.ts'
import { StatusError } from '../../../../lib/twin/kubernetes/api/status-error.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import { createStorage, emptyStorage } from '../../../../lib/twin/kubernetes/storage.ts'

const open = () => {
  const storage = createStorage(emptyStorage(), { now: () => 0, seed: 'ab' })
  storage.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  return { storage, now: () => 0 }
}

const refusal = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof StatusError) return error.status
    throw error
  }
  return undefined
}

const deployment = (replicas: number, image = 'web:1'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
    },
  },
})

test('an apply creates, a second one with the same configuration writes nothing', () => {
  const door = open()
  const first = serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  const second = serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  expect(first.created).toBe(true)
  expect(second.created).toBe(false)
  expect(second.object.metadata.resourceVersion).toBe(first.object.metadata.resourceVersion)
})

test('an apply that changes what another manager owns is a conflict with a cause for the field', () => {
  const door = open()
  serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  const status = refusal(() => serverSideApply(door, deployment(3), { manager: 'ann', force: false }))
  expect(status).toMatchObject({
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "eks": .spec.replicas',
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
  })
})

test('force takes the field over, and the former owner then conflicts', () => {
  const door = open()
  serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  const forced = serverSideApply(door, deployment(3), { manager: 'ann', force: true })
  expect(forced.object['spec']).toMatchObject({ replicas: 3 })
  const status = refusal(() => serverSideApply(door, deployment(2), { manager: 'eks', force: false }))
  expect(status?.code).toBe(409)
})

test('a field that its only owner no longer applies goes away', () => {
  const door = open()
  const labelled = {
    ...deployment(2),
    metadata: { name: 'web', namespace: 'shop', labels: { a: '1', b: '2' } },
  }
  serverSideApply(door, labelled, { manager: 'eks', force: false })
  const fewer = { ...deployment(2), metadata: { name: 'web', namespace: 'shop', labels: { a: '1' } } }
  const { object } = serverSideApply(door, fewer, { manager: 'eks', force: false })
  expect(object.metadata.labels).toEqual({ a: '1' })
})

test('a field that somebody else owns too stays when one owner drops it', () => {
  const door = open()
  const labelled = { ...deployment(2), metadata: { name: 'web', namespace: 'shop', labels: { a: '1' } } }
  serverSideApply(door, labelled, { manager: 'eks', force: false })
  serverSideApply(door, labelled, { manager: 'ann', force: false })
  const { object } = serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  expect(object.metadata.labels).toEqual({ a: '1' })
})

test('containers are merged by name and keep what others set in them', () => {
  const door = open()
  serverSideApply(door, deployment(2), { manager: 'eks', force: false })
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'side', image: 'side:1' }] },
  }
  const side = { ...deployment(2), spec: { selector: { matchLabels: { app: 'web' } }, template } }
  const { object } = serverSideApply(door, side, { manager: 'mesh', force: false })
  expect(object['spec']).toMatchObject({
    template: { spec: { containers: [{ name: 'web' }, { name: 'side' }] } },
  })
})

const pod = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: 'web' } },
  spec: { nodeName: 'n1', terminationGracePeriodSeconds: 10, containers: [{ name: 'c', image: 'i' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  ...more,
})

const budget = (name: string, status: object, spec: object = {}): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'shop', generation: 1 },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
  status: { observedGeneration: 1, ...status },
})

const budgets = 'poddisruptionbudgets.policy'

test('an allowed eviction counts against the budget and marks the pod', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  door.storage.create(budgets, budget('b', { disruptionsAllowed: 1, desiredHealthy: 1, currentHealthy: 2 }))
  const evicted = evictPod(door, { namespace: 'shop', name: 'a' })
  expect(evicted.changed).toBe(true)
  expect(evicted.pod.metadata.deletionGracePeriodSeconds).toBe(10)
  expect(evicted.pod['status']).toMatchObject({
    conditions: [{ type: 'Ready' }, { type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }],
  })
  expect(door.storage.get(budgets, 'shop', 'b')?.['status']).toMatchObject({
    disruptionsAllowed: 0,
    disruptedPods: { a: '1970-01-01T00:00:00Z' },
    conditions: [{ type: 'DisruptionAllowed', status: 'False' }],
  })
})

test('a budget that allows nothing refuses with its cause and without a time to come back', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  door.storage.create(budgets, budget('b', { disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 2 }))
  expect(refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: 'TooManyRequests',
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget b needs 2 healthy pods and has 2 currently',
        },
      ],
    },
    code: 429,
  })
  expect(door.storage.get('pods', 'shop', 'a')?.metadata.deletionTimestamp).toBeUndefined()
})

test('a budget that is behind its spec refuses for ten seconds', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  door.storage.create(budgets, budget('b', { observedGeneration: 0, disruptionsAllowed: 5 }))
  expect(refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))).toMatchObject({
    code: 429,
    details: {
      retryAfterSeconds: 10,
      causes: [{ message: 'The disruption budget b is still being processed by the server.' }],
    },
  })
})

test('two budgets on one pod are an error of the server', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  for (const name of ['b', 'c']) door.storage.create(budgets, budget(name, { disruptionsAllowed: 5 }))
  const status = refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))
  expect(status?.code).toBe(500)
  expect(status?.message).toContain('more than one PodDisruptionBudget')
})

test('a negative or crowded budget is forbidden', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  const stored = door.storage.create(budgets, budget('b', { disruptionsAllowed: -1 }))
  expect(refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))).toMatchObject({
    code: 403,
    message: 'poddisruptionbudget.policy "b" is forbidden: pdb disruptions allowed is negative',
  })
  const disruptedPods = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`p${index}`, 'x']))
  const status = { observedGeneration: 1, disruptionsAllowed: 3, disruptedPods }
  door.storage.update(budgets, { ...stored, status })
  expect(refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))?.code).toBe(403)
})

const unready = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } }

test('an unready pod goes without counting when its budget is met, and not when it is not', () => {
  const door = open()
  door.storage.create('pods', pod('a', unready))
  const stored = door.storage.create(
    budgets,
    budget('b', { disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 1 }),
  )
  expect(refusal(() => evictPod(door, { namespace: 'shop', name: 'a' }))?.code).toBe(429)
  const status = { observedGeneration: 1, disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 2 }
  door.storage.update(budgets, { ...stored, status })
  expect(evictPod(door, { namespace: 'shop', name: 'a' }).changed).toBe(true)
})

test('an unready pod goes under AlwaysAllow even when its budget is not met', () => {
  const door = open()
  door.storage.create('pods', pod('a', unready))
  const status = { disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 0 }
  door.storage.create(budgets, budget('b', status, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }))
  expect(evictPod(door, { namespace: 'shop', name: 'a' }).changed).toBe(true)
})

test.each(['Pending', 'Succeeded', 'Failed'])('a %s pod goes past all budgets', (phase) => {
  const door = open()
  door.storage.create('pods', pod('a', { status: { phase } }))
  for (const name of ['b', 'c']) door.storage.create(budgets, budget(name, { disruptionsAllowed: 0 }))
  expect(evictPod(door, { namespace: 'shop', name: 'a' }).changed).toBe(true)
})

test('evicting a pod that is terminating changes nothing and is no error', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  evictPod(door, { namespace: 'shop', name: 'a' })
  const before = door.storage.state.resourceVersion
  expect(evictPod(door, { namespace: 'shop', name: 'a' }).changed).toBe(false)
  expect(door.storage.state.resourceVersion).toBe(before)
})

test('an eviction with another uid is a conflict, and with dryRun leaves no trace', () => {
  const door = open()
  door.storage.create('pods', pod('a'))
  door.storage.create(budgets, budget('b', { disruptionsAllowed: 1, desiredHealthy: 1, currentHealthy: 2 }))
  expect(
    refusal(() => evictPod(door, { namespace: 'shop', name: 'a', options: { uid: 'other' } }))?.code,
  ).toBe(409)
  const before = door.storage.state.resourceVersion
  evictPod(door, { namespace: 'shop', name: 'a', options: { dryRun: true } })
  expect(door.storage.state.resourceVersion).toBe(before)
})
