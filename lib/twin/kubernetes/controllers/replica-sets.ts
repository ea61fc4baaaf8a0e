import { at, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject, ObjectMeta } from '../cluster-twin.ts'
import { deletePod, make, podFrom, podsOf, wake, writeStatus, type Control } from './control.ts'
import { staysActive, type SeenPod } from './seen-pod.ts'

/** Keeps as many pods as the ReplicaSet asks for. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
export const reconcileReplicaSet = (control: Control, set: KubeObject): void => {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1
  const pods = podsOf(control, set)
  const { active } = pods.tally
  if (set.metadata.deletionTimestamp === undefined) {
    for (let missing = wanted - active; missing > 0; missing -= 1)
      if (!make(control, podFrom(set, {}), set)) {
        wakeAgain(control, set)
        break
      }
    if (active > wanted) {
      const ranked = pods.all().filter(staysActive).toSorted(firstToGo)
      for (const { pod } of ranked.slice(0, active - wanted)) deletePod(control, pod)
    }
  }
  writeReplicaStatus(control, set)
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

const writeReplicaStatus = (control: Control, set: KubeObject) => {
  const { active, ready } = podsOf(control, set).tally
  writeStatus(control, 'replicasets.apps', set, {
    replicas: active,
    fullyLabeledReplicas: active,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: set.metadata.generation ?? 1,
    ...(at(set, 'status', 'conditions') === undefined ? {} : { conditions: at(set, 'status', 'conditions') }),
  })
}
