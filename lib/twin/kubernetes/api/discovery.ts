import type { ResourceType } from '../resources.ts'
import type { Storage } from '../storage.ts'
import { byPriority } from './custom-types.ts'
import { apiVersionOf } from './request-path.ts'
import { storedVerbs, subresourceWords, virtualResources, type VirtualResource } from './virtual-resources.ts'

interface ServedVersion {
  readonly version: string
  readonly types: readonly ResourceType[]
  readonly virtual: readonly VirtualResource[]
}

interface ServedGroup {
  readonly group: string
  /** Preferred first. */
  readonly versions: readonly ServedVersion[]
}

/** All groups, built-in ones first, custom ones in the order of their definitions. */
const servedGroups = (storage: Storage): readonly ServedGroup[] => {
  const types = storage.types()
  const names = new Set([...types.map(({ group }) => group), ...virtualResources.map(({ group }) => group)])
  return [...names].map((group) => {
    const members = types.filter((type) => type.group === group)
    const virtual = virtualResources.filter((resource) => resource.group === group)
    const versions = new Set([
      ...members.flatMap((type) => type.versions),
      ...virtual.map(({ version }) => version),
    ])
    return {
      group,
      versions: [...versions].toSorted(byPriority).map((version) => ({
        version,
        types: members.filter((type) => type.versions.includes(version)),
        virtual: virtual.filter((resource) => resource.version === version),
      })),
    }
  })
}

/** `v2` or `v2beta1` of apidiscovery.k8s.io where the Accept header wants aggregated discovery. */
export const aggregatedVersion = (accept: string): 'v2' | 'v2beta1' | undefined => {
  for (const clause of accept.split(','))
    if (clause.includes('as=APIGroupDiscoveryList')) return clause.includes('v=v2beta1') ? 'v2beta1' : 'v2'
  return undefined
}

/**
 * Aggregated discovery: `/api` is the core group, `/apis` all others. Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export const aggregatedDiscovery = (storage: Storage, root: 'api' | 'apis', version: string): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: servedGroups(storage)
    .filter(({ group }) => (group === '') === (root === 'api'))
    .map(({ group, versions }) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map((served) => ({
        version: served.version,
        freshness: 'Current',
        resources: [
          ...served.types.map((type) => discovered(type, served.version)),
          ...served.virtual.map(discoveredVirtual),
        ],
      })),
    })),
})

const discovered = (type: ResourceType, version: string) => ({
  resource: type.plural,
  responseKind: { group: type.group, version, kind: type.kind },
  scope: type.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: type.singular,
  verbs: storedVerbs,
  shortNames: type.shortNames,
  ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  subresources: type.subresources.map((subresource) => {
    const { verbs, ...responseKind } = subresourceWords(type, version, subresource)
    return { subresource, responseKind, verbs }
  }),
})

const discoveredVirtual = (resource: VirtualResource) => ({
  resource: resource.plural,
  responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
  scope: resource.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: resource.singular,
  verbs: resource.verbs,
})

/** `/api` of old. */
export const coreVersions = (): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:443' }],
})

const groupWords = ({ group, versions }: ServedGroup) => {
  const words = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions: words, preferredVersion: words[0] }
}

/** `/apis` of old. */
export const groupList = (storage: Storage): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: servedGroups(storage)
    .filter(({ group }) => group !== '')
    .map(groupWords),
})

/** `/apis/<group>`; undefined when it is not served. */
export const groupOf = (storage: Storage, name: string): object | undefined => {
  const found = servedGroups(storage).find(({ group }) => group === name && group !== '')
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupWords(found) }
}

/** `/api/v1` and `/apis/<group>/<version>`; undefined when it is not served. */
export const resourceList = (storage: Storage, group: string, version: string): object | undefined => {
  const served = servedGroups(storage)
    .find((one) => one.group === group)
    ?.versions.find((one) => one.version === version)
  return (
    served && {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: apiVersionOf(group, version),
      resources: [
        ...served.types.flatMap((type) => listed(type, version)),
        ...served.virtual.map((resource) => ({
          name: resource.plural,
          singularName: resource.singular,
          namespaced: resource.namespaced,
          kind: resource.kind,
          verbs: resource.verbs,
        })),
      ],
    }
  )
}

const listed = (type: ResourceType, version: string) => [
  {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: storedVerbs,
    shortNames: type.shortNames,
    categories: type.categories,
  },
  ...type.subresources.map((subresource) => {
    const words = subresourceWords(type, version, subresource)
    const foreign = words.group !== type.group || words.version !== version
    return {
      name: `${type.plural}/${subresource}`,
      singularName: '',
      namespaced: type.namespaced,
      ...(foreign ? { group: words.group, version: words.version } : {}),
      kind: words.kind,
      verbs: words.verbs,
    }
  }),
]

/** Group and version of everything that is served, `''` for the core group. */
export const servedGroupVersions = (
  storage: Storage,
): readonly { readonly group: string; readonly version: string; readonly types: readonly ResourceType[] }[] =>
  servedGroups(storage).flatMap(({ group, versions }) =>
    versions.map(({ version, types }) => ({ group, version, types })),
  )
