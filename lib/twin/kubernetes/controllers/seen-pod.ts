import { at, fields, isFields, items } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { requestsOf, type Amounts } from './requests.ts'

/** A pod with what the controllers ask of it at each look, read once a version. */
export interface SeenPod {
  readonly pod: KubeObject
  /** Succeeded or Failed. */
  readonly isEnded: boolean
  /** Marked for deletion. */
  readonly isLeaving: boolean
  readonly isReady: boolean
  /** uid of its controller. */
  readonly controller: string | undefined
  readonly requests: Amounts
  /** It keeps others away by a required anti-affinity. */
  readonly isRepelling: boolean
}

/** Reads a pod; what its spec says is taken from the version before where that is the same. */
export const seenPod = (pod: KubeObject, before?: SeenPod): SeenPod => {
  const { requests, isRepelling } = before?.pod['spec'] === pod['spec'] && before ? before : specOf(pod)
  return {
    pod,
    isEnded: hasEnded(pod),
    isLeaving: pod.metadata.deletionTimestamp !== undefined,
    isReady: isTrue(pod, 'Ready'),
    controller: controllerOf(pod)?.uid,
    requests,
    isRepelling,
  }
}

const specOf = (pod: KubeObject) => ({
  requests: requestsOf(pod),
  isRepelling:
    items(at(pod, 'spec', 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'))
      .length > 0,
})

/** Not ended and not on its way out. */
export const isActive = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && !hasEnded(pod)

/** The same of a pod that was seen. */
export const staysActive = ({ isEnded, isLeaving }: SeenPod): boolean => !isEnded && !isLeaving

/** Its containers have run and will not again. */
export const hasEnded = (pod: KubeObject): boolean => {
  const phase = fields(pod['status'])['phase']
  return phase === 'Succeeded' || phase === 'Failed'
}

/** True when the object's condition of that type is True. */
export const isTrue = (object: KubeObject | undefined, type: string): boolean => {
  for (const one of items(fields(object?.['status'])['conditions']))
    if (isFields(one) && one['type'] === type && one['status'] === 'True') return true
  return false
}

/** The controller's reference of an object. */
export const controllerOf = (object: KubeObject) =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true)
