/** How a node joins a cluster of the twin: what the kubelet and the EKS bootstrap would register. */
export interface NodeRegistration {
  /** Private DNS name, such as `ip-10-0-1-23.eu-west-1.compute.internal`. */
  readonly name: string
  readonly instanceId: string
  /** Labels of EKS and of the node group, zone and region included. */
  readonly labels: { readonly [key: string]: string }
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** `aws:///eu-west-1a/i-0abc...`. */
  readonly providerId: string
  /** `v1.33.4-eks-1a2b3c4`. */
  readonly kubeletVersion: string
  readonly osImage: string
  readonly kernelVersion: string
  /** `containerd://2.1.5`. */
  readonly containerRuntimeVersion: string
  readonly architecture: 'amd64' | 'arm64'
  readonly internalIp: string
  /** Kubernetes quantities, such as `{cpu: '1930m', memory: '7244Mi', pods: '29'}`. */
  readonly allocatable: { readonly [resource: string]: string }
  readonly capacity: { readonly [resource: string]: string }
  /** Seconds from joining to Ready; undefined: never. */
  readonly readyAfterSeconds: number | undefined
}

/** A pod as EKS's own node group update sees it. */
export interface PodOnNode {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly daemonSet: boolean
  readonly terminating: boolean
}

/**
 * One cluster's Kubernetes, as the AWS side of the twin drives it. Two implementations stand behind it:
 * emulated (in process) and real (binaries). Everything is a promise, because the real one needs processes.
 */
export interface ClusterTwin {
  readonly kind: 'emulated' | 'real'
  /** `https://127.0.0.1:PORT/...` of the API server, without a trailing slash. */
  readonly endpoint: () => string
  /** CA of the endpoint, base64 of PEM, as DescribeCluster returns it. */
  readonly certificateAuthority: () => string
  /** Minor such as `1.33`: the control plane serves this from now on (up, or down for a rollback). */
  readonly setVersion: (minor: string) => Promise<void>
  readonly joinNode: (node: NodeRegistration) => Promise<void>
  /** The instance is gone: Node and its pods go with it. */
  readonly removeNode: (name: string) => Promise<void>
  readonly cordonNode: (name: string, labels: { readonly [key: string]: string }) => Promise<void>
  readonly nodesReady: (names: readonly string[]) => Promise<readonly string[]>
  readonly podsOn: (node: string) => Promise<readonly PodOnNode[]>
  /** Through the eviction API, budgets and all. */
  readonly evict: (pod: PodOnNode) => Promise<'evicted' | 'refused'>
  /** Applies the objects of a managed add-on, as EKS does (server-side apply, manager `eks`). */
  readonly applyAddOn: (manifests: readonly KubeObject[]) => Promise<void>
  readonly removeAddOn: (manifests: readonly KubeObject[]) => Promise<void>
  /** True when each DaemonSet, Deployment and StatefulSet among them is rolled out and Ready. */
  readonly rolledOut: (manifests: readonly KubeObject[]) => Promise<boolean>
  /** Everything stored, for findings of insights (kubelet and kube-proxy versions). */
  readonly list: (resource: string) => Promise<readonly KubeObject[]>
}

/** Any Kubernetes object. Treated as immutable once stored. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: { readonly [key: string]: string }
  readonly annotations?: { readonly [key: string]: string }
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly generateName?: string
  readonly managedFields?: readonly unknown[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}
