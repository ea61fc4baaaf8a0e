import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds, type Storage } from '../storage.ts'
import { quantity } from './quantity.ts'
import { at, items, textAt } from './reading.ts'
import { notFound } from './status-error.ts'

/** Which metrics are asked for. */
export interface MetricsQuery {
  readonly plural: string
  readonly namespace: string | undefined
  readonly name: string
  readonly matches: (object: KubeObject) => boolean
}

/** Share of what pods ask for that they use: nothing runs here, so usage follows from the requests. */
const usedShare = 0.6

/**
 * metrics.k8s.io/v1beta1 of nodes and pods. Source: https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
 */
export const metrics = (storage: Storage, query: MetricsQuery, now: number): object => {
  const shown = query.plural === 'nodes' ? nodeMetrics(storage) : podMetrics(storage)
  const all = storage.list(query.plural, query.namespace).filter(query.matches)
  if (query.name !== '') {
    const found = all.find((object) => object.metadata.name === query.name)
    if (!found) throw notFound({ plural: query.plural, group: 'metrics.k8s.io', kind: '' }, query.name)
    return shown(found, now)
  }
  const kind = query.plural === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList'
  return {
    kind,
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {},
    items: all.filter(isRunning).map((object) => shown(object, now)),
  }
}

const isRunning = (object: KubeObject) =>
  object.kind !== 'Pod' || textAt(object, 'status', 'phase') === 'Running'

const measured = (kind: string, object: KubeObject, now: number) => ({
  kind,
  apiVersion: 'metrics.k8s.io/v1beta1',
  metadata: {
    name: object.metadata.name,
    ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
    creationTimestamp: isoSeconds(now),
    labels: object.metadata.labels ?? {},
  },
  timestamp: isoSeconds(now),
  window: '20s',
})

const usage = (cpu: number, memory: number) => ({
  cpu: `${Math.round(cpu * 1e9)}n`,
  memory: `${Math.round(memory / 1024)}Ki`,
})

const requested = (container: unknown, resource: string) =>
  quantity(textAt(container, 'resources', 'requests', resource))

const nodeMetrics = (storage: Storage) => {
  const pods = Map.groupBy(storage.list('pods').filter(isRunning), (pod) => textAt(pod, 'spec', 'nodeName'))
  const sum = (node: KubeObject, resource: string) =>
    (pods.get(node.metadata.name) ?? [])
      .flatMap((pod) => items(at(pod, 'spec', 'containers')))
      .reduce<number>((total, container) => total + requested(container, resource), 0)
  return (node: KubeObject, now: number) => ({
    ...measured('NodeMetrics', node, now),
    usage: usage(0.05 + sum(node, 'cpu') * usedShare, 400e6 + sum(node, 'memory') * usedShare),
  })
}

const podMetrics = (_storage: Storage) => (pod: KubeObject, now: number) => ({
  ...measured('PodMetrics', pod, now),
  containers: items(at(pod, 'spec', 'containers')).map((container) => ({
    name: textAt(container, 'name'),
    usage: usage(
      0.001 + requested(container, 'cpu') * usedShare,
      8e6 + requested(container, 'memory') * usedShare,
    ),
  })),
})
