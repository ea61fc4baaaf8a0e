import type { Target } from '../fleet/target.ts'
import { selects, type Labels } from '../kube/label-selector.ts'
import type { KubeEndpoints } from '../kube/endpoints.ts'
import type { KubeNode } from '../kube/node.ts'
import type { KubePod } from '../kube/pod.ts'
import type { KubeService } from '../kube/service.ts'
import type { WarningEvent } from '../kube/warning-event.ts'
import type { Look } from '../runbook/runbook.ts'
import { headsOf, isMeantToRun, type Head, type Heads } from './pod-heads.ts'
import { nameOf, workloadReadings, type WorkloadReading } from './workload-reading.ts'

/** How a cluster is doing at one moment. Plain data, sorted. */
export type Reading = {
  /** ISO 8601. */
  readonly at: string
  readonly workloads: readonly WorkloadReading[]
  readonly services: readonly ServiceReading[]
  readonly pending: PendingReading
  readonly nodeCount: number
  /** Those in trouble only. */
  readonly nodes: readonly NodeReading[]
  readonly warnings: readonly { readonly reason: string; readonly count: number }[]
}

export type ServiceReading = {
  readonly namespace: string
  readonly name: string
  /** Ready endpoints. */
  readonly ready: number
  /** Pods that its selector selects and that are wanted. */
  readonly wanted: number
  /** Names of the workloads whose pods are ready behind it. */
  readonly behind: readonly string[]
}

export type PendingReading = {
  readonly count: number
  /** Those that the scheduler finds no place for, by what they belong to. */
  readonly placeless: readonly PlacelessReading[]
}

export type PlacelessReading = {
  /** Name of their workload. */
  readonly of: string
  /** They may end for good, as those of a Job. */
  readonly runsToEnd: boolean
  readonly count: number
  /** How many of them have found none for ten minutes. */
  readonly lasting: number
  /** `namespace/name`, the longest without a place first, twenty at most. */
  readonly names: readonly string[]
}

export type NodeReading = {
  readonly name: string
  readonly troubles: readonly string[]
  /** Cordoned, or about to be removed. */
  readonly leaving: boolean
  /** Made so recently that it need not be Ready yet. */
  readonly beginning: boolean
}

