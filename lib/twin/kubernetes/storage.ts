import { isFields, type Fields } from './api/reading.ts'
import type { KubeObject, ObjectMeta } from './cluster-twin.ts'
import { builtInTypes, type ResourceType } from './resources.ts'
import { sortedByKey, type SortedByKey } from './sorted-by-key.ts'

/** One change, as watches replay it. */
export interface WatchEvent {
  readonly resourceVersion: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: string
  readonly object: KubeObject
  /** The object before, for selectors that stop matching. */
  readonly previous: KubeObject | undefined
}

/** The plain-data part, for snapshots: survives structuredClone. */
export interface StorageState {
  resourceVersion: number
  uids: number
  readonly objects: Map<string, Map<string, KubeObject>>
  readonly history: WatchEvent[]
  /** Highest resourceVersion that history no longer holds; older watches get 410. */
  compacted: number
  /** Custom kinds, by id. */
  readonly customTypes: Map<string, ResourceType>
}

/** How many changes a watch may be behind before it gets 410. */
const historyLimit = 4000

export const emptyStorage = (): StorageState => ({
  resourceVersion: 1,
  uids: 0,
  objects: new Map(),
  history: [],
  compacted: 0,
  customTypes: new Map(),
})

/** What storage needs from around it. */
export interface StorageSurroundings {
  /** Virtual milliseconds. */
  readonly now: () => number
  /** Makes uids differ between clusters: a short hexadecimal word. */
  readonly seed: string
}

/**
 * The object store of one emulated cluster: one resourceVersion for all, immutable objects, a history for watches,
 * deletion with grace and finalizers. Synchronous, no policy: admission, selectors and patches live in the API server.
 */
export interface Storage {
  readonly state: StorageState
  readonly type: (resource: string) => ResourceType | undefined
  readonly types: () => readonly ResourceType[]
  readonly typeOfKind: (apiVersion: string, kind: string) => ResourceType | undefined
  readonly get: (resource: string, namespace: string, name: string) => KubeObject | undefined
  /** All of one namespace, or of all namespaces when left out; ordered by namespace, then name. */
  readonly list: (resource: string, namespace?: string) => readonly KubeObject[]
  /** Fills uid, resourceVersion, creationTimestamp, generation. The caller has made sure that the name is free. */
  readonly create: (resource: string, object: KubeObject) => KubeObject
  /** Writes the new state; keeps uid and creationTimestamp; bumps generation when the spec changed. No change: no write. */
  readonly update: (resource: string, object: KubeObject) => KubeObject
  /**
   * Starts deletion: with finalizers or a grace period the object stays, marked; else it goes at once.
   * Returns the object as it is afterwards, or undefined when it is gone.
   */
  readonly remove: (resource: string, object: KubeObject, graceSeconds?: number) => KubeObject | undefined
  /** Takes the object away, whatever its grace period or finalizers. */
  readonly purge: (resource: string, object: KubeObject) => void
  /** Called after each change, in order. Returns the unsubscribe function. */
  readonly onChange: (listener: (event: WatchEvent) => void) => () => void
}

export const createStorage = (state: StorageState, around: StorageSurroundings): Storage => {
  const store: Store = {
    state,
    around,
    builtIn: new Map(builtInTypes.map((type) => [type.id, type])),
    kinds: new Map(builtInTypes.flatMap(kindsOf)),
    listeners: new Set(),
    untold: [],
    sorted: new Map(),
    lists: new Map(),
  }
  return {
    state,
    type: (resource) => typeOf(store, resource),
    types: () => allTypes(store),
    typeOfKind: (apiVersion, kind) =>
      store.kinds.get(`${apiVersion} ${kind}`) ??
      [...state.customTypes.values()].find(
        (known) => known.kind === kind && servesApiVersion(known, apiVersion),
      ),
    get: (resource, namespace, name) => state.objects.get(resource)?.get(`${namespace}/${name}`),
    list: (resource, namespace) => list(store, resource, namespace),
    create: (resource, object) => create(store, resource, object),
    update: (resource, object) => update(store, resource, object),
    remove: (resource, object, graceSeconds = 0) => remove(store, { resource, object, graceSeconds }),
    purge: (resource, object) => {
      const previous = current(store, resource, object)
      if (previous) commit(store, { type: 'DELETED', resource, object: previous, previous })
    },
    onChange: (listener) => {
      store.listeners.add(listener)
      return () => void store.listeners.delete(listener)
    },
  }
}

