import type { Target } from '../fleet/target.ts'
import type { KubeBudget } from '../kube/budget.ts'
import { selects } from '../kube/label-selector.ts'
import type { KubePod } from '../kube/pod.ts'
import type { KubeWorkload } from '../kube/workload.ts'

/** True for pods that a drain moves: not a DaemonSet's, not the kubelet's own. */
export const isMovable = ({ owner, mirror }: KubePod): boolean => owner?.kind !== 'DaemonSet' && !mirror

/** Asks for pods that have a node: what waits for a place is neither to be moved nor Ready. */
export const bound = { fieldSelector: 'spec.nodeName!=' } as const

/** Budgets that select a pod. */
export const budgetsOf = (
  { namespace, labels }: Pick<KubePod, 'namespace' | 'labels'>,
  budgets: readonly KubeBudget[],
): readonly KubeBudget[] =>
  budgets.filter((budget) => budget.namespace === namespace && selects(budget.selector, labels))

/** The workload that decides how many of its pods there are: a Deployment rather than its ReplicaSet. */
export const headOf = (
  { owner }: Pick<KubePod, 'owner'>,
  workloads: ReadonlyMap<string, KubeWorkload>,
): KubeWorkload | undefined => {
  const direct = owner === undefined ? undefined : workloads.get(owner.uid)
  if (direct?.owner === undefined) return direct
  return workloads.get(direct.owner.uid) ?? direct
}

/** `2` or `25%` of `total`, rounded as asked. */
export const share = (amount: number | string, total: number, round: (value: number) => number): number =>
  typeof amount === 'number' ? amount : round((Number.parseInt(amount, 10) * total) / 100)

/** Deployments, ReplicaSets and StatefulSets by uid. */
export const workloadsOf = async ({ kube }: Target): Promise<ReadonlyMap<string, KubeWorkload>> => {
  const kinds = ['Deployment', 'ReplicaSet', 'StatefulSet'] as const
  const lists = await Promise.all(kinds.map((kind) => kube.workloads(kind)))
  return new Map(lists.flat().map((workload) => [workload.uid, workload]))
}