/** Reads how the cluster is doing: nine lists, each object cut down as it comes. */
export const takeReading = async (look: Look<Target>): Promise<Reading> => {
  const { kube } = look.target
  const [pods, nodes, services, endpoints, events, replicaSets, ...others] = await Promise.all([
    kube.pods(),
    kube.nodes(),
    kube.services(),
    kube.endpoints(),
    kube.warningEvents(),
    kube.workloads('ReplicaSet'),
    kube.workloads('Deployment'),
    kube.workloads('StatefulSet'),
    kube.workloads('DaemonSet'),
  ])
  const heads = headsOf({ pods, replicaSets, controllers: others.flat() })
  const now = look.clock.now()
  return {
    at: new Date(now).toISOString(),
    workloads: workloadReadings(heads, isPausedBy(look)).toSorted(byName),
    services: serviceReadings(services, { heads, pods, endpoints }),
    pending: pendingReading(pods, heads, now),
    nodeCount: nodes.length,
    nodes: nodes
      .filter(({ troubles }) => troubles.length > 0)
      .map((node) => nodeReading(node, now))
      .toSorted((a, b) => compare(a.name, b.name)),
    warnings: warningReadings(events),
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const byName = <N extends { readonly namespace: string; readonly name: string }>(a: N, b: N): number =>
  compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`)

const isPausedBy =
  ({ pausedAt }: Look<Target>) =>
  ({ kind, namespace, name, uid }: Head): boolean =>
    pausedAt({ kind: 'replicas', object: `${kind} ${namespace}/${name} ${uid}` }) !== undefined

interface Behind {
  readonly heads: Heads
  readonly pods: readonly KubePod[]
  readonly endpoints: readonly KubeEndpoints[]
}

const serviceReadings = (
  services: readonly KubeService[],
  { heads, pods, endpoints }: Behind,
): readonly ServiceReading[] => {
  const byUid = new Map(pods.map((pod) => [pod.uid, pod]))
  const slices = Map.groupBy(endpoints, ({ namespace, service }) => `${namespace}/${service}`)
  const wantedBy = wantedOf(heads, pods)
  return services
    .flatMap((service) => {
      const { namespace, name, selector } = service
      if (selector === undefined) return []
      const ready = new Set((slices.get(`${namespace}/${name}`) ?? []).flatMap((slice) => slice.ready))
      const behind = [...ready].flatMap((uid) => {
        const pod = byUid.get(uid)
        return pod ? [nameOf(heads.headOf(pod))] : []
      })
      const wanted = wantedBy(namespace, selector)
      return [{ namespace, name, ready: ready.size, wanted, behind: [...new Set(behind)].toSorted() }]
    })
    .toSorted(byName)
}

/** How many pods of those labels there should be: by the word of their workload, else as there are. */
const wantedOf = ({ workloads, headOf }: Heads, pods: readonly KubePod[]) => {
  const known = new Set(workloads.map(({ uid }) => uid))
  const workloadsIn = Map.groupBy(workloads, ({ namespace }) => namespace)
  const loose = pods.filter((pod) => isMeantToRun(pod) && !known.has(headOf(pod).uid))
  const looseIn = Map.groupBy(loose, ({ namespace }) => namespace)
  return (namespace: string, matchLabels: Labels): number => {
    const isSelected = (labels: Labels) => selects({ matchLabels, matchExpressions: [] }, labels)
    const wanted = (workloadsIn.get(namespace) ?? [])
      .filter(({ podLabels }) => isSelected(podLabels))
      .reduce((sum, { replicas }) => sum + replicas, 0)
    return wanted + (looseIn.get(namespace) ?? []).filter(({ labels }) => isSelected(labels)).length
  }
}

/** How many pods without a place are named. */
const mostNames = 20

/** How long a pod may wait for a place while nodes are added for it, in milliseconds. */
const patience = 600_000

const pendingReading = (pods: readonly KubePod[], { headOf }: Heads, now: number): PendingReading => {
  const pending = pods.filter(({ phase, terminating }) => phase === 'Pending' && !terminating)
  const placeless = pending.filter(({ unschedulable }) => unschedulable !== undefined)
  const byHead = Map.groupBy(placeless, (pod) => nameOf(headOf(pod)))
  return {
    count: pending.length,
    placeless: [...byHead]
      .map(([of, members]) => placelessReading(of, members, now))
      .toSorted((a, b) => compare(a.of, b.of)),
  }
}

const placelessReading = (of: string, members: readonly KubePod[], now: number): PlacelessReading => {
  const oldest = members.toSorted(
    (a, b) => compare(a.placelessSince ?? '', b.placelessSince ?? '') || byName(a, b),
  )
  return {
    of,
    runsToEnd: members.every(({ runsToEnd }) => runsToEnd),
    count: members.length,
    lasting: members.filter(({ placelessSince = '' }) => Date.parse(placelessSince) + patience <= now).length,
    names: oldest.slice(0, mostNames).map(({ namespace, name }) => `${namespace}/${name}`),
  }
}

/** How long a node may take to be Ready, in milliseconds: its network comes up after the kubelet. */
const beginning = 300_000

/**
 * Taints of nodes that cluster-autoscaler and Karpenter take away.
 * https://karpenter.sh/docs/concepts/disruption/#control-flow
 */
const leavingTaints = ['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted', 'karpenter.sh/disruption']

const nodeReading = (node: KubeNode, now: number): NodeReading => ({
  name: node.name,
  troubles: node.troubles,
  leaving: node.cordoned || node.terminating || node.taints.some(({ key }) => leavingTaints.includes(key)),
  beginning: Date.parse(node.createdAt) + beginning > now,
})

const warningReadings = (events: readonly WarningEvent[]) =>
  [...Map.groupBy(events, ({ reason }) => reason)]
    .map(([reason, members]) => ({ reason, count: members.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => compare(a.reason, b.reason))
