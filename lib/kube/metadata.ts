import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Labels } from './label-selector.ts'

/** What each object has. `namespace` is empty for those of the cluster; times are ISO 8601. */
export interface Metadata {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly labels: Labels
  readonly createdAt: string
  /** A deletion is under way. */
  readonly terminating: boolean
}

/** The object that manages another. */
export interface Owner {
  readonly kind: string
  readonly name: string
  readonly uid: string
}

export const metadataFrom = (raw: V1ObjectMeta | undefined): Metadata => ({
  namespace: raw?.namespace ?? '',
  name: raw?.name ?? '',
  uid: raw?.uid ?? '',
  resourceVersion: raw?.resourceVersion ?? '',
  labels: raw?.labels ?? {},
  createdAt: raw?.creationTimestamp === undefined ? '' : new Date(raw.creationTimestamp).toISOString(),
  terminating: raw?.deletionTimestamp !== undefined,
})

/** The controlling owner, if there is one. */
export const ownerFrom = (raw: V1ObjectMeta | undefined): Owner | undefined => {
  const owner = raw?.ownerReferences?.find(({ controller }) => controller === true)
  return owner && { kind: owner.kind, name: owner.name, uid: owner.uid }
}
