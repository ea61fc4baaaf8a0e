import type { V1EndpointSlice } from '@kubernetes/client-node'

/** One slice of the endpoints of a Service. */
export interface KubeEndpoints {
  readonly namespace: string
  readonly service: string
  /**
   * What is ready behind it: uid of the pod, else the first address. The same pod stands in a slice of each address
   * family. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions : unknown counts as ready
   */
  readonly ready: readonly string[]
}

export const endpointsFrom = ({ metadata, endpoints }: V1EndpointSlice): KubeEndpoints => ({
  namespace: metadata?.namespace ?? '',
  service: metadata?.labels?.['kubernetes.io/service-name'] ?? '',
  // A slice without endpoints comes as null from a real server.
  ready: (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ targetRef, addresses }) => targetRef?.uid ?? addresses[0] ?? ''),
})
