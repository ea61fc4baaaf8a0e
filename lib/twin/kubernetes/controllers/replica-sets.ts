import { at, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import {
  deletePod,
  isActive,
  isTrue,
  make,
  podFrom,
  podsOf,
  wake,
  writeStatus,
  type Control,
} from './control.ts'

/** Keeps as many pods as the ReplicaSet asks for. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
export const reconcileReplicaSet = (control: Control, set: KubeObject): void => {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1
  const active = podsOf(control, set).filter(isActive)
  if (set.metadata.deletionTimestamp === undefined) {
    for (let missing = wanted - active.length; missing > 0; missing -= 1)
      if (!make(control, podFrom(set, {}), set)) {
        wakeAgain(control, set)
        break
      }
    if (active.length > wanted)
      for (const pod of active.toSorted(firstToGo).slice(0, active.length - wanted)) deletePod(control, pod)
  }
  const isSettled = active.length === wanted || set.metadata.deletionTimestamp !== undefined
  writeReplicaStatus(control, set, isSettled ? active : podsOf(control, set).filter(isActive))
}

/** A refused pod is tried again. */
const wakeAgain = (control: Control, set: KubeObject) =>
  wake(control, 'replicasets.apps', `${set.metadata.namespace ?? ''}/${set.metadata.name}`, 5)

/** Unscheduled before pending before unready before young, as the controller ranks them. */
const firstToGo = (a: KubeObject, b: KubeObject) =>
  rank(a) - rank(b) ||
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') * -1 ||
  (a.metadata.name < b.metadata.name ? 1 : -1)

const rank = (pod: KubeObject) =>
  textAt(pod, 'spec', 'nodeName') === ''
    ? 0
    : textAt(pod, 'status', 'phase') === 'Pending'
      ? 1
      : isTrue(pod, 'Ready')
        ? 3
        : 2

const writeReplicaStatus = (control: Control, set: KubeObject, pods: readonly KubeObject[]) => {
  const ready = pods.filter((pod) => isTrue(pod, 'Ready')).length
  writeStatus(control, 'replicasets.apps', set, {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: set.metadata.generation ?? 1,
    ...(at(set, 'status', 'conditions') === undefined ? {} : { conditions: at(set, 'status', 'conditions') }),
  })
}
