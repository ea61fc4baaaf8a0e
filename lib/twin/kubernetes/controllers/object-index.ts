import { textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { sortedByKey, type SortedByKey } from '../sorted-by-key.ts'
import { keyOf, sameJson, type Storage, type WatchEvent } from '../storage.ts'
import { seenPod, type SeenPod } from './seen-pod.ts'

/** Ways to objects that storage does not have: derived from it, never part of a snapshot. Lists stay the same until one of theirs changes. */
export interface ObjectIndex {
  /** Objects of the resource, other than pods, that have an owner reference to `uid`, by name. */
  readonly dependents: (uid: string, resource: string) => readonly KubeObject[]
  /** All that have such a reference, by resource and name. */
  readonly resourcesOf: (uid: string) => readonly (readonly [string, KubeObject])[]
  readonly podsOwnedBy: (uid: string) => readonly SeenPod[]
  readonly podsOn: (node: string) => readonly SeenPod[]
  readonly podsIn: (namespace: string) => readonly SeenPod[]
  /** Pods of the namespace with that label. */
  readonly podsLabelled: (namespace: string, label: Label) => readonly SeenPod[]
  /** Pods without a node that are not on their way out. */
  readonly unscheduled: () => readonly SeenPod[]
  readonly follow: (event: WatchEvent) => void
}

type Label = readonly [key: string, value: string]

interface Marks {
  /** Objects other than pods by uid of the owner, under `resource key`. */
  readonly owned: Places<readonly [string, KubeObject]>
  /** Pods by the places of `placesOf`. */
  readonly pods: Places<SeenPod>
  readonly seen: Map<string, SeenPod>
  readonly waiting: SortedByKey<SeenPod>
}

type Places<T> = Map<string, SortedByKey<T>>

/** Builds the index of what is stored; `follow` keeps it up with changes. */
export const indexObjects = (storage: Storage): ObjectIndex => {
  const marks: Marks = { owned: new Map(), pods: new Map(), seen: new Map(), waiting: sortedByKey() }
  for (const [resource, objects] of storage.state.objects)
    for (const object of objects.values()) put(marks, resource, object)
  const pods = (place: string) => marks.pods.get(place)?.all() ?? none
  return {
    dependents: (uid, resource) =>
      (marks.owned.get(uid)?.startingWith(`${resource} `) ?? []).map(([, object]) => object),
    resourcesOf: (uid) => [
      ...(marks.owned.get(uid)?.all() ?? []),
      ...pods(ownedBy(uid)).map(({ pod }) => ['pods', pod] as const),
    ],
    podsOwnedBy: (uid) => pods(ownedBy(uid)),
    podsOn: (node) => pods(onNode(node)),
    podsIn: (namespace) => pods(inNamespace(namespace)),
    podsLabelled: (namespace, label) => pods(labelled(namespace, label)),
    unscheduled: () => marks.waiting.all(),
    follow: ({ type, resource, object, previous }) => {
      const isSame = type === 'MODIFIED' && previous !== undefined && marksAlike(previous, object)
      if (previous && type !== 'ADDED' && !isSame) take(marks, resource, previous)
      if (type !== 'DELETED') put(marks, resource, object)
      else if (resource === 'pods') marks.seen.delete(keyOf(object))
    },
  }
}

const none: readonly SeenPod[] = []

/** Owners, labels and node are what they were: the marks stay. */
const marksAlike = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.ownerReferences === after.metadata.ownerReferences &&
  sameJson(before.metadata.labels, after.metadata.labels) &&
  textAt(before, 'spec', 'nodeName') === textAt(after, 'spec', 'nodeName')

const put = (marks: Marks, resource: string, object: KubeObject): void => {
  const key = keyOf(object)
  if (resource !== 'pods') {
    for (const { uid } of object.metadata.ownerReferences ?? [])
      putIn(marks.owned, uid, { key: `${resource} ${key}`, value: [resource, object] })
    return
  }
  const value = seenPod(object, marks.seen.get(key))
  marks.seen.set(key, value)
  for (const place of placesOf(object)) putIn(marks.pods, place, { key, value })
  if (isWaiting(object)) marks.waiting.set(key, value)
  else marks.waiting.remove(key)
}

const take = (marks: Marks, resource: string, object: KubeObject): void => {
  const key = keyOf(object)
  if (resource !== 'pods')
    for (const { uid } of object.metadata.ownerReferences ?? [])
      takeFrom(marks.owned, uid, `${resource} ${key}`)
  else {
    for (const place of placesOf(object)) takeFrom(marks.pods, place, key)
    marks.waiting.remove(key)
  }
}

const isWaiting = (pod: KubeObject) =>
  textAt(pod, 'spec', 'nodeName') === '' && pod.metadata.deletionTimestamp === undefined

/** Where a pod is looked for. */
const placesOf = (pod: KubeObject): readonly string[] => {
  const { namespace = '', labels = {}, ownerReferences = [] } = pod.metadata
  const node = textAt(pod, 'spec', 'nodeName')
  return [
    inNamespace(namespace),
    ...ownerReferences.map(({ uid }) => ownedBy(uid)),
    ...(node === '' ? [] : [onNode(node)]),
    ...Object.entries(labels).map((label) => labelled(namespace, label)),
  ]
}

const inNamespace = (namespace: string) => `in ${namespace}`
const ownedBy = (uid: string) => `of ${uid}`
const onNode = (node: string) => `on ${node}`
const labelled = (namespace: string, [key, value]: Label) => `with ${namespace} ${key}=${value}`

const putIn = <T>(
  places: Places<T>,
  place: string,
  { key, value }: { readonly key: string; readonly value: T },
): void => {
  const there = places.get(place)
  if (there) there.set(key, value)
  else places.set(place, sortedByKey([[key, value]]))
}

const takeFrom = <T>(places: Places<T>, place: string, key: string): void => {
  const there = places.get(place)
  there?.remove(key)
  if (there?.size() === 0) places.delete(place)
}
