import { textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { sortedObjects, type SortedObjects } from '../sorted-objects.ts'
import { keyOf, sameJson, type Storage, type WatchEvent } from '../storage.ts'

/** Ways to objects that storage does not have: derived from it, never part of a snapshot. Lists stay the same until one of theirs changes. */
export interface ObjectIndex {
  /** Objects of the resource that have an owner reference to `uid`, by name. */
  readonly dependents: (uid: string, resource: string) => readonly KubeObject[]
  readonly resourcesOf: (uid: string) => readonly (readonly [string, KubeObject])[]
  readonly podsOn: (node: string) => readonly KubeObject[]
  /** Pods of the namespace with that label. */
  readonly podsLabelled: (
    namespace: string,
    label: readonly [key: string, value: string],
  ) => readonly KubeObject[]
  /** Pods without a node that are not on their way out. */
  readonly unscheduled: () => readonly KubeObject[]
  readonly follow: (event: WatchEvent) => void
}

interface Marks {
  /** By uid of the owner and resource, as `ownedBy` writes them. */
  readonly owned: Places
  /** By uid of the owner: the resources it owns some of. */
  readonly resources: Map<string, Set<string>>
  readonly nodes: Places
  readonly labels: Places
  readonly waiting: SortedObjects
}

type Places = Map<string, SortedObjects>

/** Builds the index of what is stored; `follow` keeps it up with changes. */
export const indexObjects = (storage: Storage): ObjectIndex => {
  const marks: Marks = {
    owned: new Map(),
    resources: new Map(),
    nodes: new Map(),
    labels: new Map(),
    waiting: sortedObjects(),
  }
  for (const [resource, objects] of storage.state.objects)
    for (const object of objects.values()) put(marks, resource, object)
  const dependents = (uid: string, resource: string) => inPlace(marks.owned, ownedBy(uid, resource))
  return {
    dependents,
    resourcesOf: (uid) =>
      [...(marks.resources.get(uid) ?? [])]
        .toSorted()
        .flatMap((resource) => dependents(uid, resource).map((object) => [resource, object] as const)),
    podsOn: (node) => inPlace(marks.nodes, node),
    podsLabelled: (namespace, label) => inPlace(marks.labels, labelled(namespace, label)),
    unscheduled: () => marks.waiting.all(),
    follow: ({ type, resource, object, previous }) => {
      const isSame = type === 'MODIFIED' && previous !== undefined && marksAlike(previous, object)
      if (previous && type !== 'ADDED' && !isSame) take(marks, resource, previous)
      if (type !== 'DELETED') put(marks, resource, object)
    },
  }
}

const none: readonly KubeObject[] = []

const inPlace = (places: Places, place: string) => places.get(place)?.all() ?? none

const ownedBy = (uid: string, resource: string) => `${uid} ${resource}`

const labelled = (namespace: string, [key, value]: readonly [string, string]) =>
  `${namespace} ${key}=${value}`

/** Owners, labels and node are what they were: the marks stay. */
const marksAlike = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.ownerReferences === after.metadata.ownerReferences &&
  sameJson(before.metadata.labels, after.metadata.labels) &&
  textAt(before, 'spec', 'nodeName') === textAt(after, 'spec', 'nodeName')

const put = (marks: Marks, resource: string, object: KubeObject): void => {
  const key = keyOf(object)
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    putIn(marks.owned, ownedBy(uid, resource), { key, object })
    const resources = marks.resources.get(uid)
    if (resources) resources.add(resource)
    else marks.resources.set(uid, new Set([resource]))
  }
  if (resource !== 'pods') return
  for (const place of labelPlaces(object)) putIn(marks.labels, place, { key, object })
  const node = textAt(object, 'spec', 'nodeName')
  if (node !== '') putIn(marks.nodes, node, { key, object })
  if (node === '' && object.metadata.deletionTimestamp === undefined) marks.waiting.set(key, object)
  else marks.waiting.remove(key)
}

const take = (marks: Marks, resource: string, object: KubeObject): void => {
  const key = keyOf(object)
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    if (!takeFrom(marks.owned, ownedBy(uid, resource), key)) continue
    const resources = marks.resources.get(uid)
    resources?.delete(resource)
    if (resources?.size === 0) marks.resources.delete(uid)
  }
  if (resource !== 'pods') return
  for (const place of labelPlaces(object)) takeFrom(marks.labels, place, key)
  takeFrom(marks.nodes, textAt(object, 'spec', 'nodeName'), key)
  marks.waiting.remove(key)
}

const labelPlaces = ({ metadata }: KubeObject) =>
  Object.entries(metadata.labels ?? {}).map((label) => labelled(metadata.namespace ?? '', label))

const putIn = (
  places: Places,
  place: string,
  { key, object }: { readonly key: string; readonly object: KubeObject },
): void => {
  const there = places.get(place)
  if (there) there.set(key, object)
  else places.set(place, sortedObjects([[key, object]]))
}

/** True when nothing is left there. */
const takeFrom = (places: Places, place: string, key: string): boolean => {
  const there = places.get(place)
  if (!there) return false
  there.remove(key)
  if (there.size() > 0) return false
  places.delete(place)
  return true
}
