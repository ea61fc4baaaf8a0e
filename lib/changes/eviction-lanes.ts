import type { KubeBudget } from '../kube/budget.ts'
import type { Followed } from '../kube/follow.ts'
import type { KubePod } from '../kube/pod.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import { evictable, roomUnder, type Scene, type Sent } from './eviction-pace.ts'
import { fillPods, noPods, podsOwnedBy, putPod, type OwnedPods } from './owned-pods.ts'
import { budgetsOf, headOf } from './pod-places.ts'

/** Pods that the same limit holds back, by uid in the order of the list: that of budgets, else of a workload. */
interface Lane {
  readonly pods: Map<string, KubePod>
  /** Uids of the budgets over these pods. */
  readonly budgets: readonly string[]
  /** Uid of the workload that limits them without a budget. */
  readonly head: string | undefined
}

/** What is followed while pods are evicted. */
export interface Followings {
  readonly pods: Pick<Followed<KubePod>, 'items' | 'find'>
  readonly budgets: Pick<Followed<KubeBudget>, 'items' | 'find'>
}

/**
 * The pods of a decided list that have not left, arranged by what limits them: what an event costs depends on what it
 * concerns, not on the length of the list.
 */
export interface Lanes {
  readonly seen: Followings
  readonly listed: readonly KubePod[]
  /** Place in the list by uid. */
  readonly places: ReadonlyMap<string, number>
  /** Those that have not left, by uid in the order of the list. */
  readonly left: Map<string, KubePod>
  readonly ofPod: Map<string, Lane>
  readonly ofHead: Map<string, Lane>
  readonly ofBudget: Map<string, Lane[]>
  /** Lanes of pods under more than one budget. */
  readonly several: Lane[]
  /** What each budget selected when the pods were arranged, by its uid. */
  readonly selected: Map<string, string>
  readonly owned: OwnedPods
  /** Lanes that may have room for an eviction. */
  readonly stirred: Set<Lane>
  workloads: Scene['workloads']
  /** Objects by the uid of the workload that owns them, itself among them. */
  owners: ReadonlyMap<string, readonly string[]>
  arranged: boolean
  /** Some pod has no budget: its workload says how many may go. */
  limitedByWorkload: boolean
}

/** Lanes of a decided list; nothing stands in them before `arrange`. */
export const newLanes = (listed: readonly KubePod[], seen: Followings): Lanes => ({
  seen,
  listed,
  places: new Map(listed.map(({ uid }, place) => [uid, place])),
  left: new Map(),
  ofPod: new Map(),
  ofHead: new Map(),
  ofBudget: new Map(),
  several: [],
  selected: new Map(),
  owned: noPods(),
  stirred: new Set(),
  workloads: new Map(),
  owners: new Map(),
  arranged: false,
  limitedByWorkload: false,
})

/** Takes in what came of a pod; all of them without a uid. Answers whether that concerns a pod that has not left. */
export const takePod = (lanes: Lanes, uid: string | undefined): boolean => {
  if (uid === undefined) {
    fillPods(lanes.owned, lanes.seen.pods.items())
    return disarrange(lanes)
  }
  const pod = lanes.seen.pods.find(uid)
  for (const owner of putPod(lanes.owned, uid, pod)) stir(lanes, lanes.ofHead.get(headUid(lanes, owner)))
  const lane = lanes.ofPod.get(uid)
  const before = lanes.left.get(uid)
  if (!lane || !before) return lanes.stirred.size > 0
  if (pod && !isMatchedAlike(before, pod)) return disarrange(lanes)
  if (pod) {
    lane.pods.set(uid, pod)
    lanes.left.set(uid, pod)
  } else {
    for (const pods of [lane.pods, lanes.left, lanes.ofPod]) pods.delete(uid)
  }
  return stir(lanes, lane)
}

/** Takes in what came of a budget; all of them without a uid. Answers whether that concerns a pod that has not left. */
export const takeBudget = (lanes: Lanes, uid: string | undefined): boolean => {
  if (uid === undefined) return disarrange(lanes)
  const budget = lanes.seen.budgets.find(uid)
  if (budget === undefined || lanes.selected.get(uid) !== selectedBy(budget)) return disarrange(lanes)
  for (const lane of lanes.ofBudget.get(uid) ?? []) stir(lanes, lane)
  return lanes.stirred.size > 0
}

/** The lanes that count this pod may have room again. */
export const stirPod = (lanes: Lanes, uid: string): void => {
  stir(lanes, lanes.ofPod.get(uid))
  stir(lanes, lanes.ofHead.get(headUid(lanes, lanes.owned.byUid.get(uid)?.owner?.uid ?? '')))
}

/** The lanes of this budget may have room again. */
export const stirBudget = (lanes: Lanes, uid: string): void => {
  for (const lane of lanes.ofBudget.get(uid) ?? []) stir(lanes, lane)
}

/** Takes in Deployments, ReplicaSets and StatefulSets as they are now. */
export const takeWorkloads = (lanes: Lanes, workloads: ReadonlyMap<string, KubeWorkload>): void => {
  lanes.workloads = workloads
  lanes.owners = Map.groupBy(workloads.keys(), (uid) => headUid(lanes, uid))
  disarrange(lanes)
}

