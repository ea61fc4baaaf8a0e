import type { Target } from '../fleet/target.ts'
import { selects, type Labels } from '../kube/label-selector.ts'
import type { KubeNode } from '../kube/node.ts'
import type { KubePod } from '../kube/pod.ts'
import type { KubeService } from '../kube/service.ts'
import type { WarningEvent } from '../kube/warning-event.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import type { Look } from '../runbook/runbook.ts'

/** How a cluster is doing at one moment. Plain data, sorted. */
export type Reading = {
  /** ISO 8601. */
  readonly at: string
  readonly workloads: readonly WorkloadReading[]
  readonly services: readonly ServiceReading[]
  readonly pending: PendingReading
  /** Those in trouble only. */
  readonly nodes: readonly NodeReading[]
  readonly warnings: readonly { readonly reason: string; readonly count: number }[]
}

/** A Deployment, StatefulSet, DaemonSet, or a ReplicaSet that nobody owns. */
export type WorkloadReading = {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly ready: number
  readonly wanted: number
  /** Restarts of its containers, by the uid of each pod that has any. */
  readonly restarts: { readonly [pod: string]: number }
  /** This run has scaled it to zero for a while. */
  readonly paused: boolean
}

export type ServiceReading = {
  readonly namespace: string
  readonly name: string
  /** Ready endpoints. */
  readonly ready: number
  /** Pods that its selector selects and that are wanted. */
  readonly wanted: number
}

export type PendingReading = {
  readonly count: number
  /** How many of them the scheduler finds no place for. */
  readonly unschedulable: number
  /** `namespace/name` of the first of these, twenty at most. */
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
  const workloads = [...others.flat(), ...replicaSets.filter(({ owner }) => owner === undefined)]
  const placed = placeOf({ pods, workloads, replicaSets })
  const ready = Map.groupBy(endpoints, ({ namespace, service }) => `${namespace}/${service}`)
  const readyBehind = ({ namespace, name }: KubeService) =>
    new Set((ready.get(`${namespace}/${name}`) ?? []).flatMap((slice) => slice.ready)).size
  return {
    at: new Date(look.clock.now()).toISOString(),
    workloads: workloads.map((each) => workloadReading(look, each, placed)).toSorted(byName),
    services: serviceReadings(services, { workloads, loose: placed.loose, readyBehind }),
    pending: pendingReading(pods),
    nodes: nodes
      .filter(({ troubles }) => troubles.length > 0)
      .map((node) => nodeReading(node, look.clock.now()))
      .toSorted((a, b) => compare(a.name, b.name)),
    warnings: warningReadings(events),
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const byName = <N extends { readonly namespace: string; readonly name: string }>(a: N, b: N): number =>
  compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`)

interface Placed {
  /** Pods by the uid of their workload. */
  readonly byWorkload: ReadonlyMap<string, readonly KubePod[]>
  /** Pods that belong to none of the workloads, such as those of Jobs and of other people's controllers. */
  readonly loose: readonly KubePod[]
}

interface Placing {
  readonly pods: readonly KubePod[]
  readonly workloads: readonly KubeWorkload[]
  readonly replicaSets: readonly KubeWorkload[]
}

const placeOf = ({ pods, workloads, replicaSets }: Placing): Placed => {
  const heads = new Map(replicaSets.map(({ uid, owner }) => [uid, owner?.uid ?? uid]))
  for (const { uid } of workloads) heads.set(uid, uid)
  const known = new Set(workloads.map(({ uid }) => uid))
  const byWorkload = Map.groupBy(pods, ({ owner }) => heads.get(owner?.uid ?? '') ?? '')
  const loose = [...byWorkload].flatMap(([uid, members]) => (known.has(uid) ? [] : members))
  return { byWorkload, loose }
}

const workloadReading = (
  look: Look<Target>,
  workload: KubeWorkload,
  { byWorkload }: Placed,
): WorkloadReading => {
  const { kind, namespace, name, uid } = workload
  const restarted = (byWorkload.get(uid) ?? []).filter(({ restarts }) => restarts > 0)
  const pause = { kind: 'replicas', object: `${kind} ${namespace}/${name} ${uid}` }
  return {
    kind,
    namespace,
    name,
    ready: workload.readyReplicas,
    wanted: workload.replicas,
    restarts: Object.fromEntries(restarted.map((pod) => [pod.uid, pod.restarts])),
    paused: look.pausedAt(pause) !== undefined,
  }
}

interface Behind {
  readonly workloads: readonly KubeWorkload[]
  readonly loose: readonly KubePod[]
  readonly readyBehind: (service: KubeService) => number
}

const serviceReadings = (
  services: readonly KubeService[],
  { workloads, loose, readyBehind }: Behind,
): readonly ServiceReading[] => {
  const workloadsIn = Map.groupBy(workloads, ({ namespace }) => namespace)
  const looseIn = Map.groupBy(loose.filter(isMeantToRun), ({ namespace }) => namespace)
  const wantedBy = ({ namespace }: KubeService, selector: Labels) => {
    const isSelected = (labels: Labels) => selects({ matchLabels: selector, matchExpressions: [] }, labels)
    const wanted = (workloadsIn.get(namespace) ?? [])
      .filter(({ podLabels }) => isSelected(podLabels))
      .reduce((sum, { replicas }) => sum + replicas, 0)
    return wanted + (looseIn.get(namespace) ?? []).filter(({ labels }) => isSelected(labels)).length
  }
  return services
    .flatMap((service) => {
      const { namespace, name, selector } = service
      if (selector === undefined) return []
      return [{ namespace, name, ready: readyBehind(service), wanted: wantedBy(service, selector) }]
    })
    .toSorted(byName)
}

const isMeantToRun = ({ phase, terminating }: KubePod): boolean =>
  !terminating && phase !== 'Succeeded' && phase !== 'Failed'

/** How many pods without a place are named. */
const mostNames = 20

const pendingReading = (pods: readonly KubePod[]): PendingReading => {
  const pending = pods.filter(({ phase, terminating }) => phase === 'Pending' && !terminating)
  const placeless = pending.filter(({ unschedulable }) => unschedulable !== undefined).toSorted(byName)
  return {
    count: pending.length,
    unschedulable: placeless.length,
    names: placeless.slice(0, mostNames).map(({ namespace, name }) => `${namespace}/${name}`),
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
