import type { KubeObject } from '../cluster-twin.ts'

const space = 'kube-system'

/** What an add-on's workload needs to be told apart from the others. */
export interface Workload {
  readonly name: string
  /** Tag of the image, the version of the add-on. */
  readonly version: string
  /** Repository under the registry of EKS, such as `eks/coredns`. */
  readonly image: string
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly initImage?: string
  readonly hostNetwork?: boolean
  /** Value of `k8s-app` where it is not the name. */
  readonly label?: string
}

/** The registry that EKS takes add-ons from. https://docs.aws.amazon.com/eks/latest/userguide/add-ons-images.html */
const registry = '602401143452.dkr.ecr.eu-west-1.amazonaws.com'

const linux = { 'kubernetes.io/os': 'linux' }

const podSpec = (workload: Workload, priorityClassName: string, tolerations: readonly object[]) => ({
  serviceAccountName: workload.name,
  priorityClassName,
  nodeSelector: linux,
  tolerations,
  ...(workload.hostNetwork === true ? { hostNetwork: true } : {}),
  ...(workload.initImage === undefined
    ? {}
    : { initContainers: [{ name: 'init', image: `${registry}/${workload.initImage}:${workload.version}` }] }),
  containers: [
    {
      name: workload.name,
      image: `${registry}/${workload.image}:${workload.version}`,
      resources: { requests: workload.requests },
    },
  ],
})

const labelsOf = ({ name, label = name }: Pick<Workload, 'name' | 'label'>) => ({
  'app.kubernetes.io/name': name,
  'k8s-app': label,
})

const inSystem = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: space, labels: labelsOf({ name }) },
  ...more,
})

/** A DaemonSet on every Linux node, tainted ones too, with its service account. */
export const onEachNode = (workload: Workload): readonly KubeObject[] => [
  inSystem('v1', 'ServiceAccount', workload.name),
  inSystem('apps/v1', 'DaemonSet', workload.name, {
    spec: {
      selector: { matchLabels: { 'k8s-app': workload.label ?? workload.name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: labelsOf(workload) },
        spec: podSpec(workload, 'system-node-critical', [{ operator: 'Exists' }]),
      },
    },
  }),
]

/** A Deployment with its service account and a budget of one unavailable pod. */
export const replicated = (workload: Workload, replicas: number): readonly KubeObject[] => {
  const selector = { matchLabels: { 'k8s-app': workload.label ?? workload.name } }
  const controlPlane = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
  const spread = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: selector,
  }
  return [
    inSystem('v1', 'ServiceAccount', workload.name),
    inSystem('apps/v1', 'Deployment', workload.name, {
      spec: {
        replicas,
        selector,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        template: {
          metadata: { labels: labelsOf(workload) },
          spec: {
            ...podSpec(workload, 'system-cluster-critical', [
              { key: 'CriticalAddonsOnly', operator: 'Exists' },
              controlPlane,
            ]),
            topologySpreadConstraints: [spread],
          },
        },
      },
    }),
    inSystem('policy/v1', 'PodDisruptionBudget', workload.name, { spec: { maxUnavailable: 1, selector } }),
  ]
}

/** A Service in front of the pods with that `k8s-app`. */
export const service = (name: string, workload: string, spec: object): KubeObject =>
  inSystem('v1', 'Service', name, { spec: { selector: { 'k8s-app': workload }, ...spec } })

/** Registration of a storage driver. */
export const driver = (name: string): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name },
  spec: { attachRequired: name.startsWith('ebs'), podInfoOnMount: false },
})
