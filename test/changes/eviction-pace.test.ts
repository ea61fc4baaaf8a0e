import { describe, expect, test } from 'vitest'
import { evictable, type Scene } from '../../lib/changes/eviction-pace.ts'
import { budgetFrom } from '../../lib/kube/budget.ts'
import { podFrom } from '../../lib/kube/pod.ts'
import { workloadFrom } from '../../lib/kube/workload.ts'

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart', uid: 'rs', controller: true }
const pod = (
  name: string,
  more: {
    readonly phase?: string
    readonly labels?: { [key: string]: string }
    readonly ready?: boolean
  } = {},
) =>
  podFrom({
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      labels: more.labels ?? { app: 'cart' },
      ownerReferences: [owner],
    },
    spec: { nodeName: 'blue', containers: [] },
    status: {
      phase: more.phase ?? 'Running',
      conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }],
    },
  })
const budget = (name: string, allowed: number, generation = 1) =>
  budgetFrom({
    metadata: { name, namespace: 'shop', uid: name, generation },
    spec: { selector: { matchLabels: { app: 'cart' } } },
    status: {
      disruptionsAllowed: allowed,
      observedGeneration: 1,
      currentHealthy: 4,
      desiredHealthy: 3,
      expectedPods: 4,
    },
  })
const deployment = (replicas: number, maxUnavailable: number | string) => [
  workloadFrom('Deployment', {
    metadata: { name: 'cart', namespace: 'shop', uid: 'deploy' },
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } },
  }),
  workloadFrom('ReplicaSet', {
    metadata: {
      name: 'cart',
      namespace: 'shop',
      uid: 'rs',
      ownerReferences: [{ ...owner, kind: 'Deployment', uid: 'deploy' }],
    },
    spec: { replicas },
  }),
]
const pods = ['a', 'b', 'c', 'd'].map((name) => pod(name))
const scene = (more: Partial<Scene>): Scene => ({ pods, budgets: [], workloads: new Map(), ...more })
const none = { uncounted: new Map(), uids: new Set<string>() }
const names = (chosen: readonly { readonly name: string }[]) => chosen.map(({ name }) => name)

test('as many pods are chosen as their budget allows', () => {
  expect(names(evictable(scene({ budgets: [budget('cart', 2)] }), pods, none))).toEqual(['a', 'b'])
})

test('evictions that the status cannot count yet are taken off', () => {
  const sent = { uncounted: new Map([['shop/cart', new Set(['a'])]]), uids: new Set(['uid-a']) }
  expect(names(evictable(scene({ budgets: [budget('cart', 2)] }), pods, sent))).toEqual(['b'])
})

test('a budget whose status is older than its spec allows nothing', () => {
  expect(evictable(scene({ budgets: [budget('cart', 2, 2)] }), pods, none)).toEqual([])
})

test('a pod under two budgets is never chosen', () => {
  expect(evictable(scene({ budgets: [budget('cart', 2), budget('all', 2)] }), pods, none)).toEqual([])
})

test('a pod that does not run needs no budget', () => {
  const pending = pod('p', { phase: 'Pending' })
  expect(names(evictable(scene({ budgets: [budget('cart', 0)] }), [pending], none))).toEqual(['p'])
})

test('without a budget a Deployment gives as many as its own rollout may take away', () => {
  const workloads = new Map(deployment(4, '50%').map((each) => [each.uid, each]))
  expect(names(evictable(scene({ workloads }), pods, none))).toEqual(['a', 'b'])
})

test('pods that are missing already count against the rollout', () => {
  const workloads = new Map(deployment(5, 2).map((each) => [each.uid, each]))
  expect(names(evictable(scene({ workloads }), pods, none))).toEqual(['a'])
})

test('a workload of one pod still moves', () => {
  const workloads = new Map(deployment(1, '25%').map((each) => [each.uid, each]))
  const alone = [pod('a')]
  expect(names(evictable(scene({ pods: alone, workloads }), alone, none))).toEqual(['a'])
})

describe('a running pod that is not Ready', () => {
  const sick = pod('sick', { ready: false })
  const met = { disruptionsAllowed: 0, observedGeneration: 1, currentHealthy: 3, desiredHealthy: 3 }
  const under = (status: object, spec: object = {}) =>
    scene({
      budgets: [
        budgetFrom({
          metadata: { name: 'cart', namespace: 'shop', uid: 'b', generation: 1 },
          spec: { selector: { matchLabels: { app: 'cart' } }, ...spec },
          status: { ...met, expectedPods: 4, ...status },
        }),
      ],
    })

  test.each([
    ['goes where the budget is kept without it', {}, {}, ['sick']],
    ['stays while the budget is not kept', { currentHealthy: 2 }, {}, []],
    ['stays where the budget wants no pod healthy', { currentHealthy: 0, desiredHealthy: 0 }, {}, []],
    ['stays while the status is older than the spec', { observedGeneration: 0 }, {}, []],
    [
      'goes at AlwaysAllow, kept or not',
      { currentHealthy: 2 },
      { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      ['sick'],
    ],
  ])('%s', (_what, status, spec, expected) =>
    expect(names(evictable(under(status, spec), [sick], none))).toEqual(expected),
  )

  test('takes no room from one that is Ready', () => {
    const chosen = evictable(under({ disruptionsAllowed: 1 }), [sick, ...pods], none)
    expect(names(chosen)).toEqual(['sick', 'a'])
  })

  test('goes without a budget, though its rollout could take no other away', () => {
    const workloads = new Map(deployment(5, 1).map((each) => [each.uid, each]))
    expect(names(evictable(scene({ workloads }), [sick, ...pods], none))).toEqual(['sick'])
  })
})
