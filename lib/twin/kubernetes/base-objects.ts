import type { KubeObject } from './cluster-twin.ts'

const named = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
})

const rbac = 'rbac.authorization.k8s.io/v1'

/** What every EKS cluster holds before anybody adds something. https://docs.aws.amazon.com/eks/latest/userguide/ */
export const baseObjects = (): readonly KubeObject[] => [
  ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })),
  ...(
    [
      ['system-node-critical', 2_000_001_000],
      ['system-cluster-critical', 2_000_000_000],
    ] as const
  ).map(([name, value]) => named('scheduling.k8s.io/v1', 'PriorityClass', name, { value })),
  storageClass('gp2'),
  storageClass('gp3'),
  ...['cluster-admin', 'admin', 'edit', 'view'].map((name) =>
    named(rbac, 'ClusterRole', name, { rules: rulesOf(name) }),
  ),
  named(rbac, 'ClusterRoleBinding', 'cluster-admin', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' }],
  }),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver' } },
    spec: {
      clusterIP: '172.20.0.1',
      type: 'ClusterIP',
      ports: [{ name: 'https', port: 443, targetPort: 443 }],
    },
  },
]

const storageClass = (name: string) =>
  named('storage.k8s.io/v1', 'StorageClass', name, {
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: name },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  })

const reads = ['get', 'list', 'watch']
const writes = [...reads, 'create', 'update', 'patch', 'delete', 'deletecollection']
const groups = ['', 'apps', 'batch', 'autoscaling', 'policy', 'networking.k8s.io']
const shown = [
  'pods',
  'services',
  'configmaps',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
]

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles */
const rulesOf = (role: string): readonly object[] => {
  if (role === 'cluster-admin') return [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
  if (role === 'view') return [{ apiGroups: groups, resources: shown, verbs: reads }]
  return [{ apiGroups: groups, resources: [...shown, 'secrets', 'pods/eviction'], verbs: writes }]
}
