import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { recordEvent, withCondition, type Control } from './control.ts'
import {
  isRepelled,
  nodeMatches,
  nodeView,
  podAffinityMatches,
  preferenceFor,
  spreadAllows,
  tolerated,
  wishOf,
  type NodeView,
  type Wish,
} from './placement.ts'
import type { SeenPod } from './seen-pod.ts'
import { claimsOf, provisionOn, volumeFits } from './volumes.ts'

/** Gives each waiting pod a node, the most important first. https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ */
export const schedulePods = (control: Control): void => {
  const waiting = control.index.unscheduled().toSorted(byPriority)
  if (waiting.length === 0) return
  const views = control.storage.list('nodes').map((node) => viewOf(control, node))
  for (const seen of waiting) {
    const wish = wishOf(seen)
    const repelling = views.filter((view) => view.repelling.length > 0)
    const reasons = new Map<string, number>()
    const fitting = views.filter((view) => {
      const why = unfit(control, wish, { view, views, repelling })
      if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1)
      return why === undefined
    })
    const best = bestOf(wish, fitting, views)
    if (best) {
      bind(control, seen.pod, best)
      views[views.indexOf(best)] = viewOf(control, best.node)
    } else refuse(control, seen.pod, { views, reasons })
  }
}

const byPriority = (a: SeenPod, b: SeenPod) =>
  (numberAt(b.pod, 'spec', 'priority') ?? 0) - (numberAt(a.pod, 'spec', 'priority') ?? 0)

/** The view that was made of the same node and pods, else a new one. */
const viewOf = (control: Control, node: KubeObject): NodeView => {
  const all = control.index.podsOn(node.metadata.name).all()
  const known = control.views.get(node)
  if (known?.all === all) return known
  const view = nodeView(node, all, known)
  control.views.set(node, view)
  return view
}

interface Nodes {
  readonly view: NodeView
  readonly views: readonly NodeView[]
  /** Those with pods that keep others away. */
  readonly repelling: readonly NodeView[]
}

const cordon = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]

/** The first reason why a pod cannot run on a node, in the scheduler's words. */
const unfit = (control: Control, wish: Wish, { view, views, repelling }: Nodes): string | undefined => {
  const { pod, tolerations, requests } = wish
  const { node, used, allocatable } = view
  if (view.isClosed && !tolerated(tolerations, cordon)) return 'node(s) were unschedulable'
  if (!tolerated(tolerations, view.taints)) return 'node(s) had untolerated taint(s)'
  if (!nodeMatches(fields(pod['spec']), node)) return "node(s) didn't match Pod's node affinity/selector"
  if (view.pods.length + 1 > allocatable.pods) return 'Too many pods'
  if (used.cpu + requests.cpu > allocatable.cpu + 1e-9) return 'Insufficient cpu'
  if (used.memory + requests.memory > allocatable.memory) return 'Insufficient memory'
  const volume = wish.hasVolumes ? volumeFits(control, pod, node) : undefined
  if (volume !== undefined) return volume
  if (!spreadAllows(pod, view, views)) return "node(s) didn't match pod topology spread constraints"
  return isRepelled(pod, view, repelling) || (wish.hasAffinity && !podAffinityMatches(pod, view, views))
    ? "node(s) didn't match pod affinity/anti-affinity rules"
    : undefined
}

/** The first of those with the highest score. */
const bestOf = (wish: Wish, fitting: readonly NodeView[], views: readonly NodeView[]) => {
  if (fitting.length === 0) return undefined
  const zones = new Map<string, number>()
  for (const view of views) zones.set(view.zone, (zones.get(view.zone) ?? 0) + siblings(wish, view))
  let best: { readonly view: NodeView; readonly score: number } | undefined
  for (const view of fitting) {
    const found = score(wish, view, views) - 20 * (zones.get(view.zone) ?? 0)
    if (!best || found > best.score) best = { view, score: found }
  }
  return best?.view
}

const siblings = ({ controller }: Wish, view: NodeView) =>
  controller === undefined ? 0 : (view.owners.get(controller) ?? 0)

/** What the pod prefers, few siblings, much room. */
const score = (wish: Wish, view: NodeView, views: readonly NodeView[]): number => {
  const cpu = view.allocatable.cpu || 1
  const room = 10 * (1 - view.used.cpu / cpu) - view.pods.length / 10
  return preferenceFor(wish, view, views) - 15 * siblings(wish, view) + room
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