/** Arranges the pods that have not left anew where something has changed what they stand under. */
export const arrange = (lanes: Lanes): void => {
  if (lanes.arranged) return
  for (const known of [lanes.left, lanes.ofPod, lanes.ofHead, lanes.ofBudget, lanes.selected, lanes.stirred])
    known.clear()
  lanes.several.length = 0
  lanes.limitedByWorkload = false
  const budgets = lanes.seen.budgets.items()
  for (const budget of budgets) lanes.selected.set(budget.uid, selectedBy(budget))
  const budgetsIn = Map.groupBy(budgets, ({ namespace }) => namespace)
  const byKey = new Map<string, Lane>()
  for (const { uid } of lanes.listed) {
    const pod = lanes.seen.pods.find(uid)
    if (!pod) continue
    const lane = laneFor(lanes, byKey, { pod, over: budgetsOf(pod, budgetsIn.get(pod.namespace) ?? []) })
    lane.pods.set(uid, pod)
    lanes.left.set(uid, pod)
    lanes.ofPod.set(uid, lane)
  }
  lanes.arranged = true
}

interface Under {
  readonly pod: KubePod
  readonly over: readonly KubeBudget[]
}

const laneFor = (lanes: Lanes, byKey: Map<string, Lane>, { pod, over }: Under): Lane => {
  const budgets = over.map(({ uid }) => uid)
  const head = budgets.length === 0 ? headOf(pod, lanes.workloads)?.uid : undefined
  const key = budgets.length > 0 ? `budgets ${budgets.join(' ')}` : `alone ${head ?? pod.uid}`
  const known = byKey.get(key)
  if (known) return known
  const lane: Lane = { pods: new Map(), budgets, head }
  byKey.set(key, lane)
  lanes.stirred.add(lane)
  if (head !== undefined) lanes.ofHead.set(head, lane)
  if (budgets.length > 1) lanes.several.push(lane)
  if (budgets.length === 0) lanes.limitedByWorkload = true
  for (const uid of budgets) lanes.ofBudget.set(uid, [...(lanes.ofBudget.get(uid) ?? []), lane])
  return lane
}

/** What a choice has to keep to. */
export interface Choice {
  readonly sent: Sent
  /** True for pods not to be tried now. */
  readonly rests: (uid: string) => boolean
  /** How many evictions may be begun. */
  readonly free: number
}

/** The pods to evict now, in the order of the list: those that `evictable` chooses when it looks at everything. */
export const choose = (lanes: Lanes, { sent, rests, free }: Choice): readonly KubePod[] => {
  if (free <= 0) return []
  const found = [...lanes.stirred].map((lane) => {
    const scene = sceneOf(lanes, lane)
    const waiting = [...lane.pods.values()].filter(mayGo(scene, sent)).filter(({ uid }) => !rests(uid))
    return { lane, pods: evictable(scene, waiting, sent) }
  })
  const place = ({ uid }: KubePod) => lanes.places.get(uid) ?? 0
  const all = found.flatMap(({ pods }) => pods).toSorted((a, b) => place(a) - place(b))
  const chosen = all.slice(0, free)
  const begun = new Set(chosen)
  for (const { lane, pods } of found) if (pods.every((pod) => begun.has(pod))) lanes.stirred.delete(lane)
  return chosen
}

/** Where a budget has no room, only pods that may not need any are worth a look: a lane may be long. */
const mayGo = ({ budgets: [budget] }: Scene, sent: Sent): ((pod: KubePod) => boolean) => {
  const isFull = budget !== undefined && roomUnder(budget, sent) <= 0
  return ({ phase, ready }) => !isFull || !ready || phase !== 'Running'
}

/** Only what concerns one lane: no other has a part in its limit. */
const sceneOf = (lanes: Lanes, { budgets, head }: Lane): Scene => ({
  pods: head === undefined ? [] : podsOwnedBy(lanes.owned, lanes.owners.get(head) ?? []),
  budgets: budgets.flatMap((uid) => lanes.seen.budgets.find(uid) ?? []),
  workloads: lanes.workloads,
})

/** Budgets over a pod that has not left. */
export const budgetsOver = (lanes: Lanes, uid: string): readonly KubeBudget[] =>
  (lanes.ofPod.get(uid)?.budgets ?? []).flatMap((budget) => lanes.seen.budgets.find(budget) ?? [])

const stir = ({ stirred }: Lanes, lane: Lane | undefined): boolean => {
  if (lane) stirred.add(lane)
  return stirred.size > 0
}

const disarrange = (lanes: Lanes): true => {
  lanes.arranged = false
  return true
}

const headUid = ({ workloads }: Lanes, uid: string): string =>
  headOf({ owner: { uid, kind: '', name: '' } }, workloads)?.uid ?? uid

const selectedBy = ({ namespace, selector }: KubeBudget): string =>
  JSON.stringify([namespace, selector ?? ''])

/** Nothing has changed that budgets select by, or whose pod it is. */
const isMatchedAlike = (a: KubePod, b: KubePod): boolean => {
  if (a.owner?.uid !== b.owner?.uid) return false
  const [before, after] = [Object.entries(a.labels), Object.keys(b.labels)]
  return before.length === after.length && before.every(([key, value]) => b.labels[key] === value)
}
