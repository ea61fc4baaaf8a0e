/** One rule of a role, as RBAC writes it. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const read = ['get', 'list', 'watch']
const write = ['create', 'delete', 'deletecollection', 'patch', 'update']

const viewed: readonly Rule[] = [
  {
    apiGroups: [''],
    resources: [
      'bindings',
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'pods/log',
      'pods/status',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
    verbs: read,
  },
  {
    apiGroups: ['apps', 'autoscaling', 'batch', 'discovery.k8s.io', 'networking.k8s.io', 'policy'],
    resources: ['*'],
    verbs: read,
  },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: read },
]

const edited: readonly Rule[] = [
  ...viewed,
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'pods',
      'pods/eviction',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
    ],
    verbs: [...write, 'get', 'list', 'watch'],
  },
  {
    apiGroups: ['apps', 'autoscaling', 'batch', 'networking.k8s.io', 'policy'],
    resources: ['*'],
    verbs: write,
  },
]

const administered: readonly Rule[] = [
  ...edited,
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: [...read, ...write],
  },
]

const byPolicy: { readonly [policy: string]: readonly Rule[] } = {
  AmazonEKSClusterAdminPolicy: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  AmazonEKSAdminPolicy: administered,
  AmazonEKSEditPolicy: edited,
  AmazonEKSViewPolicy: viewed,
  AmazonEKSAdminViewPolicy: [{ apiGroups: ['*'], resources: ['*'], verbs: read }],
}

/**
 * The rules of an EKS access policy by its name; none for a policy that grants nothing here.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export const accessPolicyRules = (name: string): readonly Rule[] => byPolicy[name] ?? []
