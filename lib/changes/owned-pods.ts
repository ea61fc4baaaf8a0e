import type { KubePod } from '../kube/pod.ts'

/** All pods of a cluster by the uid of the object that owns them directly. */
export interface OwnedPods {
  readonly byUid: Map<string, KubePod>
  readonly byOwner: Map<string, Map<string, KubePod>>
}

export const noPods = (): OwnedPods => ({ byUid: new Map(), byOwner: new Map() })

/** Begins anew with these pods. */
export const fillPods = (owned: OwnedPods, pods: readonly KubePod[]): void => {
  owned.byUid.clear()
  owned.byOwner.clear()
  for (const pod of pods) putPod(owned, pod.uid, pod)
}

/** Takes a pod in as it is now, undefined once it is gone; answers the owners that this concerns, before and after. */
export const putPod = (owned: OwnedPods, uid: string, pod: KubePod | undefined): readonly string[] => {
  const before = owned.byUid.get(uid)?.owner?.uid ?? ''
  const after = pod?.owner?.uid ?? ''
  if (before !== after || pod === undefined) owned.byOwner.get(before)?.delete(uid)
  if (pod === undefined) {
    owned.byUid.delete(uid)
    return [before]
  }
  owned.byUid.set(uid, pod)
  const siblings = owned.byOwner.get(after) ?? new Map<string, KubePod>()
  owned.byOwner.set(after, siblings.set(uid, pod))
  return before === after ? [after] : [before, after]
}

/** Pods of these owners. */
export const podsOwnedBy = (owned: OwnedPods, owners: readonly string[]): readonly KubePod[] =>
  owners.flatMap((owner) => [...(owned.byOwner.get(owner)?.values() ?? [])])
