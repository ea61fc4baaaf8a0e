import type { KubeObject } from '../cluster-twin.ts'
import { withMeta } from '../storage.ts'
import { deletePod, type Control } from './control.ts'

/** What belonged to a deleted owner, and to nobody else, goes too. https://kubernetes.io/docs/concepts/architecture/garbage-collection/ */
export const collectDependents = (control: Control, ownerUid: string): void => {
  for (const [resource, object] of control.index.resourcesOf(ownerUid)) {
    const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== ownerUid)
    if (others.length > 0) control.storage.update(resource, withMeta(object, { ownerReferences: others }))
    else discard(control, resource, object)
  }
}

const discard = (control: Control, resource: string, object: KubeObject) => {
  if (resource === 'pods') deletePod(control, object)
  else if (object.metadata.deletionTimestamp === undefined) control.storage.remove(resource, object)
}

/** What has dependents itself goes after them. */
const discardFirst = (control: Control, resource: string, object: KubeObject) => {
  const marked = object.metadata.deletionTimestamp !== undefined
  if (marked || control.index.resourcesOf(object.metadata.uid ?? '').length === 0)
    return discard(control, resource, object)
  const finalizers = [...(object.metadata.finalizers ?? []), 'foregroundDeletion']
  const held = control.storage.update(resource, withMeta(object, { finalizers }))
  return discard(control, resource, held)
}

/** Acts on the finalizers of foreground and orphaning deletion of an object that is marked. */
export const finalizeOwner = (control: Control, resource: string, owner: KubeObject): void => {
  const finalizers = owner.metadata.finalizers ?? []
  const uid = owner.metadata.uid ?? ''
  if (finalizers.includes('orphan')) {
    for (const [of, object] of control.index.resourcesOf(uid)) {
      const others = (object.metadata.ownerReferences ?? []).filter((one) => one.uid !== uid)
      control.storage.update(of, withMeta(object, { ownerReferences: others }))
    }
    drop(control, resource, owner, 'orphan')
  } else if (finalizers.includes('foregroundDeletion')) {
    for (const [of, object] of control.index.resourcesOf(uid)) discardFirst(control, of, object)
    const blocking = control.index
      .resourcesOf(uid)
      .some(([, one]) =>
        one.metadata.ownerReferences?.some((of) => of.uid === uid && of.blockOwnerDeletion === true),
      )
    if (!blocking) drop(control, resource, owner, 'foregroundDeletion')
  }
}

const drop = (control: Control, resource: string, owner: KubeObject, name: string) => {
  const finalizers = (owner.metadata.finalizers ?? []).filter((one) => one !== name)
  control.storage.update(resource, withMeta(owner, { finalizers }))
}
