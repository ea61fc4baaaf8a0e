import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Cuts } from './left-out.ts'

/** A Kubernetes object as a world file holds it: what changes a plan, a check or a drain, and nothing else. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: { readonly [key: string]: string }
    readonly annotations?: { readonly [key: string]: string }
  }
  readonly [member: string]: unknown
}

/** What becomes of one object of the cluster. */
export interface Taken {
  /** Undefined where the object is left out as a whole; `cuts` then says why. */
  readonly manifest?: Manifest
  readonly cuts: Cuts
}

/** The members of a value that are there. */
export const kept = <T extends object, K extends keyof T>(
  value: T | undefined,
  keys: readonly K[],
): { readonly [key in K]?: Exclude<T[key], undefined> } =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const item = value?.[key]
      return item === undefined || item === null ? [] : [[key, item]]
    }),
  ) as { readonly [key in K]?: Exclude<T[key], undefined> }

/** Annotations that steer drains, autoscalers or storage; all others stay out. */
const steering = [
  'cluster-autoscaler.kubernetes.io/safe-to-evict',
  'karpenter.sh/do-not-disrupt',
  'storageclass.kubernetes.io/is-default-class',
]

/** Annotations that stay in; undefined when none does. */
export const annotationsOf = (
  raw: V1ObjectMeta | undefined,
): { readonly [key: string]: string } | undefined => {
  const found = Object.entries(raw?.annotations ?? {}).filter(([key]) => steering.includes(key))
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** Name, namespace, labels and steering annotations. */
export const metadataOf = (raw: V1ObjectMeta | undefined): Manifest['metadata'] => {
  const annotations = annotationsOf(raw)
  const labels = raw?.labels ?? {}
  return {
    name: raw?.name ?? '',
    ...(raw?.namespace === undefined ? {} : { namespace: raw.namespace }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What stays out of the metadata of every object, and its status. */
export const metadataCuts = (raw: V1ObjectMeta | undefined, status: unknown): Cuts => {
  const keys = Object.keys(raw?.annotations ?? {}).filter((key) => !steering.includes(key))
  return {
    ...(keys.includes(lastApplied) ? { lastApplied: 1 } : {}),
    ...(keys.some((key) => key !== lastApplied)
      ? { annotations: keys.filter((key) => key !== lastApplied).length }
      : {}),
    ...((raw?.managedFields ?? []).length === 0 ? {} : { managedFields: 1 }),
    ...(status === undefined ? {} : { status: 1 }),
  }
}
