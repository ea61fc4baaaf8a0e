import { quantity } from '../api/quantity.ts'
import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { controllerOf, recordEvent, withCondition, type Control } from './control.ts'
import {
  isRepelling,
  nodeMatches,
  podAffinityMatches,
  preferenceFor,
  requestsOf,
  spreadAllows,
  tolerated,
  type NodeView,
} from './placement.ts'
import { claimsOf, provisionOn, volumeFits } from './volumes.ts'

/** Gives each waiting pod a node, the most important first. https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ */
export const schedulePods = (control: Control): void => {
  const waiting = control.index.unscheduled().toSorted(byPriority)
  if (waiting.length === 0) return
  const views = control.storage.list('nodes').map((node) => viewOf(control, node))
  for (const pod of waiting) {
    const reasons = new Map<string, number>()
    const fitting = views.filter((view) => {
      const why = unfit(control, pod, { view, views })
      if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1)
      return why === undefined
    })
    const best = bestOf(pod, fitting, views)
    if (best) {
      bind(control, pod, best)
      views[views.indexOf(best)] = viewOf(control, best.node)
    } else refuse(control, pod, { views, reasons })
  }
}

const byPriority = (a: KubeObject, b: KubeObject) =>
  (numberAt(b, 'spec', 'priority') ?? 0) - (numberAt(a, 'spec', 'priority') ?? 0)

/** The view that was made of the same node and pods, else a new one. */
const viewOf = (control: Control, node: KubeObject): NodeView => {
  const all = control.index.podsOn(node.metadata.name)
  const known = control.views.get(all)
  if (known?.node === node) return known
  const view = newView(node, all)
  control.views.set(all, view)
  return view
}

const newView = (node: KubeObject, all: readonly KubeObject[]): NodeView => {
  const pods = all.filter((pod) => !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase')))
  const used = { cpu: 0, memory: 0 }
  const owners = new Map<string, number>()
  for (const pod of pods) {
    const { cpu, memory } = requestsOf(pod)
    used.cpu += cpu
    used.memory += memory
    const owner = controllerOf(pod)?.uid
    if (owner !== undefined) owners.set(owner, (owners.get(owner) ?? 0) + 1)
  }
  const room = (name: string) => quantity(textAt(node, 'status', 'allocatable', name))
  const allocatable = { pods: room('pods'), cpu: room('cpu'), memory: room('memory') }
  return { node, pods, repelling: pods.filter(isRepelling), used, owners, allocatable }
}

/** The first reason why a pod cannot run on a node, in the scheduler's words. */
const unfit = (
  control: Control,
  pod: KubeObject,
  { view, views }: { readonly view: NodeView; readonly views: readonly NodeView[] },
): string | undefined => {
  const { node } = view
  const tolerations = items(at(pod, 'spec', 'tolerations'))
  const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  if (at(node, 'spec', 'unschedulable') === true && !tolerated(tolerations, [cordon]))
    return 'node(s) were unschedulable'
  if (!tolerated(tolerations, items(at(node, 'spec', 'taints')))) return 'node(s) had untolerated taint(s)'
  if (!nodeMatches(fields(pod['spec']), node)) return "node(s) didn't match Pod's node affinity/selector"
  const { cpu, memory } = requestsOf(pod)
  const { allocatable } = view
  if (view.pods.length + 1 > allocatable.pods) return 'Too many pods'
  if (view.used.cpu + cpu > allocatable.cpu + 1e-9) return 'Insufficient cpu'
  if (view.used.memory + memory > allocatable.memory) return 'Insufficient memory'
  const volume = volumeFits(control, pod, node)
  if (volume !== undefined) return volume
  if (!spreadAllows(pod, view, views)) return "node(s) didn't match pod topology spread constraints"
  return podAffinityMatches(pod, view, views)
    ? undefined
    : "node(s) didn't match pod affinity/anti-affinity rules"
}

const bestOf = (pod: KubeObject, fitting: readonly NodeView[], views: readonly NodeView[]) => {
  const zones = new Map<string, number>()
  for (const view of views) zones.set(zoneOf(view), (zones.get(zoneOf(view)) ?? 0) + siblings(pod, view))
  const scored = fitting.map((view) => ({
    view,
    score: score(pod, view, views) - 20 * (zones.get(zoneOf(view)) ?? 0),
  }))
  return scored.toSorted((a, b) => b.score - a.score)[0]?.view
}

const zoneOf = (view: NodeView) => view.node.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''

const siblings = (pod: KubeObject, view: NodeView) => {
  const owner = controllerOf(pod)?.uid
  return owner === undefined ? 0 : (view.owners.get(owner) ?? 0)
}

/** What the pod prefers, few siblings, much room. */
const score = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): number => {
  const cpu = view.allocatable.cpu || 1
  const room = 10 * (1 - view.used.cpu / cpu) - view.pods.length / 10
  return preferenceFor(pod, view, views) - 15 * siblings(pod, view) + room
}

const bind = (control: Control, pod: KubeObject, view: NodeView) => {
  const node = view.node.metadata.name
  for (const claim of claimsOf(control, pod)) if (claim) provisionOn(control, claim, view.node)
  const now = control.timeline.now()
  const conditions = withCondition(
    at(pod, 'status', 'conditions'),
    { type: 'PodScheduled', status: 'True' },
    now,
  )
  control.storage.update('pods', {
    ...pod,
    spec: { ...fields(pod['spec']), nodeName: node },
    status: { ...fields(pod['status']), phase: 'Pending', conditions, startTime: isoSeconds(now) },
  })
}

const refuse = (
  control: Control,
  pod: KubeObject,
  { views, reasons }: { readonly views: readonly NodeView[]; readonly reasons: ReadonlyMap<string, number> },
) => {
  const why = [...reasons]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted()
    .join(', ')
  const message =
    views.length === 0
      ? 'no nodes available to schedule pods'
      : `0/${views.length} nodes are available: ${why}.`
  const before = items(at(pod, 'status', 'conditions')).find((one) => textAt(one, 'type') === 'PodScheduled')
  if (textAt(before, 'message') === message) return
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
  const conditions = withCondition(at(pod, 'status', 'conditions'), condition, control.timeline.now())
  control.storage.update('pods', { ...pod, status: { ...fields(pod['status']), conditions } })
  recordEvent(control, pod, { type: 'Warning', reason: 'FailedScheduling', message })
}
