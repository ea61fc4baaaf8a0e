import { describe, expect, test } from 'vitest'
import { addOnProblems } from '../../lib/checks/add-ons.ts'
import { greenAddressProblems, quotaProblems } from '../../lib/checks/capacity.ts'
import { catalogue } from '../../lib/checks/catalogue.ts'
import {
  addressProblems,
  insightProblems,
  pathProblems,
  supportProblems,
} from '../../lib/checks/control-plane.ts'
import { al2Problems, healthProblems, imageMinor, skewProblems } from '../../lib/checks/data-plane.ts'
import { finding } from '../../lib/checks/finding.ts'
import {
  barePodProblems,
  budgetProblems,
  overlapProblems,
  structuralProblems,
  tolerantProblems,
} from '../../lib/checks/workloads.ts'
import { budgetFrom } from '../../lib/kube/budget.ts'
import { podFrom } from '../../lib/kube/pod.ts'
import { workloadFrom } from '../../lib/kube/workload.ts'

const outcomes = (found: readonly { readonly outcome: string }[]) => found.map(({ outcome }) => outcome)
const minor = (version: string, status = 'STANDARD_SUPPORT') => ({
  version,
  status,
  endOfStandardSupport: '2026-12-02T00:00:00.000Z',
  endOfExtendedSupport: '2027-12-02T00:00:00.000Z',
})

describe('CP-001', () => {
  const offered = ['1.32', '1.33', '1.34'].map((version) => minor(version))
  test('a chain of single minors passes', () =>
    expect(pathProblems(['1.32', '1.33', '1.34'], offered)).toEqual([]))
  test('a skipped minor blocks', () =>
    expect(outcomes(pathProblems(['1.32', '1.34'], offered))).toEqual(['block']))
  test('a minor that EKS does not list blocks', () =>
    expect(outcomes(pathProblems(['1.34', '1.35'], offered))).toEqual(['block']))
  test('an unsupported minor blocks', () =>
    expect(outcomes(pathProblems(['1.32', '1.33'], [minor('1.33', 'UNSUPPORTED')]))).toEqual(['block']))
})

describe('CP-002', () => {
  const at = (day: string) => outcomes(supportProblems(minor('1.34'), Date.parse(day)))
  test('more than sixty days before the end of standard support passes', () =>
    expect(at('2026-09-01')).toEqual([]))
  test('the last sixty days warn', () => expect(at('2026-11-22')).toEqual(['warn']))
  test('extended support warns', () => expect(at('2027-01-01')).toEqual(['warn']))
})

describe('CP-005', () => {
  const subnet = (id: string, zone: string, freeAddresses: number) => ({ id, zone, freeAddresses })
  test('five free addresses in two zones pass', () =>
    expect(addressProblems([subnet('a', 'x', 5), subnet('b', 'y', 5)])).toEqual([]))
  test('five in one zone only block', () =>
    expect(outcomes(addressProblems([subnet('a', 'x', 50), subnet('b', 'y', 4)]))).toEqual(['block']))
  test('a third subnet with four warns', () =>
    expect(
      outcomes(addressProblems([subnet('a', 'x', 5), subnet('b', 'y', 5), subnet('c', 'y', 4)])),
    ).toEqual(['warn']))
})

test.each([
  ['PASSING', []],
  ['WARNING', ['warn']],
  ['ERROR', ['block']],
  ['UNKNOWN', ['unknown']],
  ['SOMETHING NEW', ['unknown']],
])('CP-009: an insight that is %s gives %j', (status, expected) => {
  const insight = { id: 'i', name: 'n', version: '1.34', status, reason: '', refreshedAt: '' }
  expect(outcomes(insightProblems([insight]))).toEqual(expected)
})

test.each([
  ['1.34', '1.34', []],
  ['1.32', '1.34', []],
  ['1.31', '1.34', ['warn']],
  ['1.30', '1.34', ['block']],
  ['1.35', '1.34', ['block']],
  [undefined, '1.34', ['unknown']],
])('DP-001: a kubelet at %s under %s gives %j', (found, to, expected) => {
  expect(outcomes(skewProblems([{ object: 'node', minor: found }], to))).toEqual(expected)
})

test.each([
  ['602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.33.3-eksbuild.4', '1.33'],
  ['registry.example.com:5000/kube-proxy:v1.32.0@sha256:ab12', '1.32'],
  ['registry.example.com:5000/kube-proxy', undefined],
])('DP-003: the minor of %s is %s', (image, expected) => expect(imageMinor(image)).toBe(expected))

test.each([
  ['ACTIVE', [], []],
  ['DEGRADED', [], ['block']],
  ['ACTIVE', [{ code: 'AsgInstanceLaunchFailures', message: 'no capacity' }], ['block']],
])('DP-004: a group that is %s with issues %j gives %j', (status, issues, expected) => {
  expect(outcomes(healthProblems({ name: 'web', status, issues }))).toEqual(expected)
})

test.each([
  ['AL2023_x86_64_STANDARD', 'AL2023_x86_64_STANDARD', '1.33', []],
  ['AL2_x86_64', 'AL2023_x86_64_STANDARD', '1.33', ['warn']],
  ['AL2_x86_64', 'AL2_x86_64', '1.32', ['warn']],
  ['AL2_x86_64', 'AL2_x86_64', '1.33', ['block']],
])('DP-014: %s that becomes %s on %s gives %j', (amiType, to, minorOf, expected) => {
  expect(outcomes(al2Problems({ name: 'web', amiType, to, minor: minorOf }))).toEqual(expected)
})

