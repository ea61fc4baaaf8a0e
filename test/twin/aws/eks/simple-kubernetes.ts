import type {
  ClusterTwin,
  KubeObject,
  NodeRegistration,
  PodOnNode,
} from '../../../../lib/twin/kubernetes/cluster-twin.ts'

/** A Kubernetes of nodes and pods only, as much as EKS touches. Pods go the moment they are evicted, unless `stuck`. */
export const simpleKubernetes = (minor: string, now: () => number) => {
  const nodes = new Map<string, NodeRegistration & { readonly readyAt: number }>()
  const pods: (PodOnNode & { readonly node: string; readonly stuck: boolean })[] = []
  const versions = [minor]
  const cordoned = new Set<string>()
  const applied: KubeObject[] = []
  const state = { rolledOut: true }
  const twin: ClusterTwin = {
    kind: 'emulated',
    endpoint: () => 'https://127.0.0.1:6443',
    certificateAuthority: () => 'Q0E=',
    setVersion: async (next) => void versions.push(next),
    joinNode: async (node) =>
      void nodes.set(node.name, { ...node, readyAt: now() + (node.readyAfterSeconds ?? Infinity) * 1000 }),
    removeNode: async (name) => {
      nodes.delete(name)
    },
    cordonNode: async (name) => void cordoned.add(name),
    nodesReady: async (names) => names.filter((name) => (nodes.get(name)?.readyAt ?? Infinity) <= now()),
    podsOn: async (node) => pods.filter((pod) => pod.node === node),
    evict: async (pod) => {
      const at = pods.findIndex(({ uid }) => uid === pod.uid)
      if (pods[at]?.stuck !== false) return 'refused'
      pods.splice(at, 1)
      return 'evicted'
    },
    applyAddOn: async (manifests) => void applied.push(...manifests),
    removeAddOn: async () => {},
    rolledOut: async () => state.rolledOut,
    list: async (resource) =>
      resource === 'nodes'
        ? [...nodes.values()].map((node) => ({
            apiVersion: 'v1',
            kind: 'Node',
            metadata: { name: node.name, labels: node.labels },
            status: { nodeInfo: { kubeletVersion: node.kubeletVersion } },
          }))
        : [],
  }
  return { twin, nodes, pods, versions, cordoned, applied, state }
}
