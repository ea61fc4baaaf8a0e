import type { KubeObject } from '../cluster-twin.ts'
import type { Storage } from '../storage.ts'
import { asText, at, fields, items, numberAt, textAt, type Fields } from './reading.ts'

/**
 * Fills in a Service's type, ports, families and its cluster IP: the lowest free one of 10.100.0.0/16, EKS's usual range.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
 */
export const serviceDefaults = (storage: Pick<Storage, 'get' | 'list'>, object: KubeObject): KubeObject => {
  const given = fields(object['spec'])
  const type = textAt(given, 'type') || 'ClusterIP'
  const external = type === 'ExternalName'
  const stored = storage.get('services', object.metadata.namespace ?? '', object.metadata.name)
  const clusterIP =
    textAt(given, 'clusterIP') ||
    textAt(stored, 'spec', 'clusterIP') ||
    (external ? '' : freeAddress(storage))
  return {
    ...object,
    spec: {
      sessionAffinity: 'None',
      ...(external ? {} : families(clusterIP)),
      ...(type === 'ClusterIP' ? {} : external ? {} : { externalTrafficPolicy: 'Cluster' }),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      ...given,
      type,
      ...(given['ports'] === undefined ? {} : { ports: portDefaults(storage, object, type) }),
      ...(external ? {} : { clusterIP, clusterIPs: [clusterIP] }),
    },
    status: { loadBalancer: {}, ...fields(object['status']) },
  }
}

const families = (clusterIP: string): Fields => ({
  ipFamilies: [clusterIP.includes(':') ? 'IPv6' : 'IPv4'],
  ipFamilyPolicy: 'SingleStack',
  internalTrafficPolicy: 'Cluster',
})

/** 10.100.0.1 is the API server's, 10.100.0.10 the cluster's DNS. */
const freeAddress = (storage: Pick<Storage, 'list'>) => {
  const taken = new Set(storage.list('services').map((service) => textAt(service, 'spec', 'clusterIP')))
  for (let number = 256; ; number += 1) {
    const address = `10.100.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
}

const portDefaults = (storage: Pick<Storage, 'list'>, object: KubeObject, type: string) => {
  const needed = type === 'NodePort' || type === 'LoadBalancer'
  const free = needed ? freeNodePorts(storage) : []
  return items(at(object, 'spec', 'ports')).map((port) => {
    const filled = { protocol: 'TCP', targetPort: at(port, 'port'), ...fields(port) }
    return needed && numberAt(port, 'nodePort') === undefined ? { ...filled, nodePort: free.shift() } : filled
  })
}

const freeNodePorts = (storage: Pick<Storage, 'list'>): number[] => {
  const taken = new Set(
    storage
      .list('services')
      .flatMap((service) => items(at(service, 'spec', 'ports')))
      .map((port) => asText(at(port, 'nodePort'))),
  )
  return Array.from({ length: 2768 }, (_, index) => 30_000 + index).filter((port) => !taken.has(String(port)))
}
