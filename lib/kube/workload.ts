import type {
  V1DaemonSet,
  V1Deployment,
  V1PodTemplateSpec,
  V1ReplicaSet,
  V1StatefulSet,
} from '@kubernetes/client-node'
import { labelSelectorFrom, type Labels, type LabelSelector } from './label-selector.ts'
import { metadataFrom, ownerFrom, type Metadata, type Owner } from './metadata.ts'

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet'

/** What keeps pods running. For a DaemonSet `replicas` is the number of nodes that should run one. */
export interface KubeWorkload extends Metadata {
  readonly kind: WorkloadKind
  readonly replicas: number
  readonly readyReplicas: number
  readonly updatedReplicas: number
  /** False while the status is older than the spec. */
  readonly observed: boolean
  readonly selector: LabelSelector | undefined
  readonly podLabels: Labels
  /** Of its rolling update: a number or a percentage; undefined where the kind has none or recreates all. */
  readonly maxUnavailable: number | string | undefined
  /** Such as `RollingUpdate`, `Recreate` or `OnDelete`; empty for a ReplicaSet. */
  readonly strategy: string
  readonly owner: Owner | undefined
  readonly images: readonly string[]
}

/** Names one workload. */
export type WorkloadRef = Pick<KubeWorkload, 'kind' | 'namespace' | 'name'>

/** The name in paths. */
export const collectionOf: { readonly [K in WorkloadKind]: string } = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
}

/** Reads an object of that kind: lists leave the kind of their items out. */
export const workloadFrom = (kind: WorkloadKind, raw: unknown): KubeWorkload => {
  switch (kind) {
    case 'Deployment':
      return fromDeployment(raw as V1Deployment)
    case 'StatefulSet':
      return fromStatefulSet(raw as V1StatefulSet)
    case 'DaemonSet':
      return fromDaemonSet(raw as V1DaemonSet)
    case 'ReplicaSet':
      return fromReplicaSet(raw as V1ReplicaSet)
  }
}

const fromDeployment = (raw: V1Deployment): KubeWorkload => ({
  ...common(raw),
  kind: 'Deployment',
  replicas: raw.spec?.replicas ?? 1,
  readyReplicas: raw.status?.readyReplicas ?? 0,
  updatedReplicas: raw.status?.updatedReplicas ?? 0,
  strategy: raw.spec?.strategy?.type ?? 'RollingUpdate',
  maxUnavailable: raw.spec?.strategy?.rollingUpdate?.maxUnavailable,
})

const fromStatefulSet = (raw: V1StatefulSet): KubeWorkload => ({
  ...common(raw),
  kind: 'StatefulSet',
  replicas: raw.spec?.replicas ?? 1,
  readyReplicas: raw.status?.readyReplicas ?? 0,
  updatedReplicas: raw.status?.updatedReplicas ?? 0,
  strategy: raw.spec?.updateStrategy?.type ?? 'RollingUpdate',
  maxUnavailable: raw.spec?.updateStrategy?.rollingUpdate?.maxUnavailable,
})

const fromDaemonSet = (raw: V1DaemonSet): KubeWorkload => ({
  ...common(raw),
  kind: 'DaemonSet',
  replicas: raw.status?.desiredNumberScheduled ?? 0,
  readyReplicas: raw.status?.numberReady ?? 0,
  updatedReplicas: raw.status?.updatedNumberScheduled ?? 0,
  strategy: raw.spec?.updateStrategy?.type ?? 'RollingUpdate',
  maxUnavailable: raw.spec?.updateStrategy?.rollingUpdate?.maxUnavailable,
})

const fromReplicaSet = (raw: V1ReplicaSet): KubeWorkload => ({
  ...common(raw),
  kind: 'ReplicaSet',
  replicas: raw.spec?.replicas ?? 1,
  readyReplicas: raw.status?.readyReplicas ?? 0,
  updatedReplicas: raw.status?.fullyLabeledReplicas ?? 0,
  strategy: '',
  maxUnavailable: undefined,
})

const common = ({ metadata, spec, status }: V1Deployment | V1StatefulSet | V1DaemonSet | V1ReplicaSet) => {
  const template: V1PodTemplateSpec | undefined = spec?.template
  return {
    ...metadataFrom(metadata),
    owner: ownerFrom(metadata),
    observed: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    selector: labelSelectorFrom(spec?.selector),
    podLabels: template?.metadata?.labels ?? {},
    images: (template?.spec?.containers ?? []).flatMap(({ image }) => image ?? []),
  }
}
