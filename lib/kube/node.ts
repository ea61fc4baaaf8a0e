import type { V1Node } from '@kubernetes/client-node'
import { metadataFrom, type Metadata } from './metadata.ts'
import { quantity, resourcesFrom, type Resources } from './quantity.ts'

/** A node, cut down to what runbooks ask of it. */
export interface KubeNode extends Metadata {
  /** Managed node group, from the label that EKS sets. */
  readonly nodeGroup: string | undefined
  readonly zone: string | undefined
  readonly instanceType: string | undefined
  /** EC2 instance id; undefined for nodes that are none. */
  readonly instanceId: string | undefined
  /** Such as `v1.33.4-eks-1a2b3c4`. */
  readonly kubeletVersion: string
  readonly osImage: string
  readonly ready: boolean
  /** What it should not say of itself: `NotReady`, `MemoryPressure`, `DiskPressure`, `PIDPressure`, `NetworkUnavailable`. */
  readonly troubles: readonly string[]
  readonly cordoned: boolean
  readonly taints: readonly Taint[]
  readonly allocatable: Resources & { readonly pods: number }
}

export interface Taint {
  readonly key: string
  readonly value?: string
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string
}

/** https://kubernetes.io/docs/reference/node/node-status/#condition */
const troubles = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']

export const nodeFrom = (raw: V1Node): KubeNode => {
  const metadata = metadataFrom(raw.metadata)
  const { labels } = metadata
  const allocatable = raw.status?.allocatable
  const isTrue = (wanted: string) =>
    (raw.status?.conditions ?? []).some(({ type, status }) => type === wanted && status === 'True')
  return {
    ...metadata,
    nodeGroup: labels['eks.amazonaws.com/nodegroup'],
    zone: labels['topology.kubernetes.io/zone'],
    instanceType: labels['node.kubernetes.io/instance-type'],
    instanceId: /\/(i-[0-9a-f]+)$/.exec(raw.spec?.providerID ?? '')?.[1],
    kubeletVersion: raw.status?.nodeInfo?.kubeletVersion ?? '',
    osImage: raw.status?.nodeInfo?.osImage ?? '',
    ready: isTrue('Ready'),
    troubles: [...(isTrue('Ready') ? [] : ['NotReady']), ...troubles.filter(isTrue)],
    cordoned: raw.spec?.unschedulable === true,
    taints: (raw.spec?.taints ?? []).map(({ key, value, effect }) => ({
      key,
      effect,
      ...(value === undefined ? {} : { value }),
    })),
    allocatable: { ...resourcesFrom(allocatable), pods: quantity(allocatable?.['pods']) },
  }
}
