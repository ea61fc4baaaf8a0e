import { at, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject, ObjectMeta } from '../cluster-twin.ts'
import { deletePod, make, podFrom, podsOf, wake, writeStatus, type Control } from './control.ts'
import { staysActive, type SeenPod } from './seen-pod.ts'

/** Keeps as many pods as the ReplicaSet asks for. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
export const reconcileReplicaSet = (control: Control, set: KubeObject): void => {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1
  const active = podsOf(control, set).filter(staysActive)
  if (set.metadata.deletionTimestamp === undefined) {
    for (let missing = wanted - active.length; missing > 0; missing -= 1)
      if (!make(control, podFrom(set, {}), set)) {
        wakeAgain(control, set)
        break
      }
    if (active.length > wanted)
      for (const { pod } of active.toSorted(firstToGo).slice(0, active.length - wanted))
        deletePod(control, pod)
  }
  const isSettled = active.length === wanted || set.metadata.deletionTimestamp !== undefined
  writeReplicaStatus(control, set, isSettled ? active : podsOf(control, set).filter(staysActive))
}

/** A refused pod is tried again. */
const wakeAgain = (control: Control, set: KubeObject) =>
  wake(control, 'replicasets.apps', `${set.metadata.namespace ?? ''}/${set.metadata.name}`, 5)

/** Unscheduled before pending before unready before young, as the controller ranks them. */
const firstToGo = (a: SeenPod, b: SeenPod) =>
  rank(a) - rank(b) || youngestFirst(a.pod.metadata, b.pod.metadata)

const youngestFirst = (a: ObjectMeta, b: ObjectMeta) =>
  (a.creationTimestamp ?? '').localeCompare(b.creationTimestamp ?? '') * -1 || (a.name < b.name ? 1 : -1)

const rank = ({ pod, isReady }: SeenPod) =>
  textAt(pod, 'spec', 'nodeName') === ''
    ? 0
    : textAt(pod, 'status', 'phase') === 'Pending'
      ? 1
      : isReady
        ? 3
        : 2

const writeReplicaStatus = (control: Control, set: KubeObject, pods: readonly SeenPod[]) => {
  const ready = pods.filter(({ isReady }) => isReady).length
  writeStatus(control, 'replicasets.apps', set, {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: set.metadata.generation ?? 1,
    ...(at(set, 'status', 'conditions') === undefined ? {} : { conditions: at(set, 'status', 'conditions') }),
  })
}
