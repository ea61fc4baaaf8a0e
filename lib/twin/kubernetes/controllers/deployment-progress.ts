import { at, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { later, withCondition, type Control } from './control.ts'

/** How many pods of a Deployment there are, by kind. */
export interface Counts {
  readonly wanted: number
  readonly replicas: number
  readonly updated: number
  readonly available: number
}

/**
 * The conditions with Progressing set: False once nothing has moved for progressDeadlineSeconds.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
 */
export const withProgress = (
  control: Control,
  deployment: KubeObject,
  { conditions, counts }: { readonly conditions: unknown; readonly counts: Counts },
): readonly unknown[] => {
  const { wanted, replicas, updated, available } = counts
  const now = control.timeline.now()
  const done = updated === wanted && replicas === wanted && available === wanted
  const before = items(conditions).find((one) => textAt(one, 'type') === 'Progressing')
  const still = before !== undefined && !done && !moved(deployment, counts)
  const lastUpdateTime = still ? textAt(before, 'lastUpdateTime') : isoSeconds(now)
  const deadline =
    Date.parse(lastUpdateTime) + (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1000
  if (!done && at(deployment, 'spec', 'paused') !== true) lookAgain(control, deployment, deadline)
  if (still && now >= deadline) {
    const message = `Deployment "${deployment.metadata.name}" has timed out progressing.`
    const failed = {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message,
    } as const
    return withCondition(conditions, { ...failed, lastUpdateTime }, now)
  }
  const reason = done ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'
  const unchanged = textAt(before, 'reason') === reason && (done || still)
  const since = unchanged ? textAt(before, 'lastUpdateTime') : lastUpdateTime
  return withCondition(
    conditions,
    { type: 'Progressing', status: 'True', reason, lastUpdateTime: since },
    now,
  )
}

const moved = (deployment: KubeObject, counts: Counts) => {
  const was = (name: string) => numberAt(deployment, 'status', name) ?? 0
  return (
    was('observedGeneration') !== deployment.metadata.generation ||
    was('replicas') !== counts.replicas ||
    was('updatedReplicas') !== counts.updated ||
    was('availableReplicas') !== counts.available
  )
}

const lookAgain = (control: Control, deployment: KubeObject, deadline: number) => {
  const planned = `deadline ${deployment.metadata.uid ?? ''}`
  const wait = (deadline - control.timeline.now()) / 1000
  if (wait <= 0 || control.state.pending.has(planned)) return
  control.state.pending.add(planned)
  later(control, wait, 'k8s.progressDeadline', deployment)
}
