import { textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { sortedByKey, type SortedByKey } from '../sorted-by-key.ts'
import { keyOf, sameJson, type Storage, type WatchEvent } from '../storage.ts'
import { podList, tallyOf, type PodList } from './pod-list.ts'
import { seenPod, type SeenPod } from './seen-pod.ts'

/** Ways to objects that storage does not have: derived from it, never part of a snapshot. Lists stay the same until one of theirs changes. */
export interface ObjectIndex {
  /** Objects of the resource, other than pods, that have an owner reference to `uid`, by name. */
  readonly dependents: (uid: string, resource: string) => readonly KubeObject[]
  /** All that have such a reference, by resource and name. */
  readonly resourcesOf: (uid: string) => readonly (readonly [string, KubeObject])[]
  readonly podsOwnedBy: (uid: string) => Counted
  readonly podsOn: (node: string) => Counted
  readonly podsIn: (namespace: string) => Counted
  /** Pods of the namespace with that label. */
  readonly podsLabelled: (namespace: string, label: Label) => Counted
  /** Pods without a node that are not on their way out. */
  readonly unscheduled: () => readonly SeenPod[]
  readonly follow: (event: WatchEvent) => void
}

/** Pods, and how many of them there are: both as they are when asked. */
export type Counted = Pick<PodList, 'all' | 'tally'>

type Label = readonly [key: string, value: string]

interface Marks {
  /** Objects other than pods by uid of the owner, under `resource key`. */
  readonly owned: Map<string, SortedByKey<Owned>>
  /** Pods by the places of `placesOf`. */
  readonly pods: Map<string, PodList>
  /** Each pod with the lists it is in, by key. */
  readonly placed: Map<string, Placed>
  readonly waiting: SortedByKey<SeenPod>
}

type Owned = readonly [resource: string, object: KubeObject]

interface Placed {
  readonly seen: SeenPod
  readonly places: readonly string[]
  readonly lists: readonly PodList[]
}

/** Builds the index of what is stored; `follow` keeps it up with changes. */
export const indexObjects = (storage: Storage): ObjectIndex => {
  const marks: Marks = { owned: new Map(), pods: new Map(), placed: new Map(), waiting: sortedByKey() }
  for (const [resource, objects] of storage.state.objects)
    for (const object of objects.values()) put(marks, resource, object)
  const pods = (place: string) => marks.pods.get(place) ?? none
  return {
    dependents: (uid, resource) =>
      (marks.owned.get(uid)?.startingWith(`${resource} `) ?? []).map(([, object]) => object),
    resourcesOf: (uid) => [
      ...(marks.owned.get(uid)?.all() ?? []),
      ...pods(ownedBy(uid))
        .all()
        .map(({ pod }) => ['pods', pod] as const),
    ],
    podsOwnedBy: (uid) => pods(ownedBy(uid)),
    podsOn: (node) => pods(onNode(node)),
    podsIn: (namespace) => inNamespace(marks, storage.list('pods', namespace)),
    podsLabelled: (namespace, label) => pods(labelled(namespace, label)),
    unscheduled: () => marks.waiting.all(),
    follow: (event) => (event.resource === 'pods' ? followPod(marks, event) : followOther(marks, event)),
  }
}

const noPods: readonly SeenPod[] = []
const none: Counted = { all: () => noPods, tally: tallyOf(noPods) }

/** Few ask for all of a namespace: its pods are counted when somebody does. */
const inNamespace = ({ placed }: Marks, pods: readonly KubeObject[]): Counted => {
  const all = pods.flatMap((pod) => placed.get(keyOf(pod))?.seen ?? [])
  return { all: () => all, tally: tallyOf(all) }
}

const followOther = (marks: Marks, { type, resource, object, previous }: WatchEvent): void => {
  const isSame = type === 'MODIFIED' && previous?.metadata.ownerReferences === object.metadata.ownerReferences
  if (previous && !isSame) take(marks, resource, previous)
  if (type !== 'DELETED') put(marks, resource, object)
}

const followPod = (marks: Marks, { type, object, previous }: WatchEvent): void => {
  const key = keyOf(object)
  const before = marks.placed.get(key)
  if (before && type === 'MODIFIED' && previous && marksAlike(previous, object)) {
    const seen = seenPod(object, before.seen)
    for (const list of before.lists) list.set(key, seen, before.seen)
    return place(marks, { ...before, seen })
  }
  if (before) takePod(marks, before)
  if (type !== 'DELETED') putPod(marks, object, before?.seen)
}

/** Owners, labels and node are what they were: the marks stay. */
const marksAlike = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.ownerReferences === after.metadata.ownerReferences &&
  sameJson(before.metadata.labels, after.metadata.labels) &&
  textAt(before, 'spec', 'nodeName') === textAt(after, 'spec', 'nodeName')

const put = (marks: Marks, resource: string, object: KubeObject): void => {
  if (resource === 'pods') return putPod(marks, object)
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    const key = `${resource} ${keyOf(object)}`
    const there = marks.owned.get(uid)
    if (there) there.set(key, [resource, object])
    else marks.owned.set(uid, sortedByKey<Owned>([[key, [resource, object]]]))
  }
}

const take = (marks: Marks, resource: string, object: KubeObject): void => {
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    const there = marks.owned.get(uid)
    there?.remove(`${resource} ${keyOf(object)}`)
    if (there?.size() === 0) marks.owned.delete(uid)
  }
}

const putPod = (marks: Marks, pod: KubeObject, before?: SeenPod): void => {
  const seen = seenPod(pod, before)
  const places = [...new Set(placesOf(pod))]
  const lists = places.map((name) => {
    const list = marks.pods.get(name) ?? podList()
    marks.pods.set(name, list)
    list.set(keyOf(pod), seen, undefined)
    return list
  })
  place(marks, { seen, places, lists })
}

const place = (marks: Marks, placed: Placed): void => {
  const { pod, isLeaving } = placed.seen
  const key = keyOf(pod)
  marks.placed.set(key, placed)
  if (!isLeaving && textAt(pod, 'spec', 'nodeName') === '') marks.waiting.set(key, placed.seen)
  else marks.waiting.remove(key)
}

const takePod = (marks: Marks, { seen, places, lists }: Placed): void => {
  const key = keyOf(seen.pod)
  for (const list of lists) list.remove(key, seen)
  for (const name of places) if (marks.pods.get(name)?.size() === 0) marks.pods.delete(name)
  marks.placed.delete(key)
  marks.waiting.remove(key)
}

/** Where a pod is looked for. */
const placesOf = (pod: KubeObject): readonly string[] => {
  const { namespace = '', labels = {}, ownerReferences = [] } = pod.metadata
  const node = textAt(pod, 'spec', 'nodeName')
  return [
    ...ownerReferences.map(({ uid }) => ownedBy(uid)),
    ...(node === '' ? [] : [onNode(node)]),
    ...Object.entries(labels).map((label) => labelled(namespace, label)),
  ]
}

const ownedBy = (uid: string) => `of ${uid}`
const onNode = (node: string) => `on ${node}`
const labelled = (namespace: string, [key, value]: Label) => `with ${namespace} ${key}=${value}`
