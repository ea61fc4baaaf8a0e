import { at, fields, items, numberAt, textAt } from './reading.ts'
import { selectorText } from './selectors.ts'
import type { KubeObject } from '../cluster-twin.ts'
import {
  age,
  each,
  joinedOrNone,
  labelText,
  nodeRoles,
  nodeStatus,
  orNone,
  podStatus,
} from './table-words.ts'

/** A column of `kubectl get`: shown always (priority 0) or with -o wide (1). */
export interface Column {
  readonly name: string
  readonly type?: 'string' | 'integer' | 'date'
  readonly priority?: 0 | 1
  readonly cell: (object: KubeObject, now: number) => string | number
}

type Columns = readonly Column[]

/** Stands last, before the wide columns, where a kind does not place it itself. */
export const ageColumn: Column = {
  name: 'Age',
  cell: (object, now) => age(object.metadata.creationTimestamp ?? '', now),
}

const text = (name: string, ...path: readonly string[]): Column => ({
  name,
  cell: (object) => textAt(object, ...path),
})
const some = (name: string, ...path: readonly string[]): Column => ({
  name,
  cell: (object) => orNone(textAt(object, ...path)),
})
const count = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: (object) => numberAt(object, ...path) ?? 0,
})
const wide = (column: Column): Column => ({ ...column, priority: 1 })
const size = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: (object) => Object.keys(fields(at(object, ...path))).length,
})
const length = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: (object) => items(at(object, ...path)).length,
})

const template = ['spec', 'template', 'spec', 'containers']
const templateColumns: Columns = [
  wide({ name: 'Containers', cell: (object) => each(at(object, ...template), 'name').join(',') }),
  wide({ name: 'Images', cell: (object) => each(at(object, ...template), 'image').join(',') }),
]
const selectorColumn = wide({
  name: 'Selector',
  cell: (object) => orNone(selectorText(at(object, 'spec', 'selector'))),
})

const readyOf = (wanted: readonly string[]): Column => ({
  name: 'Ready',
  cell: (object) => `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, ...wanted) ?? 0}`,
})

const pods: Columns = [
  {
    name: 'Ready',
    cell: (pod) => {
      const statuses = items(at(pod, 'status', 'containerStatuses'))
      const ready = statuses.filter((status) => at(status, 'ready') === true)
      return `${ready.length}/${items(at(pod, 'spec', 'containers')).length}`
    },
  },
  { name: 'Status', cell: (pod) => podStatus(pod) },
  {
    name: 'Restarts',
    cell: (pod) =>
      String(
        items(at(pod, 'status', 'containerStatuses'))
          .map((status) => numberAt(status, 'restartCount') ?? 0)
          .reduce((sum, restarts) => sum + restarts, 0),
      ),
  },
  wide(some('IP', 'status', 'podIP')),
  wide(some('Node', 'spec', 'nodeName')),
  wide(some('Nominated Node', 'status', 'nominatedNodeName')),
  wide({ name: 'Readiness Gates', cell: () => '<none>' }),
]

const nodes: Columns = [
  { name: 'Status', cell: (node) => nodeStatus(node) },
  { name: 'Roles', cell: (node) => nodeRoles(node) },
  ageColumn,
  text('Version', 'status', 'nodeInfo', 'kubeletVersion'),
  ...['InternalIP', 'ExternalIP'].map((type) =>
    wide({
      name: type.replace('IP', '-IP'),
      cell: (node) =>
        orNone(
          textAt(
            items(at(node, 'status', 'addresses')).find((address) => textAt(address, 'type') === type),
            'address',
          ),
        ),
    }),
  ),
  wide(text('OS-Image', 'status', 'nodeInfo', 'osImage')),
  wide(text('Kernel-Version', 'status', 'nodeInfo', 'kernelVersion')),
  wide(text('Container-Runtime', 'status', 'nodeInfo', 'containerRuntimeVersion')),
]

const services: Columns = [
  text('Type', 'spec', 'type'),
  some('Cluster-IP', 'spec', 'clusterIP'),
  {
    name: 'External-IP',
    cell: (service) =>
      joinedOrNone(
        items(at(service, 'status', 'loadBalancer', 'ingress')).map(
          (one) => textAt(one, 'hostname') || textAt(one, 'ip'),
        ),
      ),
  },
  {
    name: 'Port(s)',
    cell: (service) =>
      joinedOrNone(
        items(at(service, 'spec', 'ports')).map((port) => {
          const node = textAt(port, 'nodePort')
          return `${textAt(port, 'port')}${node === '' ? '' : `:${node}`}/${textAt(port, 'protocol')}`
        }),
      ),
  },
  selectorColumn,
]

const budgets: Columns = [
  { name: 'Min Available', cell: (pdb) => textAt(pdb, 'spec', 'minAvailable') || 'N/A' },
  { name: 'Max Unavailable', cell: (pdb) => textAt(pdb, 'spec', 'maxUnavailable') || 'N/A' },
  count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
]

