import type { KubePod } from '../kube/pod.ts'
import type { KubeWorkload } from '../kube/workload.ts'

/** The topmost controller of a pod that can be told: of any kind, or the pod itself. */
export type Head = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** Pods and ReplicaSets by whom they belong to. */
export interface Heads {
  /** Deployments, StatefulSets, DaemonSets, and ReplicaSets that nobody owns. */
  readonly workloads: readonly KubeWorkload[]
  /** All others whose pods are meant to run on and on, with their ReplicaSets where they have any. */
  readonly others: readonly { readonly head: Head; readonly sets: readonly KubeWorkload[] }[]
  readonly headOf: (pod: KubePod) => Head
  /** By the uid of the head. */
  readonly podsOf: (uid: string) => readonly KubePod[]
}

/** Who keeps which pods: a ReplicaSet stands for its owner, also where that is somebody else's kind. */
export const headsOf = ({
  pods,
  replicaSets,
  controllers,
}: {
  readonly pods: readonly KubePod[]
  readonly replicaSets: readonly KubeWorkload[]
  readonly controllers: readonly KubeWorkload[]
}): Heads => {
  const workloads = [...controllers, ...replicaSets.filter(({ owner }) => owner === undefined)]
  const known = new Map<string, Head>(workloads.map((each) => [each.uid, each]))
  const ofSets = new Map(
    replicaSets.map((set) => [set.uid, known.get(set.owner?.uid ?? set.uid) ?? ownerOf(set)]),
  )
  const headOf = (pod: KubePod): Head =>
    known.get(pod.owner?.uid ?? '') ?? ofSets.get(pod.owner?.uid ?? '') ?? ownerOf(pod)
  const byHead = Map.groupBy(pods, (pod) => headOf(pod).uid)
  const setsByHead = Map.groupBy(replicaSets, ({ uid }) => ofSets.get(uid)?.uid ?? uid)
  const others = new Map(
    [...ofSets.values(), ...pods.filter(isKept).map(headOf)]
      .filter(({ uid }) => !known.has(uid))
      .map((head) => [head.uid, { head, sets: setsByHead.get(head.uid) ?? [] }]),
  )
  return { workloads, others: [...others.values()], headOf, podsOf: (uid) => byHead.get(uid) ?? [] }
}

const ownerOf = (object: KubePod | KubeWorkload): Head => {
  const { namespace, name, uid, owner } = object
  return owner ? { ...owner, namespace } : { kind: 'Pod', namespace, name, uid }
}

/** A pod that is not about to go, and has not ended. */
export const isMeantToRun = ({ phase, terminating }: KubePod): boolean =>
  !terminating && phase !== 'Succeeded' && phase !== 'Failed'

/** Pods that somebody keeps running; those of a node itself go with it. */
export const isKept = (pod: KubePod): boolean => isMeantToRun(pod) && !pod.runsToEnd && !pod.mirror
