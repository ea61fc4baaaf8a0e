/** How a list is merged: by the keys of its items, as a set of scalars, or as one value. */
export interface ListSchema {
  /** Server-side apply (x-kubernetes-list-type, -list-map-keys). */
  readonly apply:
    | { readonly type: 'map'; readonly keys: readonly string[] }
    | { readonly type: 'set' }
    | { readonly type: 'atomic' }
  /** Strategic merge (x-kubernetes-patch-merge-key); `'scalars'`: merged as a set; undefined: replaced. */
  readonly patch: string | undefined
}

const atomic: ListSchema = { apply: { type: 'atomic' }, patch: undefined }
const by = (...keys: readonly string[]): ListSchema => ({ apply: { type: 'map', keys }, patch: keys[0] })
const scalars: ListSchema = { apply: { type: 'set' }, patch: 'scalars' }

/** Lists of every kind, custom ones included. */
const ofMetadata: { readonly [field: string]: ListSchema } = {
  finalizers: scalars,
  ownerReferences: by('uid'),
}

/**
 * Lists of the built-in kinds by field name, with `parent/field` where the name alone is not enough.
 * Source: the x-kubernetes-* extensions in https://github.com/kubernetes/kubernetes/tree/master/api/openapi-spec
 */
const ofBuiltIns: { readonly [field: string]: ListSchema } = {
  containers: by('name'),
  initContainers: by('name'),
  ephemeralContainers: by('name'),
  'containers/ports': by('containerPort', 'protocol'),
  'initContainers/ports': by('containerPort', 'protocol'),
  env: by('name'),
  volumes: by('name'),
  volumeMounts: by('mountPath'),
  volumeDevices: by('devicePath'),
  imagePullSecrets: by('name'),
  hostAliases: by('ip'),
  schedulingGates: by('name'),
  resourceClaims: by('name'),
  topologySpreadConstraints: by('topologyKey', 'whenUnsatisfiable'),
  conditions: by('type'),
  addresses: by('type'),
  podIPs: by('ip'),
  hostIPs: by('ip'),
  podCIDRs: scalars,
  taints: { apply: { type: 'atomic' }, patch: 'key' },
  webhooks: by('name'),
  matchConditions: by('name'),
}

/** The list at a path of field names (items of lists on the way are skipped). `kind` is undefined for custom kinds. */
export const listSchema = (kind: string | undefined, path: readonly string[]): ListSchema => {
  const field = path.at(-1) ?? ''
  const parent = path.at(-2) ?? ''
  if (parent === 'metadata') return ofMetadata[field] ?? atomic
  if (kind === undefined) return atomic
  if (kind === 'Service' && parent === 'spec' && field === 'ports') return by('port', 'protocol')
  if (kind === 'ServiceAccount' && field === 'secrets') return by('name')
  if (kind === 'EndpointSlice' || kind === 'Endpoints') return atomic
  return ofBuiltIns[`${parent}/${field}`] ?? ofBuiltIns[field] ?? atomic
}

const atomicMaps = new Set([
  'selector',
  'labelSelector',
  'nodeSelector',
  'namespaceSelector',
  'objectSelector',
  'podSelector',
  'secretKeyRef',
  'configMapKeyRef',
  'resourceFieldRef',
  'secretRef',
  'configMapRef',
  'involvedObject',
  'roleRef',
])

/** True where server-side apply owns a whole object at once (x-kubernetes-map-type: atomic). */
export const isAtomicMap = (kind: string | undefined, path: readonly string[]): boolean =>
  kind !== undefined && atomicMaps.has(path.at(-1) ?? '')

/** The key of an item, as managedFields spells it: `{"containerPort":80,"protocol":"TCP"}`. */
export const itemKey = (item: { readonly [field: string]: unknown }, keys: readonly string[]): string =>
  JSON.stringify(
    Object.fromEntries(
      keys
        .toSorted()
        .map((key): [string, unknown] => [key, item[key] ?? (key === 'protocol' ? 'TCP' : undefined)])
        .filter(([, value]) => value !== undefined),
    ),
  )
