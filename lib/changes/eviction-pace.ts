import type { KubeBudget } from '../kube/budget.ts'
import type { KubePod } from '../kube/pod.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import { budgetsOf, headOf, share } from './pod-places.ts'

/** The cluster as a drain sees it at one moment. */
export interface Scene {
  /** All pods of the cluster. */
  readonly pods: readonly KubePod[]
  readonly budgets: readonly KubeBudget[]
  /** Deployments, ReplicaSets and StatefulSets by uid. */
  readonly workloads: ReadonlyMap<string, KubeWorkload>
}

/** Evictions that the server took and the budget's status may not count yet. */
export interface Sent {
  /** Keys of budgets (`namespace/name`) with the names of pods. */
  readonly uncounted: ReadonlyMap<string, ReadonlySet<string> | ReadonlyMap<string, unknown>>
  /** Uids of pods with an eviction under way or taken. */
  readonly uids: ReadonlySet<string>
}

/**
 * Which of the waiting pods may be evicted now, in their order: as many as their budget's status allows less what it
 * cannot count yet; without a budget, as many of a workload as its own rollout may take away (one of a StatefulSet).
 * A pod that `disruptsNothing` waits for nobody. A pod under several budgets is never chosen.
 */
export const evictable = (scene: Scene, waiting: readonly KubePod[], sent: Sent): readonly KubePod[] => {
  const room = new Map<string, number>()
  return waiting.filter((pod) => {
    if (sent.uids.has(pod.uid) || pod.terminating) return false
    if (pod.phase !== 'Running') return true
    const budgets = budgetsOf(pod, scene.budgets)
    if (budgets.length > 1) return false
    if (disruptsNothing(pod, budgets[0])) return true
    const limit = budgets[0] === undefined ? impliedLimit(scene, pod, sent) : budgetLimit(budgets[0], sent)
    const left = room.get(limit.key) ?? limit.room()
    if (left <= 0) return false
    room.set(limit.key, left - 1)
    return true
  })
}

/**
 * True for a pod whose going takes nothing away: it does not run, or it is not Ready and its budget says that such a pod
 * may always go, or is kept without it; or no budget covers it.
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
export const disruptsNothing = (
  { phase, ready }: Pick<KubePod, 'phase' | 'ready'>,
  budget: KubeBudget | undefined,
): boolean => {
  if (phase !== 'Running') return true
  if (ready) return false
  if (budget === undefined || budget.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return budget.observed && budget.desiredHealthy > 0 && budget.currentHealthy >= budget.desiredHealthy
}

interface Limit {
  readonly key: string
  readonly room: () => number
}

const budgetLimit = (budget: KubeBudget, sent: Sent): Limit => {
  return { key: `budget ${keyOf(budget)}`, room: () => roomUnder(budget, sent) }
}

/** How many evictions the budget's status allows, less those that it cannot count yet. */
export const roomUnder = (budget: KubeBudget, { uncounted }: Pick<Sent, 'uncounted'>): number =>
  budget.observed ? budget.disruptionsAllowed - (uncounted.get(keyOf(budget))?.size ?? 0) : 0

/** `namespace/name`. */
export const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`

const impliedLimit = (scene: Scene, pod: KubePod, sent: Sent): Limit => {
  const head = headOf(pod, scene.workloads)
  if (!head) return { key: `pod ${pod.uid}`, room: () => 1 }
  return {
    key: `workload ${head.uid}`,
    room: () => {
      const running = scene.pods.filter(
        (other) =>
          other.ready &&
          !other.terminating &&
          !sent.uids.has(other.uid) &&
          other.namespace === head.namespace &&
          headOf(other, scene.workloads)?.uid === head.uid,
      ).length
      return mayMiss(head) - (head.replicas - running)
    },
  }
}

/** At least one: a workload of one pod has to be moved as well. */
const mayMiss = ({ kind, maxUnavailable, replicas }: KubeWorkload): number =>
  kind === 'Deployment' ? Math.max(1, share(maxUnavailable ?? '25%', replicas, Math.floor)) : 1
