import { sameJson } from '../storage.ts'
import { listSchema } from './list-schema.ts'
import { isFields, items, type Fields } from './reading.ts'

/** Where in which kind the merge stands; list items are not part of the path. */
interface Place {
  readonly kind: string
  readonly path: readonly string[]
}

/**
 * Strategic merge patch with its directives ($patch, $retainKeys, $deleteFromPrimitiveList, $setElementOrder).
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export const strategicMerge = (original: Fields, patch: Fields, kind: string): Fields =>
  mergeFields(original, patch, { kind, path: [] })

const mergeFields = (original: Fields, patch: Fields, place: Place): Fields => {
  if (patch['$patch'] === 'replace') return plain(patch)
  if (patch['$patch'] === 'delete') return {}
  const retained = patch['$retainKeys']
  const merged: { [field: string]: unknown } = Array.isArray(retained)
    ? Object.fromEntries(Object.entries(original).filter(([name]) => retained.includes(name)))
    : { ...original }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue
    if (value === null || (isFields(value) && value['$patch'] === 'delete')) delete merged[name]
    else merged[name] = mergeValue(merged[name], value, { ...place, path: [...place.path, name] })
  }
  return afterwards(merged, patch, place)
}

const mergeValue = (original: unknown, patch: unknown, place: Place): unknown => {
  if (Array.isArray(patch)) return mergeList(items(original), patch, place)
  if (!isFields(patch)) return patch
  return mergeFields(isFields(original) ? original : {}, patch, place)
}

const mergeList = (
  original: readonly unknown[],
  patch: readonly unknown[],
  place: Place,
): readonly unknown[] => {
  const key = listSchema(place.kind, place.path).patch
  if (key === undefined) return patch.map((item) => (isFields(item) ? plain(item) : item))
  if (key === 'scalars') return [...original, ...patch.filter((value) => !original.includes(value))]
  if (patch.some((item) => isFields(item) && item['$patch'] === 'replace' && item[key] === undefined))
    return patch.filter((item) => !isFields(item) || item['$patch'] === undefined)
  return patch.filter(isFields).reduce((list, item) => mergeItem(list, item, { key, place }), original)
}

const mergeItem = (
  list: readonly unknown[],
  item: Fields,
  { key, place }: { readonly key: string; readonly place: Place },
): readonly unknown[] => {
  const same = (other: unknown) => isFields(other) && sameJson(other[key], item[key])
  if (item['$patch'] === 'delete') return list.filter((other) => !same(other))
  if (!list.some(same)) return [...list, mergeFields({}, item, place)]
  return list.map((other) => (same(other) && isFields(other) ? mergeFields(other, item, place) : other))
}

const deletes = '$deleteFromPrimitiveList/'
const orders = '$setElementOrder/'

const afterwards = (merged: Fields, patch: Fields, place: Place): Fields => {
  const result: { [field: string]: unknown } = { ...merged }
  for (const [name, value] of Object.entries(patch)) {
    const gone = name.startsWith(deletes) ? name.slice(deletes.length) : undefined
    if (gone !== undefined && result[gone] !== undefined)
      result[gone] = items(result[gone]).filter((item) => !items(value).includes(item))
    const ordered = name.startsWith(orders) ? name.slice(orders.length) : undefined
    if (ordered !== undefined && Array.isArray(result[ordered]))
      result[ordered] = inOrder(result[ordered], items(value), {
        key: listSchema(place.kind, [...place.path, ordered]).patch,
      })
  }
  return result
}

/** Listed items take the listed order among themselves; the others keep their places. */
const inOrder = (
  list: readonly unknown[],
  order: readonly unknown[],
  { key }: { readonly key: string | undefined },
): readonly unknown[] => {
  const keyOf = (item: unknown) => (isFields(item) && key !== undefined ? item[key] : item)
  const place = (item: unknown) => order.findIndex((other) => sameJson(keyOf(other), keyOf(item)))
  const listed = list.filter((item) => place(item) >= 0).toSorted((a, b) => place(a) - place(b))
  return list.map((item) => (place(item) >= 0 ? listed.shift() : item))
}

/** Without directives, at any depth. */
const plain = (patch: Fields): Fields =>
  Object.fromEntries(
    Object.entries(patch)
      .filter(([name, value]) => !name.startsWith('$') && value !== null)
      .map(([name, value]) => [name, plainValue(value)]),
  )

const plainValue = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plainValue) : isFields(value) ? plain(value) : value
