import type { ResourceType } from '../resources.ts'

/** A kind that is served but not stored. */
export interface VirtualResource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
}

const review = (group: string, kind: string, namespaced = false): VirtualResource => ({
  group,
  version: 'v1',
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  kind,
  namespaced,
  verbs: ['create'],
})

/** Reviews and metrics: answered from what is known, never stored. */
export const virtualResources: readonly VirtualResource[] = [
  review('authorization.k8s.io', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview'),
  review('authentication.k8s.io', 'SelfSubjectReview'),
  ...(['Node', 'Pod'] as const).map((kind) => ({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    plural: `${kind.toLowerCase()}s`,
    singular: '',
    kind: `${kind}Metrics`,
    namespaced: kind === 'Pod',
    verbs: ['get', 'list'],
  })),
]

/** Verbs of stored kinds, as discovery lists them. */
export const storedVerbs: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

/** What discovery says of a subresource. */
export interface SubresourceWords {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly string[]
}

const own = (type: ResourceType, version: string, verbs: readonly string[]): SubresourceWords => ({
  group: type.group,
  version,
  kind: type.kind,
  verbs,
})

/** Group, version, kind and verbs of a subresource. `pods/eviction` must be policy/v1, else kubectl deletes instead. */
export const subresourceWords = (type: ResourceType, version: string, name: string): SubresourceWords => {
  if (name === 'eviction') return { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] }
  if (name === 'scale')
    return { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] }
  if (name === 'binding') return { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] }
  if (name === 'log') return own(type, version, ['get'])
  return own(type, version, name === 'finalize' ? ['update'] : ['get', 'patch', 'update'])
}
