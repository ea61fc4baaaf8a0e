import type { KubeObject, ObjectMeta } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { isoSeconds, withMeta, type Storage } from '../storage.ts'
import { stored } from './conversion.ts'
import { definitionDefaults, definitions, isCustom } from './custom-types.ts'
import { defaulted } from './defaults.ts'
import type { FieldSets } from './field-paths.ts'
import { trackUpdate } from './managed-fields.ts'
import { fields, textAt, without } from './reading.ts'
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound } from './status-error.ts'
import { validate } from './validation.ts'
import type { Admission } from './webhooks.ts'

/** What a write goes through: the same for requests, for controllers and for EKS. */
export interface Door {
  readonly storage: Storage
  /** Virtual milliseconds. */
  readonly now: () => number
  /** Left out: no admission webhooks (writes of the control plane itself). */
  readonly admission?: Admission
  /** Sets of fields that were written already; left out: each is written anew. */
  readonly fieldSets?: FieldSets
}

export interface WriteOptions {
  /** Field manager, such as `kubectl`. */
  readonly manager: string
  readonly dryRun?: boolean
  /** `''` (default), `'status'`, `'scale'`, ... */
  readonly subresource?: string
  /** The object comes out of a server-side apply: its managedFields are right already. */
  readonly applied?: boolean
}

/**
 * Creates an object as POST does: name, namespace, defaults, validation, admission, managedFields.
 * Throws StatusError 400, 403, 404 (namespace), 409 (exists) and 422.
 */
export const createObject = (
  door: Door,
  type: ResourceType,
  target: { readonly object: KubeObject; readonly options: WriteOptions },
): KubeObject => {
  const { storage } = door
  const given = namedObject(type, stored(type, target.object), storage)
  requireNamespace(storage, type, given)
  const filled = withDefaults(door, type, freshStatus(type, given))
  validate(type, filled)
  door.admission?.({ operation: 'CREATE', type, subresource: '', object: filled })
  const { namespace = '', name } = filled.metadata
  if (storage.get(type.id, namespace, name)) throw alreadyExists(type, name)
  const tracked = track(door, type, { previous: undefined, object: filled, options: target.options })
  if (target.options.dryRun !== true) return storage.create(type.id, tracked)
  return withMeta(tracked, {
    uid: `00000000-0000-4000-8000-${String(storage.state.uids + 1).padStart(12, '0')}`,
    creationTimestamp: isoSeconds(door.now()),
    ...(type.generation ? { generation: 1 } : {}),
  })
}

