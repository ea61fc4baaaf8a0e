import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { TwinSnapshot } from '../../lib/twin/snapshot.ts'

/**
 * What must be equal between two ends of the same procedure: versions, groups, add-ons, health of workloads, nothing paused.
 * Names of instances and pods are left out: they follow from the order of launches.
 */
export const stateOf = (snapshot: TwinSnapshot) => ({
  eks: [...snapshot.aws.regions.values()].flatMap(({ clusters }) =>
    [...clusters.values()].map(({ cluster, nodegroups, addons }) => ({
      name: cluster.name,
      version: cluster.version,
      status: cluster.status,
      nodegroups: [...nodegroups.values()]
        .map(
          ({ nodegroupName, version, releaseVersion, status, amiType, scalingConfig, labels, taints }) => ({
            nodegroupName,
            version,
            releaseVersion,
            status,
            amiType,
            scalingConfig,
            labels,
            taints,
          }),
        )
        .toSorted((a, b) => ((a.nodegroupName ?? '') < (b.nodegroupName ?? '') ? -1 : 1)),
      addons: [...addons.values()]
        .map(({ addonName, addonVersion, status }) => ({ addonName, addonVersion, status }))
        .toSorted((a, b) => ((a.addonName ?? '') < (b.addonName ?? '') ? -1 : 1)),
    })),
  ),
  suspended: [...snapshot.aws.regions.values()].flatMap(({ autoScalingGroups }) =>
    [...autoScalingGroups.values()].flatMap(({ SuspendedProcesses }) => SuspendedProcesses ?? []),
  ),
  kubernetes: [...snapshot.kubernetes.values()].map(({ minor, storage }) => ({
    minor,
    nodes: all(storage.objects.get('nodes')).map(nodeState).toSorted(),
    workloads: ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']
      .flatMap((kind) => all(storage.objects.get(kind)))
      .map(workloadState)
      .toSorted(),
    notRunning: all(storage.objects.get('pods'))
      .filter((pod) => read(pod, 'status', 'phase') !== 'Running')
      .map(({ metadata }) => metadata.name),
  })),
})

const all = (objects: Map<string, KubeObject> | undefined): readonly KubeObject[] => [
  ...(objects?.values() ?? []),
]

const read = (object: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    object,
  )

const nodeState = (node: KubeObject): string =>
  [
    node.metadata.labels?.['eks.amazonaws.com/nodegroup'],
    read(node, 'status', 'nodeInfo', 'kubeletVersion'),
    read(node, 'spec', 'unschedulable') === true ? 'cordoned' : 'open',
  ].join(' ')

const workloadState = (workload: KubeObject): string =>
  [
    `${workload.kind} ${workload.metadata.namespace ?? ''}/${workload.metadata.name}`,
    `wanted ${String(read(workload, 'spec', 'replicas') ?? read(workload, 'status', 'desiredNumberScheduled'))}`,
    `ready ${String(read(workload, 'status', 'readyReplicas') ?? read(workload, 'status', 'numberReady'))}`,
  ].join(' ')
