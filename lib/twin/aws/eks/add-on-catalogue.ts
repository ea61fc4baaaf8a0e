/** One version of a managed add-on and the cluster versions it supports. */
export interface AddOnVersion {
  readonly addonVersion: string
  /** Cluster versions it supports, oldest first. */
  readonly minors: readonly string[]
  /** Minors whose default it is. */
  readonly defaultFor: readonly string[]
}

/** A managed add-on. */
export interface AddOnEntry {
  readonly name: string
  /** As DescribeAddonVersions groups them: `networking`, `storage`, ... */
  readonly type: string
  readonly namespace: string
  readonly owner: 'aws' | 'community'
  /** Oldest first. */
  readonly versions: readonly AddOnVersion[]
  readonly requiresIamPermissions: boolean
  /** Top-level keys that configurationValues may have; `any` where the twin does not know the add-on's schema. */
  readonly configuration: readonly string[] | 'any'
}

type Row = readonly [addonVersion: string, from: number, to: number, defaultFrom?: number, defaultTo?: number]

const minors = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `1.${from + index}`)

const versions = (rows: readonly Row[]): readonly AddOnVersion[] =>
  rows.map(([addonVersion, from, to, defaultFrom, defaultTo]) => ({
    addonVersion,
    minors: minors(from, to),
    defaultFor: defaultFrom === undefined ? [] : minors(defaultFrom, defaultTo ?? defaultFrom),
  }))

/** kube-proxy may be up to three minors older than the API server: https://kubernetes.io/releases/version-skew-policy/ */
const kubeProxyVersions = versions(
  (
    [
      [29, 15],
      [30, 14],
      [31, 13],
      [32, 9],
      [33, 5],
      [34, 4],
      [35, 4],
      [36, 3],
    ] as const
  ).flatMap(([minor, patch]): Row[] => [
    [`v1.${minor}.0-eksbuild.2`, minor, Math.min(36, minor + 3)],
    [`v1.${minor}.${patch}-eksbuild.2`, minor, Math.min(36, minor + 3), minor],
  ]),
)

const entry = (
  name: string,
  versionRows: readonly AddOnVersion[],
  more: Partial<Omit<AddOnEntry, 'name' | 'versions'>> = {},
): AddOnEntry => ({
  name,
  versions: versionRows,
  type: 'networking',
  namespace: 'kube-system',
  owner: 'aws',
  requiresIamPermissions: false,
  configuration: ['affinity', 'nodeSelector', 'podAnnotations', 'podLabels', 'resources', 'tolerations'],
  ...more,
})

const catalogue: readonly AddOnEntry[] = [
  entry(
    'vpc-cni',
    versions([
      ['v1.18.6-eksbuild.1', 29, 31],
      ['v1.19.6-eksbuild.7', 29, 32, 29, 31],
      ['v1.20.4-eksbuild.2', 29, 33, 32, 32],
      ['v1.20.5-eksbuild.1', 29, 34, 33, 33],
      ['v1.21.1-eksbuild.3', 31, 35, 34, 34],
      ['v1.22.0-eksbuild.1', 33, 36, 35, 36],
    ]),
    {
      requiresIamPermissions: true,
      configuration: [
        'affinity',
        'enableNetworkPolicy',
        'env',
        'init',
        'livenessProbeTimeoutSeconds',
        'nodeAgent',
        'podAnnotations',
        'podLabels',
        'resources',
        'tolerations',
      ],
    },
  ),
  entry('kube-proxy', kubeProxyVersions, {
    configuration: ['ipvs', 'mode', 'podAnnotations', 'podLabels', 'resources'],
  }),
  entry(
    'coredns',
    versions([
      ['v1.11.3-eksbuild.2', 29, 32],
      ['v1.11.4-eksbuild.22', 29, 33, 29, 32],
      ['v1.12.3-eksbuild.1', 32, 34, 33, 33],
      ['v1.12.4-eksbuild.1', 33, 35, 34, 34],
      ['v1.13.2-eksbuild.1', 34, 36, 35, 36],
    ]),
    {
      configuration: [
        'affinity',
        'autoScaling',
        'computeType',
        'corefile',
        'nodeSelector',
        'podAnnotations',
        'podDisruptionBudget',
        'podLabels',
        'replicaCount',
        'resources',
        'tolerations',
        'topologySpreadConstraints',
      ],
    },
  ),
  entry(
    'aws-ebs-csi-driver',
    versions([
      ['v1.45.0-eksbuild.2', 29, 33, 29, 31],
      ['v1.48.0-eksbuild.1', 30, 34, 32, 33],
      ['v1.53.0-eksbuild.1', 32, 36, 34, 36],
    ]),
    {
      type: 'storage',
      requiresIamPermissions: true,
      configuration: ['controller', 'defaultStorageClass', 'node', 'sidecars'],
    },
  ),
  entry(
    'aws-efs-csi-driver',
    versions([
      ['v2.1.8-eksbuild.1', 29, 33, 29, 32],
      ['v2.1.13-eksbuild.1', 31, 35, 33, 34],
      ['v2.2.0-eksbuild.1', 34, 36, 35, 36],
    ]),
    { type: 'storage', requiresIamPermissions: true, configuration: ['controller', 'node', 'sidecars'] },
  ),
  entry(
    'eks-pod-identity-agent',
    versions([
      ['v1.3.7-eksbuild.2', 29, 34, 29, 32],
      ['v1.3.9-eksbuild.3', 29, 35, 33, 34],
      ['v1.3.10-eksbuild.2', 32, 36, 35, 36],
    ]),
    {
      type: 'security',
      configuration: [
        'affinity',
        'agent',
        'podAnnotations',
        'podLabels',
        'priorityClassName',
        'resources',
        'tolerations',
      ],
    },
  ),
  entry(
    'metrics-server',
    versions([
      ['v0.7.2-eksbuild.4', 29, 33, 29, 32],
      ['v0.8.0-eksbuild.2', 31, 35, 33, 34],
      ['v0.8.1-eksbuild.1', 34, 36, 35, 36],
    ]),
    {
      type: 'observability',
      owner: 'community',
      configuration: [
        'affinity',
        'nodeSelector',
        'podDisruptionBudget',
        'replicas',
        'resources',
        'tolerations',
      ],
    },
  ),
  entry(
    'snapshot-controller',
    versions([
      ['v8.2.0-eksbuild.1', 29, 33, 29, 32],
      ['v8.3.0-eksbuild.1', 31, 36, 33, 36],
    ]),
    {
      type: 'storage',
      configuration: ['affinity', 'nodeSelector', 'replicaCount', 'resources', 'tolerations'],
    },
  ),
]

/** Every managed add-on that a twin has from the beginning, 1.29 to 1.36. The versions and their ranges are the twin's own data in AWS's formats. */
export const builtInAddOns = (): readonly AddOnEntry[] => catalogue

/** Whether a version supports a cluster of that minor. */
export const supports = (version: AddOnVersion, minor: string): boolean => version.minors.includes(minor)

/** The version EKS takes when none is given. */
export const defaultAddOnVersion = (known: AddOnEntry, minor: string): AddOnVersion | undefined =>
  known.versions.find(({ defaultFor }) => defaultFor.includes(minor))
