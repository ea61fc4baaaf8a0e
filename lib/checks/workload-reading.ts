import type { KubePod } from '../kube/pod.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import { isKept, isMeantToRun, type Head, type Heads } from './pod-heads.ts'

/** What keeps pods running: a Deployment, StatefulSet, DaemonSet or ReplicaSet, a kind of somebody else, or a lone Pod. */
export type WorkloadReading = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly ready: number
  readonly wanted: number
  /** How many are wanted is known only from the pods there are. */
  readonly countedByPods?: true
  /** Its pods whose containers were started again, by uid. */
  readonly restarts: { readonly [uid: string]: PodRestarts }
  /** This run has scaled it to zero for a while. */
  readonly paused: boolean
}

export type PodRestarts = { readonly pod: string; readonly count: number; readonly ready: boolean }

/** Names a workload in readings and findings. */
export const nameOf = ({ kind, namespace, name }: Omit<Head, 'uid'>): string => `${kind} ${namespace}/${name}`

/** All that keeps pods running, as it is. `isPaused`: whether this run has scaled it to zero. */
export const workloadReadings = (
  heads: Heads,
  isPaused: (head: Head) => boolean,
): readonly WorkloadReading[] => [
  ...heads.workloads.map((workload) => ({
    ...common(workload, heads),
    ready: workload.readyReplicas,
    wanted: workload.replicas,
    paused: isPaused(workload),
  })),
  ...heads.others.map(({ head, sets }) =>
    sets.length > 0 ? readingOfSets(head, sets, heads) : readingOfPods(head, heads),
  ),
]

const common = (head: Head, heads: Heads) => ({
  kind: head.kind,
  namespace: head.namespace,
  name: head.name,
  restarts: restartsOf(heads.podsOf(head.uid)),
})

const restartsOf = (pods: readonly KubePod[]): WorkloadReading['restarts'] =>
  Object.fromEntries(
    pods
      .filter((pod) => pod.restarts > 0 && isMeantToRun(pod))
      .map(({ uid, name, restarts, ready }) => [uid, { pod: name, count: restarts, ready }]),
  )

const readingOfSets = (head: Head, sets: readonly KubeWorkload[], heads: Heads): WorkloadReading => ({
  ...common(head, heads),
  ready: sets.reduce((sum, { readyReplicas }) => sum + readyReplicas, 0),
  wanted: sets.reduce((sum, { replicas }) => sum + replicas, 0),
  paused: false,
})

const readingOfPods = (head: Head, heads: Heads): WorkloadReading => {
  const kept = heads.podsOf(head.uid).filter(isKept)
  return {
    ...common(head, heads),
    ready: kept.filter(({ ready }) => ready).length,
    wanted: kept.length,
    countedByPods: true,
    paused: false,
  }
}