const events: Columns = [
  {
    name: 'Last Seen',
    cell: (event, now) =>
      age(
        textAt(event, 'lastTimestamp') || textAt(event, 'eventTime') || textAt(event, 'firstTimestamp'),
        now,
      ),
  },
  text('Type', 'type'),
  text('Reason', 'reason'),
  {
    name: 'Object',
    cell: (event) =>
      `${textAt(event, 'involvedObject', 'kind').toLowerCase()}/${textAt(event, 'involvedObject', 'name')}`,
  },
  text('Message', 'message'),
]

const modes: { readonly [mode: string]: string } = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const accessModes: Column = {
  name: 'Access Modes',
  cell: (object) =>
    items(at(object, 'spec', 'accessModes'))
      .map((mode) => (typeof mode === 'string' ? (modes[mode] ?? mode) : ''))
      .join(','),
}

const claims: Columns = [
  text('Status', 'status', 'phase'),
  text('Volume', 'spec', 'volumeName'),
  text('Capacity', 'status', 'capacity', 'storage'),
  accessModes,
  text('StorageClass', 'spec', 'storageClassName'),
  wide(text('VolumeMode', 'spec', 'volumeMode')),
]

const volumes: Columns = [
  text('Capacity', 'spec', 'capacity', 'storage'),
  accessModes,
  text('Reclaim Policy', 'spec', 'persistentVolumeReclaimPolicy'),
  text('Status', 'status', 'phase'),
  {
    name: 'Claim',
    cell: (volume) => {
      const claim = at(volume, 'spec', 'claimRef')
      return claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`
    },
  },
  text('StorageClass', 'spec', 'storageClassName'),
  wide(text('VolumeMode', 'spec', 'volumeMode')),
]

/** Columns besides Name and Age, by storage key; the built-in kinds without an entry print just those two. */
export const builtInColumns: { readonly [resource: string]: Columns } = {
  pods,
  nodes,
  services,
  events,
  persistentvolumeclaims: claims,
  persistentvolumes: volumes,
  'poddisruptionbudgets.policy': budgets,
  namespaces: [text('Status', 'status', 'phase')],
  configmaps: [size('Data', 'data')],
  secrets: [text('Type', 'type'), size('Data', 'data')],
  serviceaccounts: [length('Secrets', 'secrets')],
  'deployments.apps': [
    readyOf(['spec', 'replicas']),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    ...templateColumns,
    selectorColumn,
  ],
  'replicasets.apps': [
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    ...templateColumns,
    selectorColumn,
  ],
  'statefulsets.apps': [readyOf(['spec', 'replicas']), ...templateColumns],
  'daemonsets.apps': [
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    count('Up-to-date', 'status', 'updatedNumberScheduled'),
    count('Available', 'status', 'numberAvailable'),
    {
      name: 'Node Selector',
      cell: (set) => labelText(at(set, 'spec', 'template', 'spec', 'nodeSelector')),
    },
    ...templateColumns,
    selectorColumn,
  ],
  'jobs.batch': [
    {
      name: 'Completions',
      cell: (job) =>
        `${numberAt(job, 'status', 'succeeded') ?? 0}/${numberAt(job, 'spec', 'completions') ?? 1}`,
    },
    ...templateColumns,
  ],
  'cronjobs.batch': [
    text('Schedule', 'spec', 'schedule'),
    { name: 'Suspend', cell: (job) => (at(job, 'spec', 'suspend') === true ? 'True' : 'False') },
  ],
  'storageclasses.storage.k8s.io': [
    text('Provisioner', 'provisioner'),
    text('ReclaimPolicy', 'reclaimPolicy'),
    text('VolumeBindingMode', 'volumeBindingMode'),
  ],
  'horizontalpodautoscalers.autoscaling': [
    {
      name: 'Reference',
      cell: (hpa) =>
        `${textAt(hpa, 'spec', 'scaleTargetRef', 'kind')}/${textAt(hpa, 'spec', 'scaleTargetRef', 'name')}`,
    },
    count('MinPods', 'spec', 'minReplicas'),
    count('MaxPods', 'spec', 'maxReplicas'),
    count('Replicas', 'status', 'currentReplicas'),
  ],
  'leases.coordination.k8s.io': [text('Holder', 'spec', 'holderIdentity')],
  'priorityclasses.scheduling.k8s.io': [
    count('Value', 'value'),
    { name: 'Global-Default', cell: (item) => String(item['globalDefault'] === true) },
  ],
  'ingresses.networking.k8s.io': [
    some('Class', 'spec', 'ingressClassName'),
    { name: 'Hosts', cell: (item) => each(at(item, 'spec', 'rules'), 'host').join(',') || '*' },
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [
    { name: 'Created At', cell: (item) => item.metadata.creationTimestamp ?? '' },
  ],
  'validatingwebhookconfigurations.admissionregistration.k8s.io': [length('Webhooks', 'webhooks')],
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': [length('Webhooks', 'webhooks')],
}
