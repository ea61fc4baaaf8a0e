import { sortedByKey } from '../sorted-by-key.ts'
import { staysActive, type SeenPod } from './seen-pod.ts'

/** How many of some pods there are. */
export interface Tally {
  /** Not ended. */
  readonly present: number
  /** Neither ended nor on their way out. */
  readonly active: number
  /** Active and Ready. */
  readonly ready: number
  /** Those present, by uid of their controller. */
  readonly controllers: ReadonlyMap<string, number>
}

/** Pods in the order of their keys, counted as they come and go. */
export interface PodList {
  /** The same list until the next change. */
  readonly all: () => readonly SeenPod[]
  /** As it is now, and from here on. */
  readonly tally: Tally
  /** Puts the pod under the key, in place of the version before. */
  readonly set: (key: string, pod: SeenPod, before: SeenPod | undefined) => void
  readonly remove: (key: string, before: SeenPod) => void
  readonly size: () => number
}

export const podList = (): PodList => {
  const pods = sortedByKey<SeenPod>()
  const tally: Counting = { present: 0, active: 0, ready: 0, controllers: new Map() }
  return {
    all: pods.all,
    tally,
    set: (key, pod, before) => {
      pods.set(key, pod)
      if (before) count(tally, before, -1)
      count(tally, pod, 1)
    },
    remove: (key, before) => {
      pods.remove(key)
      count(tally, before, -1)
    },
    size: pods.size,
  }
}

/** Counts them once. */
export const tallyOf = (pods: readonly SeenPod[]): Tally => {
  const tally: Counting = { present: 0, active: 0, ready: 0, controllers: new Map() }
  for (const pod of pods) count(tally, pod, 1)
  return tally
}

interface Counting extends Tally {
  present: number
  active: number
  ready: number
  readonly controllers: Map<string, number>
}

const count = (tally: Counting, pod: SeenPod, by: 1 | -1): void => {
  if (pod.isEnded) return
  tally.present += by
  if (staysActive(pod)) tally.active += by
  if (staysActive(pod) && pod.isReady) tally.ready += by
  if (pod.controller === undefined) return
  const many = (tally.controllers.get(pod.controller) ?? 0) + by
  if (many === 0) tally.controllers.delete(pod.controller)
  else tally.controllers.set(pod.controller, many)
}
