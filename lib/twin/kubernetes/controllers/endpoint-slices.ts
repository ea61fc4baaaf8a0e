import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import { selectorMatches } from '../api/selectors.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { controlledBy, isTrue, make, type Control } from './control.ts'

const slices = 'endpointslices.discovery.k8s.io'

/** Lists the pods behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export const reconcileEndpoints = (control: Control, service: KubeObject): void => {
  const selector = fields(at(service, 'spec', 'selector'))
  if (Object.keys(selector).length === 0) return
  const { name, namespace = '' } = service.metadata
  const endpoints = control.storage
    .list('pods', namespace)
    .filter((pod) => selectorMatches({ matchLabels: selector }, pod.metadata.labels ?? {}))
    .filter((pod) => textAt(pod, 'status', 'podIP') !== '')
    .map((pod) => endpointOf(pod))
  const body = { addressType: 'IPv4', endpoints, ports: portsOf(service) }
  const sliceName = `${name}-twin`
  const before = control.storage.get(slices, namespace, sliceName)
  if (before) control.storage.update(slices, { ...before, ...body })
  else {
    const metadata = {
      name: sliceName,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
      ownerReferences: controlledBy(service),
    }
    make(control, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...body }, service)
  }
}

const endpointOf = (pod: KubeObject) => {
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const serving = isTrue(pod, 'Ready')
  return {
    addresses: [textAt(pod, 'status', 'podIP')],
    conditions: { ready: serving && !terminating, serving, terminating },
    nodeName: textAt(pod, 'spec', 'nodeName'),
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      uid: pod.metadata.uid,
    },
  }
}

const portsOf = (service: KubeObject) =>
  items(at(service, 'spec', 'ports')).map((port) => ({
    name: textAt(port, 'name'),
    port: numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0,
    protocol: textAt(port, 'protocol') || 'TCP',
  }))
