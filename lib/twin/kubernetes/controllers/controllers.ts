import type { Task, TaskHandlers } from '../../timeline.ts'
import { at, fields, textAt } from '../api/reading.ts'
import { selectorMatches } from '../api/selectors.ts'
import type { KubeObject, OwnerReference } from '../cluster-twin.ts'
import { keyOf, sameJson, type WatchEvent } from '../storage.ts'
import { wake, type Control } from './control.ts'
import { reconcileDaemonSet } from './daemon-sets.ts'
import { deadlineReached, reconcileDeployment } from './deployments.ts'
import { budgets, disruptedSeconds, reconcileBudget } from './disruption-budgets.ts'
import { reconcileEndpoints } from './endpoint-slices.ts'
import { collectDependents, finalizeOwner } from './garbage-collection.ts'
import { jobExpires, reconcileJob } from './jobs.ts'
import * as kubelet from './kubelet.ts'
import { reconcileNamespace } from './namespaces.ts'
import { enforceTaintsOn, evictTainted, forgetNode, nodeReady, reconcileNode } from './node-lifecycle.ts'
import { reconcileReplicaSet } from './replica-sets.ts'
import { schedulePods } from './scheduler.ts'
import { controllerOf, isActive } from './seen-pod.ts'
import { reconcileStatefulSet } from './stateful-sets.ts'
import { releaseVolume } from './volumes.ts'

const reconcilers: { readonly [resource: string]: (control: Control, object: KubeObject) => void } = {
  'deployments.apps': reconcileDeployment,
  'replicasets.apps': reconcileReplicaSet,
  'statefulsets.apps': reconcileStatefulSet,
  'daemonsets.apps': reconcileDaemonSet,
  'jobs.batch': reconcileJob,
  [budgets]: reconcileBudget,
  services: reconcileEndpoints,
  namespaces: reconcileNamespace,
  nodes: reconcileNode,
}

/** Wakes the controllers that a change concerns. */
export const followChange = (control: Control, event: WatchEvent): void => {
  control.index.follow(event)
  const { resource, object } = event
  if (resource === 'events') return
  if (resource === 'pods') podChanged(control, event)
  else if (resource === 'nodes') nodeChanged(control, event)
  else if (reconcilers[resource] && event.type !== 'DELETED') wake(control, resource, keyOf(object), 0.02)
  wakeOwners(control, event)
  if (['deployments.apps', 'statefulsets.apps', 'replicasets.apps'].includes(resource))
    wakeBudgets(control, object, true)
  if (['persistentvolumeclaims', 'storageclasses.storage.k8s.io'].includes(resource)) wakeScheduler(control)
  if (event.type === 'DELETED') {
    control.state.pending.delete(`deadline ${object.metadata.uid ?? ''}`)
    wake(control, 'garbage', object.metadata.uid ?? '', 0.05)
    for (const owner of object.metadata.ownerReferences ?? []) wakeFinalizers(control, object, owner)
  } else if (object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length > 0)
    wake(control, 'finalizers', `${resource} ${keyOf(object)}`, 0.05)
  if (resource === 'persistentvolumeclaims' && event.type === 'DELETED') releaseVolume(control, object)
}

/** An owner in foreground deletion waits for its dependents to go. */
const wakeFinalizers = (control: Control, object: KubeObject, owner: OwnerReference) => {
  const type = control.storage.typeOfKind(owner.apiVersion, owner.kind)
  const namespace = type?.namespaced === true ? (object.metadata.namespace ?? '') : ''
  const found = type && control.storage.get(type.id, namespace, owner.name)
  if (found?.metadata.finalizers?.includes('foregroundDeletion'))
    wake(control, 'finalizers', `${type?.id ?? ''} ${keyOf(found)}`, 0.05)
}

const wakeScheduler = (control: Control) => wake(control, 'scheduler', 'pods', 0.05)

const podChanged = (control: Control, event: WatchEvent) => {
  const { type, object, previous } = event
  const node = textAt(object, 'spec', 'nodeName')
  const marked = object.metadata.deletionTimestamp !== undefined
  const ended = !isActive(object) && previous !== undefined && isActive(previous)
  if (type === 'DELETED') control.state.pending.delete(`taint ${object.metadata.uid ?? ''}`)
  if (type === 'DELETED' || node === '' || ended) wakeScheduler(control)
  else if (!marked && (type === 'ADDED' || textAt(previous, 'spec', 'nodeName') === ''))
    bound(control, object)
  if (type === 'MODIFIED' && marked && previous?.metadata.deletionTimestamp === undefined)
    kubelet.podStopping(control, object)
  wakeSelecting(control, object)
  if (previous && !sameJson(previous.metadata.labels, object.metadata.labels))
    wakeSelecting(control, previous)
}

/** Where others wait, the newcomer may be what they wanted to be near. */
const bound = (control: Control, pod: KubeObject) => {
  kubelet.podBound(control, pod)
  enforceTaintsOn(control, pod)
  if (control.index.unscheduled().length > 0) wakeScheduler(control)
}

