import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds, sameJson } from '../storage.ts'
import { elementsOf, fieldPaths, shownPath, type FieldPaths } from './field-paths.ts'
import { isAtomicMap, itemKey, listSchema } from './list-schema.ts'
import {
  belongsTo,
  entriesOf,
  fresh,
  withEntries,
  type ManagerEntry,
  type Tracking,
} from './managed-fields.ts'
import { isFields, type Fields } from './reading.ts'
import { StatusError } from './status-error.ts'

/** An applied configuration and who applies it. */
export interface Application extends Tracking {
  readonly applied: KubeObject
  readonly force: boolean
}

/**
 * Server-side apply of a configuration onto the live object (or onto nothing): merged object with managedFields.
 * Throws 409 with a cause per field that somebody else owns and that would change, unless forced.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export const applyOnto = (live: KubeObject | undefined, application: Application): KubeObject => {
  const { applied, kind, manager } = application
  const wanted = fieldPaths(applied, kind)
  const present = live ? fieldPaths(live, kind) : new Map<string, unknown>()
  const entries = ownersOf(live, present, application)
  const conflicts = entries
    .filter((entry) => !belongsTo(entry, manager))
    .map((entry) => ({ entry, paths: changedPaths(entry, wanted, present) }))
    .filter(({ paths }) => paths.length > 0)
  if (conflicts.length > 0 && !application.force) throw conflictError(conflicts)
  const lost = new Set(conflicts.flatMap(({ paths }) => paths))
  const others = entries
    .filter((entry) => !belongsTo(entry, manager))
    .map((entry) => ({ ...entry, paths: new Set([...entry.paths].filter((path) => !lost.has(path))) }))
  const former = entries.find((entry) => belongsTo(entry, manager))
  const dropped = [...(former?.paths ?? [])].filter(
    (path) => !wanted.has(path) && !others.some((entry) => entry.paths.has(path)),
  )
  const merged = mergeFields(live ?? {}, applied, { kind, path: [] })
  const left = dropped
    .toReversed()
    .reduce<Fields>((object, path) => dropPath(object, elementsOf(path)), merged)
  const own = ownEntry(former, new Set(wanted.keys()), application)
  // The merge of two objects that have apiVersion, kind and metadata has them too.
  return withEntries(left as KubeObject, [...others, own])
}

const ownersOf = (live: KubeObject | undefined, present: FieldPaths, application: Application) => {
  const entries = entriesOf(live)
  if (!live || entries.length > 0) return entries
  const paths = new Set(present.keys())
  const manager = { name: 'before-first-apply', operation: 'Update' as const, subresource: '' }
  return [fresh(live, paths, { ...application, manager })]
}

const changedPaths = (entry: ManagerEntry, wanted: FieldPaths, present: FieldPaths) =>
  [...wanted]
    .filter(([path, value]) => entry.paths.has(path) && !sameJson(value, present.get(path)))
    .map(([path]) => path)

const ownEntry = (
  former: ManagerEntry | undefined,
  paths: ReadonlySet<string>,
  application: Application,
): ManagerEntry => {
  if (!former) return fresh(application.applied, paths, application)
  const same = former.paths.size === paths.size && [...paths].every((path) => former.paths.has(path))
  return { ...former, paths, time: same ? former.time : isoSeconds(application.now) }
}

const conflictError = (
  conflicts: readonly { readonly entry: ManagerEntry; readonly paths: readonly string[] }[],
): StatusError => {
  const causes = conflicts.flatMap(({ entry, paths }) =>
    paths.map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${shownManager(entry)}`,
      field: shownPath(path),
    })),
  )
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`
  const told = conflicts.map(({ entry, paths }) =>
    paths.length === 1
      ? `conflict with ${shownManager(entry)}: ${shownPath(paths[0] ?? '')}`
      : [`conflicts with ${shownManager(entry)}:`, ...paths.map((path) => `- ${shownPath(path)}`)].join('\n'),
  )
  return new StatusError(409, 'Conflict', `Apply failed with ${count}: ${told.join('\n')}`, { causes })
}

const shownManager = (entry: ManagerEntry) => {
  const through = entry.subresource === '' ? '' : ` with subresource ${JSON.stringify(entry.subresource)}`
  const using = entry.operation === 'Update' ? ` using ${entry.apiVersion} at ${entry.time}` : ''
  return `${JSON.stringify(entry.manager)}${through}${using}`
}

interface Place {
  readonly kind: string | undefined
  readonly path: readonly string[]
}

const mergeFields = (live: Fields, applied: Fields, place: Place): Fields => {
  const merged: { [field: string]: unknown } = { ...live }
  for (const [name, value] of Object.entries(applied)) {
    if (value === null || value === undefined) continue
    merged[name] = mergeValue(live[name], value, { ...place, path: [...place.path, name] })
  }
  return merged
}

const mergeValue = (live: unknown, applied: unknown, place: Place): unknown => {
  if (Array.isArray(applied)) return mergeList(Array.isArray(live) ? live : [], applied, place)
  if (!isFields(applied) || isAtomicMap(place.kind, place.path)) return applied
  return mergeFields(isFields(live) ? live : {}, applied, place)
}

const mergeList = (
  live: readonly unknown[],
  applied: readonly unknown[],
  place: Place,
): readonly unknown[] => {
  const { apply } = listSchema(place.kind, place.path)
  if (apply.type === 'atomic') return applied
  if (apply.type === 'set') return [...live, ...applied.filter((value) => !live.includes(value))]
  const keyed = new Map(live.filter(isFields).map((item) => [itemKey(item, apply.keys), item]))
  for (const item of applied.filter(isFields)) {
    const key = itemKey(item, apply.keys)
    keyed.set(key, mergeFields(keyed.get(key) ?? {}, item, place))
  }
  return [...keyed.values()]
}

/** Takes one owned field away; objects left empty by it go too. */
const dropPath = (object: Fields, elements: readonly string[]): Fields => {
  const [element = '', ...rest] = elements
  const name = element.slice(2)
  const { [name]: value, ...others } = object
  if (value === undefined) return object
  if (rest.length === 0) return others
  const left = Array.isArray(value)
    ? dropFromList(value, rest)
    : isFields(value)
      ? dropPath(value, rest)
      : value
  const empty = Array.isArray(left) ? left.length === 0 : isFields(left) && Object.keys(left).length === 0
  return empty ? others : { ...object, [name]: left }
}

const dropFromList = (list: readonly unknown[], elements: readonly string[]): readonly unknown[] => {
  const [element = '', ...rest] = elements
  if (element.startsWith('v:')) return list.filter((value) => JSON.stringify(value) !== element.slice(2))
  const keys: unknown = JSON.parse(element.slice(2))
  const names = Object.keys(isFields(keys) ? keys : {})
  const wanted = (item: unknown): item is Fields =>
    isFields(item) && itemKey(item, names) === itemKey(isFields(keys) ? keys : {}, names)
  if (rest.length === 0) return list.filter((item) => !wanted(item))
  return list.map((item) => (wanted(item) ? dropPath(item, rest) : item))
}
