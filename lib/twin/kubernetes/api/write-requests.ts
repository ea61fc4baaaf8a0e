import type { KubeObject } from '../cluster-twin.ts'
import { withMeta } from '../storage.ts'
import { json, listAnswer, shownTo } from './answer.ts'
import { decoded, deleteOptions, dryRunOf, objectOf } from './bodies.ts'
import { contentTypeOf, managerOf, thing, type Call, type Outcome } from './call.ts'
import { inVersion } from './conversion.ts'
import { isCustom } from './custom-types.ts'
import { deleteObject } from './delete.ts'
import { applyMediaTypes, patched, patchKindOf } from './patch.ts'
import { selected } from './read-requests.ts'
import { badRequest, invalid, notFound, type Status } from './status-error.ts'
import { applyTo } from './server-side-apply.ts'
import { createObject, updateObject, type WriteOptions } from './write.ts'

const optionsOf = (call: Call): WriteOptions => ({
  manager: managerOf(call),
  dryRun: dryRunOf(call.query),
  subresource: call.path.subresource,
})

/** The object in the body, checked against the path. Throws 400. */
const givenObject = (call: Call): KubeObject => {
  const object = objectOf(decoded(call.body, contentTypeOf(call)))
  if (object.kind !== call.type.kind)
    throw badRequest(
      `the kind of the object (${object.kind}) does not match the kind of the URL (${call.type.kind})`,
    )
  if (object.apiVersion !== call.apiVersion)
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${call.apiVersion})`,
    )
  return placed(call, object)
}

const placed = (call: Call, object: KubeObject): KubeObject => {
  const { namespace } = call.path
  if (namespace === undefined) return object
  if (object.metadata.namespace !== undefined && object.metadata.namespace !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
  return withMeta(object, { namespace })
}

const outcomeOf = (
  call: Call,
  done: string,
  was: { object: KubeObject; changed: boolean; status?: number },
): Outcome => {
  const { name, namespace } = was.object.metadata
  const changed = was.changed && !dryRunOf(call.query)
  return {
    response: json(was.status ?? 200, shownTo(call)(was.object)),
    effect: changed ? `${thing(call.type, namespace, name)} ${done}` : null,
    repeated: !was.changed,
  }
}

/** POST of a new object. */
export const createRequest = (call: Call): Outcome => {
  const object = createObject(call.server.door, call.type, {
    object: givenObject(call),
    options: optionsOf(call),
  })
  return outcomeOf(call, 'created', { object, changed: true, status: 201 })
}

/** The stored object that the path names. Throws 404. */
export const existing = (call: Call): KubeObject => {
  const found = call.server.storage.get(call.type.id, call.path.namespace ?? '', call.path.name)
  if (!found) throw notFound(call.type, call.path.name)
  return found
}

const updated = (call: Call, previous: KubeObject, object: KubeObject, done: string): Outcome => {
  const written = updateObject(call.server.door, call.type, { previous, object, options: optionsOf(call) })
  const changed = dryRunOf(call.query) || written !== previous
  return outcomeOf(call, done, { object: written, changed })
}

/** PUT of a whole object or its status. */
export const updateRequest = (call: Call): Outcome => {
  const previous = existing(call)
  const object = givenObject(call)
  if (isCustom(call.server.storage, call.type) && !object.metadata.resourceVersion)
    throw invalid(call.type, call.path.name, [
      {
        field: 'metadata.resourceVersion',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ])
  return updated(call, previous, object, 'updated')
}

/** PATCH of any kind. */
export const patchRequest = (call: Call): Outcome => {
  const contentType = contentTypeOf(call)
  if (applyMediaTypes.includes(contentType)) return applyRequest(call)
  const kind = patchKindOf(contentType, isCustom(call.server.storage, call.type))
  const previous = existing(call)
  const shown = inVersion(call.type, previous, call.path.version)
  const patch = decoded(call.body, contentType)
  const next = objectOf(patched(shown, patch, { kind, type: call.type }))
  return updated(call, previous, next, 'patched')
}

const applyRequest = (call: Call): Outcome => {
  const given = objectOf(decoded(call.body, contentTypeOf(call)))
  if (call.query.get('fieldManager') === null)
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  if (given.metadata.name !== '' && given.metadata.name !== call.path.name)
    throw badRequest(
      `the name of the object (${given.metadata.name}) does not match the name on the URL (${call.path.name})`,
    )
  if (given.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  const before = call.server.storage.get(call.type.id, call.path.namespace ?? '', call.path.name)
  const object = withMeta(placed(call, given), { name: call.path.name })
  const force = call.query.get('force') === 'true'
  const options = { ...optionsOf(call), manager: managerOf(call), force }
  const applied = applyTo(call.server.door, call.type, { object, options })
  const changed = dryRunOf(call.query) || applied.object !== before
  return outcomeOf(call, applied.created ? 'created' : 'applied', {
    object: applied.object,
    changed,
    status: applied.created ? 201 : 200,
  })
}

/** DELETE of one object. */
export const deleteRequest = (call: Call): Outcome => {
  const options = deleteOptions(call.body, call.headers['content-type'] ?? '', call.query)
  const deletion = deleteObject(call.server.door, call.type, { object: existing(call), options })
  const { name, namespace, uid } = deletion.object.metadata
  const details = {
    name,
    ...(call.type.group === '' ? {} : { group: call.type.group }),
    kind: call.type.plural,
    ...(uid === undefined ? {} : { uid }),
  }
  const success: Omit<Status, 'code'> = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details,
  }
  const whole = !deletion.gone || call.type.id === 'pods'
  return {
    response: json(200, whole ? shownTo(call)(deletion.object) : success),
    effect:
      deletion.changed && options.dryRun !== true ? `${thing(call.type, namespace, name)} deleted` : null,
    repeated: !deletion.changed,
  }
}

/** DELETE of a collection: everything that the selectors match. */
export const deleteCollectionRequest = (call: Call): Outcome => {
  const options = deleteOptions(call.body, call.headers['content-type'] ?? '', call.query)
  const { storage, door } = call.server
  const objects = storage.list(call.type.id, call.path.namespace).filter(selected(call))
  const deletions = objects.map((object) => deleteObject(door, call.type, { object, options }))
  const changed = options.dryRun === true ? [] : deletions.filter((deletion) => deletion.changed)
  const metadata = { resourceVersion: String(storage.state.resourceVersion) }
  return {
    response: listAnswer(
      call,
      deletions.map(({ object }) => object),
      metadata,
    ),
    effect: changed.length === 0 ? null : `${changed.length} ${call.type.plural} deleted`,
    repeated: objects.length > 0 && deletions.every((deletion) => !deletion.changed),
  }
}
