import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { withMeta } from '../storage.ts'
import { fields, numberAt, textAt } from './reading.ts'
import { conflict } from './status-error.ts'
import type { Door } from './write.ts'

/** DeleteOptions, so far as they mean something here. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly uid?: string
  readonly resourceVersion?: string
  readonly dryRun?: boolean
}

/** What a deletion did. */
export interface Deletion {
  /** The object afterwards, or as it last was. */
  readonly object: KubeObject
  /** True when nothing is left of it. */
  readonly gone: boolean
  /** False when it was marked for deletion already and nothing changed. */
  readonly changed: boolean
}

/**
 * Deletes as DELETE does: preconditions, grace period of pods, finalizers for the propagation policy (which garbage
 * collection then acts on). Throws StatusError 409 when a precondition does not hold.
 * Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export const deleteObject = (
  door: Door,
  type: ResourceType,
  target: { readonly object: KubeObject; readonly options: DeleteOptions },
): Deletion => {
  const { object, options } = target
  requirePreconditions(type, object, options)
  door.admission?.({ operation: 'DELETE', type, subresource: '', object })
  const finalizer = propagationFinalizer(type, object, options)
  const grace = type.id === 'pods' ? podGrace(object, options) : 0
  if (options.dryRun === true) return { object, gone: grace === 0 && finalizer === undefined, changed: true }
  const before = door.storage.state.resourceVersion
  const held = finalizer === undefined ? object : withFinalizer(door, type, { object, finalizer })
  const left = door.storage.remove(type.id, held, grace)
  const after = left !== undefined && type.id === 'namespaces' ? terminating(door, left) : left
  return {
    object: after ?? held,
    gone: after === undefined,
    changed: door.storage.state.resourceVersion !== before,
  }
}

/** Throws StatusError 409 when the uid or the resourceVersion is not the one that was asked for. */
export const requirePreconditions = (
  type: ResourceType,
  { metadata }: KubeObject,
  options: DeleteOptions,
): void => {
  if (options.uid !== undefined && options.uid !== metadata.uid)
    throw conflict(
      type,
      metadata.name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    )
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion)
    throw conflict(
      type,
      metadata.name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    )
}

/** Jobs and replication controllers orphan their pods unless told otherwise, as their first API versions did. */
const orphaning = ['jobs.batch', 'replicationcontrollers']

const propagationFinalizer = (type: ResourceType, { metadata }: KubeObject, options: DeleteOptions) => {
  const policy = options.propagationPolicy ?? (orphaning.includes(type.id) ? 'Orphan' : 'Background')
  const finalizer = { Foreground: 'foregroundDeletion', Orphan: 'orphan', Background: undefined }[policy]
  return finalizer !== undefined && (metadata.finalizers ?? []).includes(finalizer) ? undefined : finalizer
}

const withFinalizer = (
  door: Door,
  type: ResourceType,
  { object, finalizer }: { readonly object: KubeObject; readonly finalizer: string },
) =>
  object.metadata.deletionTimestamp === undefined
    ? door.storage.update(
        type.id,
        withMeta(object, { finalizers: [...(object.metadata.finalizers ?? []), finalizer] }),
      )
    : object

/** Pods that never ran or have ended go at once. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
const podGrace = (pod: KubeObject, options: DeleteOptions) => {
  const phase = textAt(pod, 'status', 'phase')
  if (textAt(pod, 'spec', 'nodeName') === '' || phase === 'Succeeded' || phase === 'Failed') return 0
  const wanted = options.gracePeriodSeconds ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30
  return wanted < 0 ? 1 : wanted
}

const terminating = (door: Door, namespace: KubeObject) =>
  door.storage.update('namespaces', {
    ...namespace,
    status: { ...fields(namespace['status']), phase: 'Terminating' },
  })
