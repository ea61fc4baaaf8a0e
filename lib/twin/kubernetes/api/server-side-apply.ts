import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { withMeta } from '../storage.ts'
import { applyOnto } from './apply-merge.ts'
import { stored } from './conversion.ts'
import { isCustom } from './custom-types.ts'
import { without } from './reading.ts'
import { conflict, notServed } from './status-error.ts'
import { createObject, updateObject, type Door } from './write.ts'

export interface ApplyOptions {
  /** Field manager, such as `eks`. */
  readonly manager: string
  /** Takes over fields that others own instead of refusing. */
  readonly force: boolean
  readonly dryRun?: boolean
  readonly subresource?: string
}

/** What an application came to. */
export interface Applied {
  readonly object: KubeObject
  readonly created: boolean
}

/**
 * Server-side apply of one object, as PATCH with application/apply-patch+yaml does. Throws StatusError 404 for a kind
 * that is not served, 409 for conflicts, 422 for an invalid result.
 */
export const serverSideApply = (door: Door, object: KubeObject, options: ApplyOptions): Applied => {
  const type = door.storage.typeOfKind(object.apiVersion, object.kind)
  if (!type) throw notServed()
  const placed =
    type.namespaced && object.metadata.namespace === undefined
      ? withMeta(object, { namespace: 'default' })
      : object
  return applyTo(door, type, { object: placed, options })
}

/** The same with the type known already. */
export const applyTo = (
  door: Door,
  type: ResourceType,
  { object, options }: { readonly object: KubeObject; readonly options: ApplyOptions },
): Applied => {
  const { namespace = '', name } = object.metadata
  const live = door.storage.get(type.id, namespace, name)
  const wanted = ownPart(type, stored(type, object), options)
  if (!live && object.metadata.uid !== undefined) throw conflict(type, name)
  const merged = applyOnto(live, {
    applied: wanted,
    force: options.force,
    manager: { name: options.manager, operation: 'Apply', subresource: options.subresource ?? '' },
    kind: isCustom(door.storage, type) ? undefined : type.kind,
    now: door.now(),
  })
  const write = {
    applied: true,
    manager: options.manager,
    dryRun: options.dryRun === true,
    subresource: options.subresource ?? '',
  }
  if (!live) return { object: createObject(door, type, { object: merged, options: write }), created: true }
  return {
    object: updateObject(door, type, { previous: live, object: merged, options: write }),
    created: false,
  }
}

/** Status belongs to its own subresource. */
const ownPart = (type: ResourceType, object: KubeObject, options: ApplyOptions): KubeObject => {
  const resets = type.subresources.includes('status') && options.subresource !== 'status'
  // Leaving status out keeps apiVersion, kind and metadata.
  return resets ? (without(object, 'status') as KubeObject) : object
}
