/** A kind of object the API server serves. */
export interface ResourceType {
  /** `pods`, `deployments.apps`: plural, then the group if there is one. The store's key. */
  readonly id: string
  readonly group: string
  /** Served versions, preferred first. Objects are stored in the preferred one. */
  readonly versions: readonly string[]
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  /** Subresources besides the object itself: `status`, `scale`, `eviction`, ... */
  readonly subresources: readonly string[]
  readonly categories: readonly string[]
  /** False for virtual kinds without a spec: `generation` is not kept (Secret, ConfigMap, Event, ...). */
  readonly generation: boolean
}

const type = (
  apiVersion: string,
  kind: string,
  plural: string,
  extra: Partial<
    Pick<ResourceType, 'shortNames' | 'namespaced' | 'subresources' | 'categories' | 'generation'>
  > = {},
): ResourceType => {
  const [version = 'v1', group = ''] = apiVersion.split('/').toReversed()
  return {
    id: group === '' ? plural : `${plural}.${group}`,
    group,
    versions: version.split(','),
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: extra.shortNames ?? [],
    namespaced: extra.namespaced ?? true,
    subresources: extra.subresources ?? [],
    categories: extra.categories ?? [],
    generation: extra.generation ?? false,
  }
}

const workload = { subresources: ['status', 'scale'], categories: ['all'], generation: true } as const

/** The built-in kinds of the emulated API server. Custom kinds come from CustomResourceDefinitions. */
export const builtInTypes: readonly ResourceType[] = [
  type('v1', 'Namespace', 'namespaces', {
    shortNames: ['ns'],
    namespaced: false,
    subresources: ['status', 'finalize'],
  }),
  type('v1', 'Node', 'nodes', { shortNames: ['no'], namespaced: false, subresources: ['status'] }),
  type('v1', 'Pod', 'pods', {
    shortNames: ['po'],
    subresources: ['status', 'eviction', 'binding', 'log'],
    categories: ['all'],
  }),
  type('v1', 'Service', 'services', { shortNames: ['svc'], subresources: ['status'], categories: ['all'] }),
  type('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  type('v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  type('v1', 'Secret', 'secrets'),
  type('v1', 'Event', 'events', { shortNames: ['ev'] }),
  type('v1', 'Endpoints', 'endpoints', { shortNames: ['ep'] }),
  type('v1', 'PersistentVolume', 'persistentvolumes', {
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
  }),
  type('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
    shortNames: ['pvc'],
    subresources: ['status'],
  }),
  type('v1', 'ReplicationController', 'replicationcontrollers', { shortNames: ['rc'], ...workload }),
  type('v1', 'LimitRange', 'limitranges', { shortNames: ['limits'] }),
  type('v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], subresources: ['status'] }),
  type('v1', 'PodTemplate', 'podtemplates'),
  type('apps/v1', 'Deployment', 'deployments', { shortNames: ['deploy'], ...workload }),
  type('apps/v1', 'ReplicaSet', 'replicasets', { shortNames: ['rs'], ...workload }),
  type('apps/v1', 'StatefulSet', 'statefulsets', { shortNames: ['sts'], ...workload }),
  type('apps/v1', 'DaemonSet', 'daemonsets', { shortNames: ['ds'], ...workload, subresources: ['status'] }),
  type('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  type('batch/v1', 'Job', 'jobs', { ...workload, subresources: ['status'] }),
  type('batch/v1', 'CronJob', 'cronjobs', { shortNames: ['cj'], ...workload, subresources: ['status'] }),
  type('autoscaling/v2,v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    shortNames: ['hpa'],
    subresources: ['status'],
    categories: ['all'],
  }),
  type('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    subresources: ['status'],
    generation: true,
  }),
  type('networking.k8s.io/v1', 'Ingress', 'ingresses', {
    shortNames: ['ing'],
    subresources: ['status'],
    generation: true,
  }),
  type('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { namespaced: false, generation: true }),
  type('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', {
    shortNames: ['netpol'],
    generation: true,
  }),
  type('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  type('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  type('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { namespaced: false }),
  type('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', { namespaced: false }),
  type('storage.k8s.io/v1', 'StorageClass', 'storageclasses', { shortNames: ['sc'], namespaced: false }),
  type('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', { namespaced: false }),
  type('storage.k8s.io/v1', 'CSINode', 'csinodes', { namespaced: false }),
  type('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', {
    namespaced: false,
    subresources: ['status'],
  }),
  type('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', {
    shortNames: ['pc'],
    namespaced: false,
    generation: true,
  }),
  type('coordination.k8s.io/v1', 'Lease', 'leases'),
  type('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', { namespaced: false }),
  type('storage.k8s.io/v1', 'CSIStorageCapacity', 'csistoragecapacities'),
  type('certificates.k8s.io/v1', 'CertificateSigningRequest', 'certificatesigningrequests', {
    shortNames: ['csr'],
    namespaced: false,
    subresources: ['status', 'approval'],
  }),
  type('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'flowschemas', {
    namespaced: false,
    subresources: ['status'],
    generation: true,
  }),
  type('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
    namespaced: false,
    subresources: ['status'],
    generation: true,
  }),
  type('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
    namespaced: false,
    subresources: ['status'],
    generation: true,
  }),
  type(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    { namespaced: false, generation: true },
  ),
  type('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  type('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    namespaced: false,
    generation: true,
  }),
  type(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    { namespaced: false, generation: true },
  ),
  type('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    shortNames: ['crd', 'crds'],
    namespaced: false,
    subresources: ['status'],
    generation: true,
  }),
  type('apiregistration.k8s.io/v1', 'APIService', 'apiservices', {
    namespaced: false,
    subresources: ['status'],
  }),
]
