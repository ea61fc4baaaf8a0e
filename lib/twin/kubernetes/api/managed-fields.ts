import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds, sameJson, withMeta } from '../storage.ts'
import { decodePaths, encodePaths, fieldPaths, type FieldPaths, type FieldSets } from './field-paths.ts'
import { at, textAt, type Fields } from './reading.ts'

/** Who writes, and through which door. */
export interface FieldManager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  /** '' for the object itself. */
  readonly subresource: string
}

/** One entry of managedFields, opened. */
export interface ManagerEntry {
  readonly manager: string
  readonly operation: string
  readonly subresource: string
  readonly apiVersion: string
  readonly time: string
  readonly paths: ReadonlySet<string>
}

/** Opens metadata.managedFields. */
export const entriesOf = (object: KubeObject | undefined): readonly ManagerEntry[] =>
  (object?.metadata.managedFields ?? []).map((entry) => ({
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation'),
    subresource: textAt(entry, 'subresource'),
    apiVersion: textAt(entry, 'apiVersion'),
    time: textAt(entry, 'time'),
    paths: decodePaths(at(entry, 'fieldsV1')),
  }))

/** Writes the entries back; empty ones are left out. */
export const withEntries = (
  object: KubeObject,
  entries: readonly ManagerEntry[],
  sets?: FieldSets,
): KubeObject => {
  const managedFields = entries
    .filter((entry) => entry.paths.size > 0)
    .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map((entry) => closed(entry, sets))
  return withMeta(object, { managedFields })
}

const sortKey = (entry: ManagerEntry) =>
  `${entry.operation === 'Apply' ? 0 : 1} ${entry.time} ${entry.manager} ${entry.subresource}`

const closed = (entry: ManagerEntry, sets: FieldSets | undefined): Fields => ({
  manager: entry.manager,
  operation: entry.operation,
  apiVersion: entry.apiVersion,
  time: entry.time,
  fieldsType: 'FieldsV1',
  fieldsV1: encodePaths(entry.paths, sets),
  ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
})

/** True for the entry that this manager keeps. */
export const belongsTo = (entry: ManagerEntry, manager: FieldManager): boolean =>
  entry.manager === manager.name &&
  entry.operation === manager.operation &&
  entry.subresource === manager.subresource

/** What tracking needs to know of a write. */
export interface Tracking {
  readonly manager: FieldManager
  /** undefined for custom kinds. */
  readonly kind: string | undefined
  readonly now: number
  readonly sets?: FieldSets | undefined
}

/**
 * Records that an update (create, PUT, any patch but apply) set the fields that changed: they go to this manager and
 * leave all others. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export const trackUpdate = (
  previous: KubeObject | undefined,
  next: KubeObject,
  tracking: Tracking,
): KubeObject => {
  const before: FieldPaths = previous ? fieldPaths(previous, tracking.kind) : new Map<string, unknown>()
  const after = fieldPaths(next, tracking.kind)
  const changed = new Set(
    [...after]
      .filter(([path, value]) => !before.has(path) || !sameJson(before.get(path), value))
      .map(([path]) => path),
  )
  const removed = [...before.keys()].some((path) => !after.has(path))
  const base = previous === undefined ? next : withManaged(next, previous)
  if (changed.size === 0 && !removed) return base
  const entries = entriesOf(base).map((entry) => afterUpdate(entry, { changed, after, tracking }))
  const mine = entries.some((entry) => belongsTo(entry, tracking.manager))
  return withEntries(
    next,
    mine || changed.size === 0 ? entries : [...entries, fresh(next, changed, tracking)],
    tracking.sets,
  )
}

const withManaged = (next: KubeObject, previous: KubeObject) =>
  previous.metadata.managedFields === undefined
    ? next
    : withMeta(next, { managedFields: previous.metadata.managedFields })

const afterUpdate = (
  entry: ManagerEntry,
  { changed, after, tracking }: { changed: ReadonlySet<string>; after: FieldPaths; tracking: Tracking },
): ManagerEntry => {
  const mine = belongsTo(entry, tracking.manager)
  const kept = [...entry.paths].filter((path) => after.has(path) && (mine || !changed.has(path)))
  if (!mine) return { ...entry, paths: new Set(kept) }
  const time = changed.size === 0 ? entry.time : isoSeconds(tracking.now)
  return { ...entry, time, paths: new Set([...kept, ...changed]) }
}

/** A new entry for a manager. */
export const fresh = (object: KubeObject, paths: ReadonlySet<string>, tracking: Tracking): ManagerEntry => ({
  manager: tracking.manager.name,
  operation: tracking.manager.operation,
  subresource: tracking.manager.subresource,
  apiVersion: object.apiVersion,
  time: isoSeconds(tracking.now),
  paths,
})
