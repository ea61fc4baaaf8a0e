import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { controlledBy, make, podsSelected, type Control } from './control.ts'
import { isTrue } from './seen-pod.ts'

const slices = 'endpointslices.discovery.k8s.io'

/** Lists the pods behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export const reconcileEndpoints = (control: Control, service: KubeObject): void => {
  const selector = fields(at(service, 'spec', 'selector'))
  if (Object.keys(selector).length === 0) return
  const { name, namespace = '' } = service.metadata
  const pods = podsSelected(control, namespace, { matchLabels: selector })
    .all()
    .filter(({ pod, isEnded }) => textAt(pod, 'status', 'podIP') !== '' && !isEnded)
    .map(({ pod }) => pod)
  const ports = portsOf(service, pods)
  writeOwned(control, service, {
    resource: slices,
    fresh: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-twin`, namespace, labels: sliceLabels(name) },
    },
    body: { addressType: 'IPv4', endpoints: pods.map(endpointOf), ports },
  })
  writeOwned(control, service, {
    resource: 'endpoints',
    fresh: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace } },
    body: { subsets: subsetsOf(pods, ports) },
  })
}

const sliceLabels = (service: string) => ({
  'kubernetes.io/service-name': service,
  'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
})

const writeOwned = (
  control: Control,
  service: KubeObject,
  { resource, fresh, body }: { readonly resource: string; readonly fresh: KubeObject; readonly body: object },
) => {
  const { namespace = '', name } = fresh.metadata
  const before = control.storage.get(resource, namespace, name)
  if (before) control.storage.update(resource, { ...before, ...body })
  else
    make(
      control,
      { ...fresh, metadata: { ...fresh.metadata, ownerReferences: controlledBy(service) }, ...body },
      service,
    )
}

/** Addresses in the older form; pods on their way out are not among them. */
const subsetsOf = (pods: readonly KubeObject[], ports: readonly object[]) => {
  const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined)
  const addresses = (ready: boolean) =>
    staying
      .filter((pod) => isTrue(pod, 'Ready') === ready)
      .map((pod) => {
        const { targetRef, nodeName } = endpointOf(pod)
        return { ip: textAt(pod, 'status', 'podIP'), nodeName, targetRef }
      })
  if (staying.length === 0) return []
  const [up, down] = [addresses(true), addresses(false)]
  return [
    {
      ...(up.length > 0 ? { addresses: up } : {}),
      ...(down.length > 0 ? { notReadyAddresses: down } : {}),
      ports,
    },
  ]
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

const portsOf = (service: KubeObject, pods: readonly KubeObject[]) =>
  items(at(service, 'spec', 'ports')).map((port) => ({
    name: textAt(port, 'name'),
    port:
      numberAt(port, 'targetPort') ??
      namedPort(pods[0], textAt(port, 'targetPort')) ??
      numberAt(port, 'port') ??
      0,
    protocol: textAt(port, 'protocol') || 'TCP',
  }))

const namedPort = (pod: KubeObject | undefined, name: string): number | undefined =>
  items(at(pod, 'spec', 'containers'))
    .flatMap((container) => items(at(container, 'ports')))
    .filter((port) => textAt(port, 'name') === name)
    .map((port) => numberAt(port, 'containerPort'))[0]
