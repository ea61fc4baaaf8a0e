import { textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { sortedKeys, type SortedKeys } from '../sorted-keys.ts'
import { keyOf, type Storage, type WatchEvent } from '../storage.ts'

/** Ways to objects that storage does not have: derived from it, never part of a snapshot. */
export interface ObjectIndex {
  /** Objects of the resource that have an owner reference to `uid`, by name. */
  readonly dependents: (uid: string, resource?: string) => readonly KubeObject[]
  readonly resourcesOf: (uid: string) => readonly (readonly [string, KubeObject])[]
  /** The same list until one of these pods changes. */
  readonly podsOn: (node: string) => readonly KubeObject[]
  /** Pods without a node that are not on their way out. */
  readonly unscheduled: () => readonly KubeObject[]
  readonly follow: (event: WatchEvent) => void
}

interface Marks {
  /** By uid of the owner: `resource key`. */
  readonly owned: Map<string, SortedKeys>
  /** By node: keys of pods. */
  readonly nodes: Map<string, SortedKeys>
  readonly waiting: Set<string>
  /** By node, until one of its pods changes. */
  readonly onNode: Map<string, readonly KubeObject[]>
}

/** Builds the index of what is stored; `follow` keeps it up with changes. */
export const indexObjects = (storage: Storage): ObjectIndex => {
  const marks: Marks = { owned: new Map(), nodes: new Map(), waiting: new Set(), onNode: new Map() }
  for (const [resource, objects] of storage.state.objects)
    for (const object of objects.values()) note(marks, resource, { object, present: true })
  const stored = (resource: string, key: string) => storage.state.objects.get(resource)?.get(key)
  const resourcesOf = (uid: string) =>
    (marks.owned.get(uid)?.all ?? []).flatMap((id) => {
      const [resource = '', key = ''] = id.split(' ')
      const object = stored(resource, key)
      return object ? [[resource, object] as const] : []
    })
  const pods = (keys: readonly string[]) => keys.flatMap((key) => stored('pods', key) ?? [])
  return {
    resourcesOf,
    dependents: (uid, resource) =>
      resource === undefined
        ? resourcesOf(uid).map(([, object]) => object)
        : (marks.owned.get(uid)?.startingWith(`${resource} `) ?? []).flatMap(
            (id) => stored(resource, id.slice(resource.length + 1)) ?? [],
          ),
    podsOn: (node) => {
      const known = marks.onNode.get(node)
      if (known) return known
      const found = pods(marks.nodes.get(node)?.all ?? [])
      marks.onNode.set(node, found)
      return found
    },
    unscheduled: () => pods([...marks.waiting].toSorted()),
    follow: ({ type, resource, object, previous }) => {
      const isSame = type === 'MODIFIED' && previous !== undefined && marksAlike(previous, object)
      if (previous && type !== 'ADDED' && !isSame) note(marks, resource, { object: previous, present: false })
      if (type !== 'DELETED') note(marks, resource, { object, present: true })
    },
  }
}

/** Owners and node are where they were: the marks stay. */
const marksAlike = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.ownerReferences === after.metadata.ownerReferences &&
  textAt(before, 'spec', 'nodeName') === textAt(after, 'spec', 'nodeName')

const note = (
  { owned, nodes, waiting, onNode }: Marks,
  resource: string,
  { object, present }: { readonly object: KubeObject; readonly present: boolean },
): void => {
  const key = keyOf(object)
  for (const { uid } of object.metadata.ownerReferences ?? [])
    mark(owned, uid, { to: `${resource} ${key}`, present })
  if (resource !== 'pods') return
  const node = textAt(object, 'spec', 'nodeName')
  if (node !== '') {
    mark(nodes, node, { to: key, present })
    onNode.delete(node)
  }
  if (present && node === '' && object.metadata.deletionTimestamp === undefined) waiting.add(key)
  else waiting.delete(key)
}

const mark = (
  map: Map<string, SortedKeys>,
  from: string,
  { to, present }: { readonly to: string; readonly present: boolean },
): void => {
  const keys = map.get(from) ?? sortedKeys([])
  if (present) keys.add(to)
  else keys.remove(to)
  if (keys.all.length === 0) map.delete(from)
  else map.set(from, keys)
}
