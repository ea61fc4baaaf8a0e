import { textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { keyOf, type Storage, type WatchEvent } from '../storage.ts'

/** Ways to objects that storage does not have: derived from it, never part of a snapshot. */
export interface ObjectIndex {
  /** Objects of the resource that have an owner reference to `uid`, by name. */
  readonly dependents: (uid: string, resource?: string) => readonly KubeObject[]
  readonly resourcesOf: (uid: string) => readonly (readonly [string, KubeObject])[]
  readonly podsOn: (node: string) => readonly KubeObject[]
  /** Pods without a node that are not on their way out. */
  readonly unscheduled: () => readonly KubeObject[]
  readonly follow: (event: WatchEvent) => void
}

/** Builds the index of what is stored; `follow` keeps it up with changes. */
export const indexObjects = (storage: Storage): ObjectIndex => {
  const owned = new Map<string, Set<string>>()
  const nodes = new Map<string, Set<string>>()
  const waiting = new Set<string>()
  const note = (resource: string, object: KubeObject, present: boolean) => {
    for (const { uid } of object.metadata.ownerReferences ?? [])
      mark(owned, uid, `${resource} ${keyOf(object)}`, present)
    if (resource !== 'pods') return
    const node = textAt(object, 'spec', 'nodeName')
    if (node !== '') mark(nodes, node, keyOf(object), present)
    if (present && node === '' && object.metadata.deletionTimestamp === undefined) waiting.add(keyOf(object))
    else waiting.delete(keyOf(object))
  }
  for (const [resource, objects] of storage.state.objects)
    for (const object of objects.values()) note(resource, object, true)
  const stored = (resource: string, key: string) => storage.state.objects.get(resource)?.get(key)
  const resourcesOf = (uid: string) =>
    [...(owned.get(uid) ?? [])].toSorted().flatMap((id) => {
      const [resource = '', key = ''] = id.split(' ')
      const object = stored(resource, key)
      return object ? [[resource, object] as const] : []
    })
  const pods = (keys: Iterable<string>) => [...keys].toSorted().flatMap((key) => stored('pods', key) ?? [])
  return {
    resourcesOf,
    dependents: (uid, resource) =>
      resourcesOf(uid).flatMap(([of, object]) => (resource === undefined || of === resource ? [object] : [])),
    podsOn: (node) => pods(nodes.get(node) ?? []),
    unscheduled: () => pods(waiting),
    follow: (event) => {
      if (event.previous && event.type !== 'ADDED') note(event.resource, event.previous, false)
      if (event.type !== 'DELETED') note(event.resource, event.object, true)
    },
  }
}

const mark = (map: Map<string, Set<string>>, from: string, to: string, present: boolean) => {
  const set = map.get(from) ?? new Set()
  if (present) set.add(to)
  else set.delete(to)
  if (set.size === 0) map.delete(from)
  else map.set(from, set)
}