const wakeSelecting = (control: Control, pod: KubeObject) => {
  wakeBudgets(control, pod, false)
  for (const service of control.storage.list('services', pod.metadata.namespace ?? ''))
    if (selectorMatches({ matchLabels: fields(at(service, 'spec', 'selector')) }, pod.metadata.labels ?? {}))
      wake(control, 'services', keyOf(service), 0.05)
}

const nodeChanged = (control: Control, { type, object }: WatchEvent) => {
  wakeScheduler(control)
  if (type !== 'DELETED') wake(control, 'nodes', keyOf(object))
  else wake(control, 'lostNode', object.metadata.name, 1)
  for (const set of control.storage.list('daemonsets.apps'))
    wake(control, 'daemonsets.apps', keyOf(set), 0.05)
}

/** A Deployment that recreates waits for the last pod of its old set, which no ReplicaSet's status tells. */
const wakeOwners = (control: Control, { type: change, resource, object }: WatchEvent) => {
  const owner = controllerOf(object)
  const type = owner && control.storage.typeOfKind(owner.apiVersion, owner.kind)
  if (!owner || !type || !reconcilers[type.id]) return
  const { namespace = '' } = object.metadata
  wake(control, type.id, `${namespace}/${owner.name}`, 0.02)
  const set =
    resource === 'pods' && change === 'DELETED' && control.storage.get(type.id, namespace, owner.name)
  const deployment = set && type.id === 'replicasets.apps' ? controllerOf(set) : undefined
  if (deployment) wake(control, 'deployments.apps', `${namespace}/${deployment.name}`, 0.02)
}

/** Budgets of the namespace: those that select the pod, or all when a scale changed. */
const wakeBudgets = (control: Control, object: KubeObject, all: boolean) => {
  for (const budget of control.storage.list(budgets, object.metadata.namespace ?? ''))
    if (all || selectorMatches(at(budget, 'spec', 'selector'), object.metadata.labels ?? {}))
      wake(control, budgets, keyOf(budget), 0.05 + 0.15 * control.random())
}

/** Counts all budgets again, as when a fault of theirs was put in or taken out. */
export const recountBudgets = (control: Control): void => {
  for (const budget of control.storage.list(budgets)) wake(control, budgets, keyOf(budget))
}

const splitKey = (key: string) => {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}

const reconcile = (control: Control, controller: string, key: string): void => {
  control.state.pending.delete(`${controller} ${key}`)
  if (controller === 'scheduler') return schedulePods(control)
  if (controller === 'garbage') return collectDependents(control, key)
  if (controller === 'lostNode') {
    if (!control.storage.get('nodes', '', key)) forgetNode(control, key)
    return undefined
  }
  const [resource = '', path = key] = controller === 'finalizers' ? key.split(' ') : [controller]
  const { namespace, name } = splitKey(path)
  const object = control.storage.get(resource, namespace, name)
  if (!object) return undefined
  if (controller === 'finalizers') return finalizeOwner(control, resource, object)
  if (resource === budgets && at(object, 'status', 'disruptedPods') !== undefined) recheck(control, object)
  return reconcilers[resource]?.(control, object)
}

const recheck = (control: Control, budget: KubeObject) => {
  const data = { cluster: control.cluster, controller: budgets, key: keyOf(budget) }
  const planned = `recheck ${keyOf(budget)}`
  if (control.state.pending.has(planned)) return
  control.state.pending.add(planned)
  control.timeline.after(disruptedSeconds + 1, { kind: 'k8s.recheck', data })
}

const onPod: { readonly [kind: string]: (control: Control, pod: KubeObject) => void } = {
  'k8s.podStarts': kubelet.podStarts,
  'k8s.podReady': kubelet.podReady,
  'k8s.podSucceeds': kubelet.podSucceeds,
  'k8s.podStopped': kubelet.podStopped,
  'k8s.taintEviction': evictTainted,
}

/** Handlers of all clusters on a timeline: `find` gives the cluster of a task, or undefined when it is gone. */
export const controllerTasks = (find: (cluster: string) => Control | undefined): TaskHandlers => {
  const about =
    (resource: string, act: (control: Control, object: KubeObject) => void) => (data: Task['data']) => {
      const control = find(textAt(data, 'cluster'))
      const object = control?.storage.get(resource, textAt(data, 'namespace'), textAt(data, 'name'))
      if (control && object && object.metadata.uid === data['uid']) act(control, object)
    }
  return {
    'k8s.reconcile': (data) => {
      const control = find(textAt(data, 'cluster'))
      if (control) reconcile(control, textAt(data, 'controller'), textAt(data, 'key'))
    },
    'k8s.recheck': (data) => {
      const control = find(textAt(data, 'cluster'))
      control?.state.pending.delete(`recheck ${textAt(data, 'key')}`)
      if (control) wake(control, textAt(data, 'controller'), textAt(data, 'key'))
    },
    'k8s.nodeReady': about('nodes', nodeReady),
    'k8s.progressDeadline': about('deployments.apps', deadlineReached),
    'k8s.jobExpires': about('jobs.batch', jobExpires),
    ...Object.fromEntries(Object.entries(onPod).map(([kind, act]) => [kind, about('pods', act)])),
  }
}
