import type { Target } from '../fleet/target.ts'
import type { KubeBudget } from '../kube/budget.ts'
import type { Kube } from '../kube/kube.ts'
import { selects } from '../kube/label-selector.ts'
import type { Owner } from '../kube/metadata.ts'
import type { KubePod } from '../kube/pod.ts'
import { podsOn } from '../kube/pods-on.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import type { Check, Look } from '../runbook/runbook.ts'
import type { CheckCode } from './catalogue.ts'
import { check, type Found } from './finding.ts'

/** Pods to be moved with the budgets that may hold them. */
export interface Moving {
  readonly pods: readonly KubePod[]
  readonly budgets: readonly KubeBudget[]
}

/** WL-001 to WL-003 for budgets over pods of these node groups, and WL-016 for pods that no cordon keeps away; left out: all. */
export const noStuckBudgets = (groups?: readonly string[]): readonly Check<Target>[] => [
  over('WL-001', groups, budgetProblems),
  over('WL-002', groups, structuralProblems),
  over('WL-003', groups, overlapProblems),
  check('WL-016', 'pods to be moved', async (look) => {
    const { pods } = await movingOf(look, groups)
    return tolerantProblems(pods, await look.target.kube.workloads('ReplicaSet'))
  }),
]

/** DP-033: looked at right before a group goes. What came back after its drain is somebody's wish. */
export const nothingLeftOn = (group: string): Check<Target> =>
  over('DP-033', [group], ({ pods }) =>
    pods.map(({ namespace, name, node }) => ({
      outcome: 'block',
      object: `pod ${namespace}/${name}`,
      expected: `no pod on node group ${group}`,
      found: `it runs on ${node ?? ''}`,
      hint: `see who sent it there: kubectl -n ${namespace} get pod ${name} -o yaml`,
    })),
  )

/** WL-007 and WL-012: warnings, since a drain interrupts the one and loses the other. */
export const fragileWorkloads = (groups?: readonly string[]): readonly Check<Target>[] => [
  over('WL-012', groups, ({ pods }) => barePodProblems(pods)),
  check('WL-007', 'workloads', async (look) => {
    const { pods } = await movingOf(look, groups)
    const kinds = ['Deployment', 'StatefulSet'] as const
    const lists = await Promise.all(kinds.map((kind) => look.target.kube.workloads(kind)))
    return singleProblems(pods, lists.flat())
  }),
]

const over = (
  code: CheckCode,
  groups: readonly string[] | undefined,
  find: (moving: Moving) => readonly Found[],
): Check<Target> => check(code, 'pods to be moved', async (look) => find(await movingOf(look, groups)))

const movingOf = async ({ target: { kube } }: Look<Target>, groups?: readonly string[]): Promise<Moving> => {
  const [pods, budgets] = await Promise.all([placedPods(kube, groups), kube.budgets()])
  return { pods: pods.filter(({ owner, mirror }) => owner?.kind !== 'DaemonSet' && !mirror), budgets }
}

/** Pods on nodes of these groups; without groups on any node. */
const placedPods = async (kube: Kube, groups: readonly string[] | undefined): Promise<readonly KubePod[]> => {
  const nodes = await kube.nodes()
  const names = nodes
    .filter(({ nodeGroup }) => groups?.includes(nodeGroup ?? '') ?? true)
    .map(({ name }) => name)
  if (names.length * 2 < nodes.length) return podsOn(kube, names)
  const wanted = new Set(names)
  return (await kube.pods()).filter(({ node }) => wanted.has(node ?? ''))
}

/** Budgets over moving pods whose status allows no eviction. */
export const budgetProblems = ({ pods, budgets }: Moving): readonly Found[] =>
  budgets
    .filter((budget) => pods.some((pod) => isUnder(budget, pod)) && structuralWhy(budget) === undefined)
    .flatMap((budget): readonly Found[] => {
      const object = `budget ${budget.namespace}/${budget.name}`
      const expected = 'an eviction allowed'
      if (!budget.observed)
        return [
          {
            outcome: 'unknown',
            object,
            expected,
            found: 'its status is older than its spec',
            hint: 'look again',
          },
        ]
      if (budget.disruptionsAllowed > 0 || budget.expectedPods === 0) return []
      const found = `needs ${budget.desiredHealthy} of ${budget.expectedPods} pods, ${budget.currentHealthy} are healthy`
      const unhealthy = budget.currentHealthy < budget.expectedPods
      return [
        {
          outcome: unhealthy ? 'warn' : 'block',
          object,
          expected,
          found,
          hint: unhealthy
            ? 'the drain waits until its pods are healthy: mend them'
            : 'scale the workload up, or relax the budget',
        },
      ]
    })