test.each([
  [128, 32, []],
  [48, 32, ['warn']],
  ['unreadable' as const, 32, ['unknown']],
])('DP-009: a quota of %s with %i vCPU in use gives %j', (quota, used, expected) => {
  expect(outcomes(quotaProblems(quota, used))).toEqual(expected)
})

test.each([
  ['ACTIVE', []],
  ['UPDATING', []],
  ['DEGRADED', ['block']],
])('AD-002: an add-on that is %s gives %j', (status, expected) => {
  expect(outcomes(addOnProblems({ name: 'coredns', status, issues: [] }))).toEqual(expected)
})

const settings = {
  capacityType: 'ON_DEMAND',
  instanceTypes: [],
  subnets: ['a', 'b'],
  nodeRole: '',
  minSize: 1,
  maxSize: 4,
  labels: {},
  taints: [],
  tags: {},
}
test.each([
  [400, []],
  [20, ['warn', 'warn']],
  [1, ['block', 'block']],
])('DP-006: two subnets with %i free addresses for four nodes give %j', (freeAddresses, expected) => {
  const subnets = ['a', 'b'].map((id) => ({ id, zone: `zone-${id}`, freeAddresses }))
  expect(outcomes(greenAddressProblems({ name: 'web', desiredSize: 4, settings }, subnets))).toEqual(expected)
})

describe('budgets', () => {
  const pods = [
    podFrom({
      metadata: { name: 'a', namespace: 'shop', uid: 'a', labels: { app: 'cart' } },
      status: { phase: 'Running' },
    }),
  ]
  const budget = (
    spec: { minAvailable?: number | string; maxUnavailable?: number | string },
    status = {},
    name = 'cart',
  ) =>
    budgetFrom({
      metadata: { name, namespace: 'shop', uid: name, generation: 2 },
      spec: { selector: { matchLabels: { app: 'cart' } }, ...spec },
      status: {
        observedGeneration: 2,
        disruptionsAllowed: 0,
        currentHealthy: 2,
        desiredHealthy: 1,
        expectedPods: 2,
        ...status,
      },
    })
  const one = (spec: Parameters<typeof budget>[0], status = {}) => ({ pods, budgets: [budget(spec, status)] })

  test.each([
    ['allows one', one({ maxUnavailable: 1 }, { disruptionsAllowed: 1 }), []],
    ['allows none though all are healthy', one({ maxUnavailable: 1 }), ['block']],
    ['waits for an unhealthy pod', one({ maxUnavailable: 1 }, { currentHealthy: 1 }), ['warn']],
    ['is not observed yet', one({ maxUnavailable: 1 }, { observedGeneration: 1 }), ['unknown']],
  ])('WL-001: a budget that %s', (_what, moving, expected) =>
    expect(outcomes(budgetProblems(moving))).toEqual(expected),
  )

  test.each([
    [{ maxUnavailable: 0 }, ['block']],
    [{ maxUnavailable: '0%' }, ['block']],
    [{ minAvailable: '100%' }, ['block']],
    [{ minAvailable: 2 }, ['block']],
    [{ minAvailable: '51%' }, ['block']],
    [{ minAvailable: 1 }, []],
    [{ maxUnavailable: 1 }, []],
  ])('WL-002: %j over two pods gives %j', (spec, expected) =>
    expect(outcomes(structuralProblems(one(spec)))).toEqual(expected),
  )

  test('WL-003: two budgets over one pod block, one does not', () => {
    const two = { pods, budgets: [budget({ maxUnavailable: 1 }), budget({ maxUnavailable: 1 }, {}, 'all')] }
    expect(outcomes(overlapProblems(two))).toEqual(['block'])
    expect(overlapProblems(one({ maxUnavailable: 1 }))).toEqual([])
  })

  test('WL-012: a pod without a controller warns', () =>
    expect(outcomes(barePodProblems(pods))).toEqual(['warn']))
})

describe('WL-016', () => {
  const owned = (kind: string, name: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
  })
  const replicaSets = [
    workloadFrom('ReplicaSet', {
      metadata: { namespace: 'shop', name: 'agent-5d', uid: 'agent-5d', ...owned('Deployment', 'agent') },
    }),
  ]
  const found = (tolerations: readonly object[]) =>
    tolerantProblems(
      ['a', 'b'].map((name) =>
        podFrom({
          metadata: { name, namespace: 'shop', uid: name, ...owned('ReplicaSet', 'agent-5d') },
          spec: { containers: [], tolerations: [...tolerations] },
        }),
      ),
      replicaSets,
    ).map(({ outcome, object }) => `${outcome} ${object}`)

  test.each([
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoSchedule' }, true],
    [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }, true],
    [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'dedicated', operator: 'Exists' }, false],
  ])('a toleration %j lets pods back onto a cordoned node: %s', (toleration, expected) =>
    expect(found([toleration])).toEqual(expected ? ['warn Deployment shop/agent'] : []),
  )
})

test('texts of the cluster cannot move the cursor', () => {
  const object = 'pod shop/\u001b[2Kx'
  const made = finding('WL-012', { outcome: 'warn', object, expected: 'e', found: 'f\u202e' })
  expect(made.object).toBe('pod shop/x')
  expect(made.found).toBe('f')
})

test('every rule of the catalogue names its source', () => {
  for (const { source } of Object.values(catalogue)) expect(source).toMatch(/^https:\/\//)
})