interface Store {
  readonly state: StorageState
  readonly around: StorageSurroundings
  readonly builtIn: ReadonlyMap<string, ResourceType>
  /** The same by `apiVersion kind`. */
  readonly kinds: ReadonlyMap<string, ResourceType>
  readonly listeners: Set<(event: WatchEvent) => void>
  /** Changes whose listeners are being told. */
  readonly untold: WatchEvent[]
  /** In order, the objects of each resource that was listed. */
  readonly sorted: Map<string, SortedByKey<KubeObject>>
  /** Lists of a resource in a namespace until the next change there. */
  readonly lists: Map<string, readonly KubeObject[]>
}

const typeOf = (store: Store, resource: string) =>
  store.builtIn.get(resource) ?? store.state.customTypes.get(resource)

const allTypes = (store: Store) => [...store.builtIn.values(), ...store.state.customTypes.values()]

const table = (store: Store, resource: string) => {
  const found = store.state.objects.get(resource)
  if (found) return found
  const fresh = new Map<string, KubeObject>()
  store.state.objects.set(resource, fresh)
  return fresh
}

const current = (store: Store, resource: string, object: KubeObject) =>
  store.state.objects.get(resource)?.get(keyOf(object))

const commit = (store: Store, change: Omit<WatchEvent, 'resourceVersion'>): KubeObject => {
  const { state } = store
  state.resourceVersion += 1
  const object = withMeta(change.object, { resourceVersion: String(state.resourceVersion) })
  const event: WatchEvent = { ...change, object, resourceVersion: state.resourceVersion }
  noteChange(store, event)
  if (change.type === 'DELETED') table(store, change.resource).delete(keyOf(object))
  else table(store, change.resource).set(keyOf(object), object)
  state.history.push(event)
  if (state.history.length > historyLimit) {
    const dropped = state.history.splice(0, historyLimit / 4)
    state.compacted = dropped.at(-1)?.resourceVersion ?? state.compacted
  }
  store.untold.push(event)
  if (store.untold.length === 1) tell(store)
  return object
}

/** Listeners that write make further events; everybody still hears of all in order. */
const tell = (store: Store) => {
  try {
    for (const event of store.untold) for (const listener of store.listeners) listener(event)
  } finally {
    store.untold.length = 0
  }
}

const noteChange = ({ sorted, lists }: Store, { type, resource, object }: WatchEvent) => {
  if (type === 'DELETED') sorted.get(resource)?.remove(keyOf(object))
  else sorted.get(resource)?.set(keyOf(object), object)
  lists.delete(`${resource} ${object.metadata.namespace ?? ''}`)
}

const list = (store: Store, resource: string, namespace?: string): readonly KubeObject[] => {
  const sorted = store.sorted.get(resource) ?? sortedByKey(table(store, resource))
  store.sorted.set(resource, sorted)
  if (namespace === undefined) return sorted.all()
  const id = `${resource} ${namespace}`
  const known = store.lists.get(id)
  if (known) return known
  const found = sorted.startingWith(`${namespace}/`)
  store.lists.set(id, found)
  return found
}

const create = (store: Store, resource: string, object: KubeObject): KubeObject => {
  store.state.uids += 1
  const meta = {
    uid: uidOf(store.around.seed, store.state.uids),
    creationTimestamp: isoSeconds(store.around.now()),
    ...(typeOf(store, resource)?.generation === true ? { generation: 1 } : {}),
  }
  return commit(store, { type: 'ADDED', resource, object: withMeta(object, meta), previous: undefined })
}