/** Budgets that could never allow an eviction, whatever the status. */
export const structuralProblems = ({ pods, budgets }: Moving): readonly Found[] =>
  budgets
    .filter((budget) => pods.some((pod) => isUnder(budget, pod)))
    .flatMap((budget) => {
      const why = structuralWhy(budget)
      if (why === undefined) return []
      const object = `budget ${budget.namespace}/${budget.name}`
      const hint = `let one pod go: kubectl -n ${budget.namespace} edit pdb ${budget.name}`
      return [{ outcome: 'block', object, expected: 'a budget that can be kept', found: why, hint }]
    })

const structuralWhy = ({ minAvailable, maxUnavailable, expectedPods }: KubeBudget): string | undefined => {
  if (maxUnavailable === 0 || maxUnavailable === '0%') return `maxUnavailable ${maxUnavailable}`
  if (minAvailable === '100%') return 'minAvailable 100%'
  if (expectedPods === 0 || minAvailable === undefined) return undefined
  const needed =
    typeof minAvailable === 'number'
      ? minAvailable
      : Math.ceil((Number.parseInt(minAvailable, 10) * expectedPods) / 100)
  return needed >= expectedPods ? `minAvailable ${minAvailable} of ${expectedPods} pods` : undefined
}

/** Pods under more than one budget. */
export const overlapProblems = ({ pods, budgets }: Moving): readonly Found[] =>
  pods.flatMap((pod) => {
    const names = budgets.filter((budget) => isUnder(budget, pod)).map(({ name }) => name)
    if (names.length < 2) return []
    const object = `pod ${pod.namespace}/${pod.name}`
    return [
      {
        outcome: 'block',
        object,
        expected: 'one budget',
        found: names.join(' and '),
        hint: 'keep one of them',
      },
    ]
  })

/** Pods that nobody makes again. */
export const barePodProblems = (pods: readonly KubePod[]): readonly Found[] =>
  pods
    .filter(({ owner, phase }) => owner === undefined && phase !== 'Succeeded' && phase !== 'Failed')
    .map(({ namespace, name }) => ({
      outcome: 'warn',
      object: `pod ${namespace}/${name}`,
      expected: 'a controller',
      found: 'none: it is lost when it is evicted',
      hint: 'put it under a Deployment, or save what it holds',
    }))

/** Workloads of a single pod. */
export const singleProblems = (
  pods: readonly KubePod[],
  workloads: readonly KubeWorkload[],
): readonly Found[] =>
  workloads
    .filter(
      ({ replicas, namespace, selector }) =>
        replicas === 1 && pods.some((pod) => pod.namespace === namespace && selects(selector, pod.labels)),
    )
    .map(({ kind, namespace, name }) => ({
      outcome: 'warn',
      object: `${kind} ${namespace}/${name}`,
      expected: 'two pods or more',
      found: 'one: it is away while it moves',
      hint: `kubectl -n ${namespace} scale ${kind.toLowerCase()} ${name} --replicas 2`,
    }))

/** Workloads whose pods tolerate a cordon: once evicted they may come back to the node that is drained. */
export const tolerantProblems = (
  pods: readonly KubePod[],
  replicaSets: readonly KubeWorkload[],
): readonly Found[] => {
  const headOf = (owner: Owner) => replicaSets.find(({ uid }) => uid === owner.uid)?.owner ?? owner
  const objects = pods.flatMap(({ namespace, owner, toleratesCordon }) => {
    const head = toleratesCordon && owner ? headOf(owner) : undefined
    return head ? [`${head.kind} ${namespace}/${head.name}`] : []
  })
  return [...new Set(objects)].map((object) => ({
    outcome: 'warn',
    object,
    expected: 'pods that a cordon keeps away',
    found: 'they tolerate it: evicted, they may come back to the same node, and the drain stops for them',
    hint: 'narrow its tolerations (operator Exists without a key tolerates everything)',
  }))
}

const isUnder = (budget: KubeBudget, pod: KubePod): boolean =>
  budget.namespace === pod.namespace && selects(budget.selector, pod.labels)
