import { isFields, type Fields } from './reading.ts'
import { isAtomicMap, itemKey, listSchema } from './list-schema.ts'

/**
 * The fields of an object that somebody can own, with their values. A path is a list of `f:name`, `k:{keys}` and
 * `v:scalar` (as in managedFields), joined by a character that names cannot hold.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export type FieldPaths = ReadonlyMap<string, unknown>

const joint = '\u0000'
const betweenPaths = '\u0001'

/** Path as one string. */
export const joined = (...elements: readonly string[]): string => elements.join(joint)

/** Elements of a path. */
export const elementsOf = (path: string): readonly string[] => path.split(joint)

const owned = { item: true }

const never = new Set(
  ['apiVersion', 'kind'].concat(
    [
      'name',
      'namespace',
      'generateName',
      'uid',
      'resourceVersion',
      'generation',
      'creationTimestamp',
      'deletionTimestamp',
      'deletionGracePeriodSeconds',
      'managedFields',
      'selfLink',
    ].map((name) => joined('metadata', name)),
  ),
)

/** All ownable fields of an object. `kind` is undefined for custom kinds, whose lists are atomic. */
export const fieldPaths = (object: Fields, kind: string | undefined): FieldPaths => {
  const found = new Map<string, unknown>()
  walkFields(object, { found, kind, path: '', names: [] })
  return found
}

interface Walk {
  readonly found: Map<string, unknown>
  readonly kind: string | undefined
  readonly path: string
  readonly names: readonly string[]
}

const under = (walk: Walk, element: string, name?: string): Walk => ({
  ...walk,
  path: walk.path === '' ? element : joined(walk.path, element),
  names: name === undefined ? walk.names : [...walk.names, name],
})

const walkFields = (object: Fields, walk: Walk) => {
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined || value === null) continue
    const next = under(walk, `f:${name}`, name)
    if (walk.names.length < 2 && never.has(joined(...next.names))) continue
    walkValue(value, next)
  }
}

const walkValue = (value: unknown, walk: Walk) => {
  if (Array.isArray(value)) walkList(value, walk)
  else if (!isFields(value) || Object.keys(value).length === 0 || isAtomicMap(walk.kind, walk.names)) {
    if (walk.path !== 'f:metadata') walk.found.set(walk.path, value)
  } else walkFields(value, walk)
}

const walkList = (list: readonly unknown[], walk: Walk) => {
  const { apply } = listSchema(walk.kind, walk.names)
  if (apply.type === 'atomic' || list.length === 0) walk.found.set(walk.path, list)
  else if (apply.type === 'set')
    for (const value of list) walk.found.set(joined(walk.path, `v:${JSON.stringify(value)}`), value)
  else
    for (const item of list) {
      if (!isFields(item)) continue
      const next = under(walk, `k:${itemKey(item, apply.keys)}`)
      walk.found.set(next.path, owned)
      walkFields(item, next)
    }
}

interface Node {
  self: boolean
  readonly children: Map<string, Node>
}

/** FieldsV1 by the paths that it holds: the pods of a workload share one. */
export type FieldSets = Map<string, Fields>

/** How many different sets are kept. */
const mostSets = 2000

/** Paths as FieldsV1: nested objects, `.` where a node with children is owned itself. Nobody changes what comes back. */
export const encodePaths = (paths: Iterable<string>, sets: FieldSets = new Map()): Fields => {
  const all = [...paths]
  const id = all.join(betweenPaths)
  const known = sets.get(id)
  if (known) return known
  const made = tree(all)
  if (sets.size >= mostSets) sets.clear()
  sets.set(id, made)
  return made
}

const tree = (paths: readonly string[]): Fields => {
  const root: Node = { self: false, children: new Map() }
  for (const path of paths) {
    let node = root
    for (const element of elementsOf(path)) {
      const next = node.children.get(element) ?? { self: false, children: new Map<string, Node>() }
      node.children.set(element, next)
      node = next
    }
    node.self = true
  }
  return encoded(root)
}

const encoded = (node: Node): Fields => {
  const found: { [element: string]: Fields } = node.self && node.children.size > 0 ? { '.': {} } : {}
  for (const [name, child] of [...node.children].toSorted(byName)) found[name] = encoded(child)
  return found
}

const byName = ([a]: readonly [string, Node], [b]: readonly [string, Node]) => (a < b ? -1 : 1)

/** FieldsV1 back to paths. */
export const decodePaths = (set: unknown): ReadonlySet<string> => {
  const found = new Set<string>()
  decodeInto(found, set, '')
  return found
}

const decodeInto = (found: Set<string>, set: unknown, path: string) => {
  if (!isFields(set)) return
  const names = Object.keys(set)
  if (path !== '' && (names.length === 0 || names.includes('.'))) found.add(path)
  for (const name of names)
    if (name !== '.') decodeInto(found, set[name], path === '' ? name : joined(path, name))
}

/** A path as messages show it: `.spec.template.spec.containers[name="web"].image`. */
export const shownPath = (path: string): string => elementsOf(path).map(shownElement).join('')

const shownElement = (element: string): string => {
  if (element.startsWith('f:')) return `.${element.slice(2)}`
  if (element.startsWith('v:')) return `[=${element.slice(2)}]`
  const keys: unknown = JSON.parse(element.slice(2))
  const shown = Object.entries(isFields(keys) ? keys : {}).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  )
  return `[${shown.join(',')}]`
}
