import type { KubeObject } from '../cluster-twin.ts'
import type { Storage } from '../storage.ts'
import { asText, at, fields, items, numberAt, textAt, type Fields } from './reading.ts'

/**
 * What the API server fills into a pod's spec or a pod template's.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
export const podSpecDefaults = (given: unknown): Fields => {
  const spec = fields(given)
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount')
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
    ...(account === '' ? {} : { serviceAccountName: account, serviceAccount: account }),
    containers: items(spec['containers']).map(containerDefaults),
    ...(spec['initContainers'] === undefined
      ? {}
      : { initContainers: items(spec['initContainers']).map(containerDefaults) }),
    ...(spec['volumes'] === undefined ? {} : { volumes: items(spec['volumes']).map(volumeDefaults) }),
  }
}

const containerDefaults = (given: unknown): Fields => {
  const container = fields(given)
  return {
    imagePullPolicy: pullPolicy(textAt(container, 'image')),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    resources: resourceDefaults(container['resources']),
    ...(container['ports'] === undefined
      ? {}
      : { ports: items(container['ports']).map((port) => ({ protocol: 'TCP', ...fields(port) })) }),
    ...(container['env'] === undefined ? {} : { env: items(container['env']).map(envDefaults) }),
    ...probesOf(container),
  }
}

/** https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
const pullPolicy = (image: string) => {
  const name = image.split('/').at(-1) ?? ''
  return !name.includes('@') && (!name.includes(':') || name.endsWith(':latest')) ? 'Always' : 'IfNotPresent'
}

/** Limits without requests become the requests. */
const resourceDefaults = (given: unknown): Fields => {
  const resources = fields(given)
  if (resources['limits'] === undefined) return resources
  return { ...resources, requests: { ...fields(resources['limits']), ...fields(resources['requests']) } }
}

const envDefaults = (given: unknown): Fields => {
  const field = at(given, 'valueFrom', 'fieldRef')
  if (field === undefined) return fields(given)
  const fieldRef = { apiVersion: 'v1', ...fields(field) }
  return { ...fields(given), valueFrom: { ...fields(at(given, 'valueFrom')), fieldRef } }
}

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }

const probesOf = (container: Fields): Fields =>
  Object.fromEntries(
    ['livenessProbe', 'readinessProbe', 'startupProbe']
      .filter((name) => container[name] !== undefined)
      .map((name) => [name, withScheme({ ...probeDefaults, ...fields(container[name]) })]),
  )

const withScheme = (probe: Fields): Fields =>
  probe['httpGet'] === undefined
    ? probe
    : { ...probe, httpGet: { path: '/', scheme: 'HTTP', ...fields(probe['httpGet']) } }

const modes = ['configMap', 'secret', 'projected', 'downwardAPI']

const volumeDefaults = (given: unknown): Fields => {
  const volume = fields(given)
  const source = modes.find((name) => volume[name] !== undefined)
  if (source !== undefined) return { ...volume, [source]: { defaultMode: 420, ...fields(volume[source]) } }
  if (volume['hostPath'] !== undefined)
    return { ...volume, hostPath: { type: '', ...fields(volume['hostPath']) } }
  return Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : volume
}

/** What admission adds to a pod itself, but not to templates: service account, priority, tolerations, quality of service. */
export const admitPod = (storage: Pick<Storage, 'get' | 'list'>, pod: KubeObject): KubeObject => {
  const spec = podSpecDefaults(pod['spec'])
  return {
    ...pod,
    spec: {
      enableServiceLinks: true,
      serviceAccountName: 'default',
      serviceAccount: 'default',
      ...spec,
      ...priorityOf(storage, spec),
      tolerations: withNotReadyTolerations(items(spec['tolerations'])),
    },
    status: { phase: 'Pending', qosClass: qualityOfService(spec), ...fields(pod['status']) },
  }
}

const systemPriorities: { readonly [name: string]: number } = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
const priorityOf = (storage: Pick<Storage, 'get' | 'list'>, spec: Fields): Fields => {
  const name = textAt(spec, 'priorityClassName')
  const resource = 'priorityclasses.scheduling.k8s.io'
  const chosen =
    name === ''
      ? storage.list(resource).find((item) => item['globalDefault'] === true)
      : storage.get(resource, '', name)
  const priority = numberAt(chosen, 'value') ?? systemPriorities[name] ?? 0
  const preemptionPolicy = textAt(chosen, 'preemptionPolicy') || 'PreemptLowerPriority'
  const priorityClassName = name || chosen?.metadata.name
  return { ...(priorityClassName === undefined ? {} : { priorityClassName }), priority, preemptionPolicy }
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions */
const withNotReadyTolerations = (given: readonly unknown[]): readonly unknown[] => {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !given.some((toleration) => toleratesNoExecute(toleration, key)),
  )
  return [
    ...given,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ]
}

const toleratesNoExecute = (toleration: unknown, key: string) =>
  [key, ''].includes(textAt(toleration, 'key')) && ['', 'NoExecute'].includes(textAt(toleration, 'effect'))

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
const qualityOfService = (spec: Fields): 'Guaranteed' | 'Burstable' | 'BestEffort' => {
  const all = [...items(spec['containers']), ...items(spec['initContainers'])].map((item) =>
    at(item, 'resources'),
  )
  const amount = (resources: unknown, part: string, name: string) => asText(at(resources, part, name))
  const names = ['cpu', 'memory']
  if (all.every((one) => names.every((name) => amount(one, 'requests', name) === ''))) return 'BestEffort'
  const even = (one: unknown) =>
    names.every(
      (name) =>
        amount(one, 'limits', name) !== '' && amount(one, 'limits', name) === amount(one, 'requests', name),
    )
  return all.every(even) ? 'Guaranteed' : 'Burstable'
}