const update = (store: Store, resource: string, object: KubeObject): KubeObject => {
  const previous = current(store, resource, object)
  if (!previous) throw new Error(`${resource} ${keyOf(object)} is not stored`)
  const kept = keptMeta(previous.metadata, object.metadata)
  const counted = typeOf(store, resource)?.generation === true
  const bump = counted && !sameJson(previous['spec'], object['spec'])
  const generation = (previous.metadata.generation ?? 1) + (bump ? 1 : 0)
  const next = withMeta(object, counted ? { ...kept, generation } : kept)
  if (sameJson(next, previous)) return previous
  const deletable = next.metadata.deletionTimestamp !== undefined && finalizersOf(next).length === 0
  const gone = deletable && (next.metadata.deletionGracePeriodSeconds ?? 0) === 0
  return commit(store, { type: gone ? 'DELETED' : 'MODIFIED', resource, object: next, previous })
}

const remove = (
  store: Store,
  { resource, object, graceSeconds }: { resource: string; object: KubeObject; graceSeconds: number },
): KubeObject | undefined => {
  const previous = current(store, resource, object)
  if (!previous) return undefined
  if (graceSeconds === 0 && finalizersOf(previous).length === 0) {
    commit(store, { type: 'DELETED', resource, object: previous, previous })
    return undefined
  }
  const already = previous.metadata.deletionTimestamp !== undefined
  if (already && (previous.metadata.deletionGracePeriodSeconds ?? 0) <= graceSeconds) return previous
  const deletionTimestamp = isoSeconds(store.around.now() + graceSeconds * 1000)
  const meta = { deletionTimestamp, deletionGracePeriodSeconds: graceSeconds }
  return commit(store, { type: 'MODIFIED', resource, object: withMeta(previous, meta), previous })
}

/** What still holds the object back once it is marked: its finalizers, and those in a namespace's spec. */
export const finalizersOf = (object: KubeObject): readonly string[] => {
  const spec = object['spec']
  const ofSpec =
    object.kind === 'Namespace' && typeof spec === 'object' && spec !== null && 'finalizers' in spec
      ? spec.finalizers
      : []
  return [
    ...(object.metadata.finalizers ?? []),
    ...(Array.isArray(ofSpec) ? ofSpec.filter((name) => typeof name === 'string') : []),
  ]
}

/** `namespace/name`; cluster-scoped objects have an empty namespace. */
export const keyOf = (object: KubeObject): string =>
  `${object.metadata.namespace ?? ''}/${object.metadata.name}`

/** RFC 3339 with whole seconds, as Kubernetes writes metav1.Time. */
export const isoSeconds = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

export const withMeta = (object: KubeObject, meta: Partial<ObjectMeta>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...meta },
})

/** Deep equality of plain data, whatever the order of keys. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, index) => sameJson(one, b[index]))
  return isFields(a) && isFields(b) && sameFields(a, b)
}

const sameFields = (a: Fields, b: Fields): boolean => {
  for (const name of Object.keys(a))
    if (a[name] !== b[name] && !(Object.hasOwn(b, name) && sameJson(a[name], b[name]))) return false
  for (const name of Object.keys(b)) if (b[name] !== undefined && !Object.hasOwn(a, name)) return false
  return true
}

const servesApiVersion = (type: ResourceType, apiVersion: string) =>
  apiVersionsOf(type).some((version) => version === apiVersion)

const apiVersionsOf = ({ group, versions }: ResourceType) =>
  versions.map((version) => (group === '' ? version : `${group}/${version}`))

const kindsOf = (type: ResourceType) =>
  apiVersionsOf(type).map((apiVersion) => [`${apiVersion} ${type.kind}`, type] as const)

const keptMeta = (previous: ObjectMeta, next: ObjectMeta): Partial<ObjectMeta> => ({
  resourceVersion: previous.resourceVersion ?? '0',
  ...(previous.uid === undefined ? {} : { uid: previous.uid }),
  ...(previous.creationTimestamp === undefined ? {} : { creationTimestamp: previous.creationTimestamp }),
  ...(previous.deletionTimestamp === undefined || next.deletionTimestamp !== undefined
    ? {}
    : {
        deletionTimestamp: previous.deletionTimestamp,
        deletionGracePeriodSeconds: previous.deletionGracePeriodSeconds ?? 0,
      }),
})

const uidOf = (seed: string, count: number) => {
  const hex = (number: number, length: number) => number.toString(16).padStart(length, '0')
  return `${seed.padEnd(8, '0').slice(0, 8)}-${hex(count >>> 16, 4)}-4${hex(count & 0xfff, 3)}-8000-${hex(count, 12)}`
}