const track = (
  door: Door,
  type: ResourceType,
  write: {
    readonly previous: KubeObject | undefined
    readonly object: KubeObject
    readonly options: WriteOptions
  },
): KubeObject => {
  if (write.options.applied === true) return write.object
  const { manager, subresource = '' } = write.options
  return trackUpdate(write.previous, write.object, {
    manager: { name: manager, operation: 'Update', subresource },
    kind: isCustom(door.storage, type) ? undefined : type.kind,
    now: door.now(),
    sets: door.fieldSets,
  })
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Five characters that follow from the base and how many objects there have been: the same run gives the same names. */
export const nameSuffix = (base: string, count: number): string => {
  let hash = 2166136261
  for (const character of `${base}#${count}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0
  return Array.from({ length: 5 }, (_, index) => {
    hash = Math.imul(hash ^ (hash >>> 15), 2246822519 + index * 2) >>> 0
    return alphabet[hash % alphabet.length] ?? 'b'
  }).join('')
}

const namedObject = (type: ResourceType, object: KubeObject, storage: Storage): KubeObject => {
  const { generateName: base = '', resourceVersion = '' } = object.metadata
  const name = textAt(object, 'metadata', 'name')
  if (resourceVersion !== '' && resourceVersion !== '0')
    throw badRequest('resourceVersion should not be set on objects to be created')
  const meta = without(fields(object.metadata), 'resourceVersion', 'uid')
  if (name !== '' || base === '') return { ...object, metadata: { ...meta, name } }
  for (let count = storage.state.uids + 1; ; count += 1) {
    const made = `${base.slice(0, 58)}${nameSuffix(base, count)}`
    if (!storage.get(type.id, object.metadata.namespace ?? '', made))
      return { ...object, metadata: { ...meta, name: made } }
  }
}

const namespaces = { plural: 'namespaces', group: '', kind: 'Namespace' }

const requireNamespace = (storage: Storage, type: ResourceType, object: KubeObject) => {
  if (!type.namespaced) return
  const name = object.metadata.namespace ?? ''
  const namespace = storage.get('namespaces', '', name)
  if (!namespace) throw notFound(namespaces, name)
  if (namespace.metadata.deletionTimestamp === undefined) return
  throw forbidden(type, object.metadata.name, {
    why: `unable to create new content in namespace ${name} because it is being terminated`,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  })
}

const keepsStatus = ['nodes', 'apiservices.apiregistration.k8s.io']

const freshStatus = (type: ResourceType, object: KubeObject): KubeObject =>
  !type.subresources.includes('status') || keepsStatus.includes(type.id)
    ? object
    : // Leaving status out keeps apiVersion, kind and metadata.
      (without(object, 'status') as KubeObject)

const withDefaults = (door: Door, type: ResourceType, object: KubeObject) =>
  type.id === definitions ? definitionDefaults(object, door.now()) : defaulted(door.storage, type.id, object)

/** What an update starts from and leads to. */
export interface Update {
  readonly previous: KubeObject
  /** The whole object as it should be; metadata of the system is kept from the previous one. */
  readonly object: KubeObject
  readonly options: WriteOptions
}

/**
 * Replaces an object as PUT and patches do. Status stays as it was unless the subresource is `status`, and then
 * nothing else changes. Throws StatusError 409 (stale resourceVersion, other uid) and 422.
 */
export const updateObject = (door: Door, type: ResourceType, update: Update): KubeObject => {
  const { previous, options } = update
  requireSame(type, previous, update.object)
  const merged = mergedParts(type, update)
  const filled = withDefaults(door, type, merged)
  validate(type, filled, withDefaults(door, type, previous))
  door.admission?.({ operation: 'UPDATE', type, subresource: options.subresource ?? '', object: filled })
  const tracked = track(door, type, { previous, object: filled, options })
  return options.dryRun === true ? tracked : door.storage.update(type.id, tracked)
}

const requireSame = (type: ResourceType, previous: KubeObject, next: KubeObject) => {
  const { name, uid, resourceVersion } = next.metadata
  if (name !== previous.metadata.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${previous.metadata.name})`,
    )
  if (uid !== undefined && uid !== '' && uid !== previous.metadata.uid)
    throw conflict(
      type,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid ?? ''}`,
    )
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== previous.metadata.resourceVersion)
    throw conflict(type, name)
}

const ofSystem = [
  'uid',
  'creationTimestamp',
  'generation',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
] as const

const mergedParts = (type: ResourceType, { previous, object, options }: Update): KubeObject => {
  const given = stored(type, object)
  if (options.subresource === 'status')
    return {
      ...previous,
      metadata: { ...previous.metadata, ...statusMeta(given, options) },
      status: given['status'],
    }
  const metadata: ObjectMeta = {
    ...without(fields(given.metadata), ...ofSystem, 'managedFields'),
    name: previous.metadata.name,
    ...appliedFields(given, options),
    ...Object.fromEntries(
      ofSystem
        .filter((name) => previous.metadata[name] !== undefined)
        .map((name) => [name, previous.metadata[name]]),
    ),
    ...(previous.metadata.namespace === undefined ? {} : { namespace: previous.metadata.namespace }),
  }
  const kept = type.subresources.includes('status') && previous['status'] !== undefined
  const next: KubeObject = { ...given, metadata, ...(kept ? { status: previous['status'] } : {}) }
  requireNoNewFinalizers(type, previous, next)
  return kept || !type.subresources.includes('status') ? next : (without(next, 'status') as KubeObject)
}

const appliedFields = ({ metadata }: KubeObject, options: WriteOptions): Partial<ObjectMeta> =>
  options.applied === true && metadata.managedFields !== undefined
    ? { managedFields: metadata.managedFields }
    : {}

const statusMeta = (object: KubeObject, options: WriteOptions): Partial<ObjectMeta> => ({
  ...appliedFields(object, options),
  ...(object.metadata.annotations === undefined ? {} : { annotations: object.metadata.annotations }),
  ...(object.metadata.labels === undefined ? {} : { labels: object.metadata.labels }),
})

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/ */
const requireNoNewFinalizers = (type: ResourceType, previous: KubeObject, next: KubeObject) => {
  if (previous.metadata.deletionTimestamp === undefined) return
  const added = (next.metadata.finalizers ?? []).filter(
    (name) => !(previous.metadata.finalizers ?? []).includes(name),
  )
  if (added.length === 0) return
  throw invalid(type, next.metadata.name, [
    {
      field: 'metadata.finalizers',
      reason: 'FieldValueForbidden',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
    },
  ])
}
