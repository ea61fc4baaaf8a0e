import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import { selectorMatches } from '../api/selectors.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { quantity } from '../api/quantity.ts'
import type { Amounts } from './requests.ts'
import type { SeenPod } from './seen-pod.ts'

/** A node as the scheduler sees it until it or one of its pods changes. */
export interface NodeView {
  readonly node: KubeObject
  readonly zone: string
  /** Cordoned. */
  readonly isClosed: boolean
  /** Taints that keep pods away. */
  readonly taints: readonly unknown[]
  /** Taints that only ask pods to stay away. */
  readonly disliked: readonly unknown[]
  /** The list of the node's pods that this was made of. */
  readonly all: readonly SeenPod[]
  /** Those that have not ended. */
  readonly pods: readonly SeenPod[]
  /** Those of its pods that keep others away by a required anti-affinity. */
  readonly repelling: readonly KubeObject[]
  readonly used: Amounts
  /** How many pods of each controller, by its uid. */
  readonly owners: ReadonlyMap<string, number>
  readonly allocatable: Amounts & { readonly pods: number }
}

/** Reads a node with its pods; what the node says of itself is taken from the view before where that is of the same version. */
export const nodeView = (node: KubeObject, all: readonly SeenPod[], before?: NodeView): NodeView => {
  const pods = all.some(({ isEnded }) => isEnded) ? all.filter(({ isEnded }) => !isEnded) : all
  const used = { cpu: 0, memory: 0 }
  const owners = new Map<string, number>()
  for (const { requests, controller } of pods) {
    used.cpu += requests.cpu
    used.memory += requests.memory
    if (controller !== undefined) owners.set(controller, (owners.get(controller) ?? 0) + 1)
  }
  return {
    ...(before?.node === node ? before : ownOf(node)),
    all,
    pods,
    repelling: pods.flatMap(({ pod, isRepelling }) => (isRepelling ? pod : [])),
    used,
    owners,
  }
}

/** What a node says of itself. */
const ownOf = (node: KubeObject) => {
  const room = (name: string) => quantity(textAt(node, 'status', 'allocatable', name))
  const taints = items(at(node, 'spec', 'taints'))
  return {
    node,
    zone: node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '',
    isClosed: at(node, 'spec', 'unschedulable') === true,
    taints: taints.filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule'),
    disliked: taints.filter((taint) => textAt(taint, 'effect') === 'PreferNoSchedule'),
    allocatable: { pods: room('pods'), cpu: room('cpu'), memory: room('memory') },
  }
}

/** What a pod without a node asks of nodes, read once for all of them. */
export interface Wish extends SeenPod {
  readonly tolerations: readonly unknown[]
  /** It names nodes or other pods that it wants to be near or away from. */
  readonly hasAffinity: boolean
  readonly hasVolumes: boolean
}

/** Reads what a pod asks for. */
export const wishOf = (seen: SeenPod): Wish => {
  const spec = fields(seen.pod['spec'])
  return {
    ...seen,
    tolerations: items(spec['tolerations']),
    hasAffinity: spec['affinity'] !== undefined,
    hasVolumes: items(spec['volumes']).length > 0,
  }
}

/** True when each taint that keeps pods away is tolerated. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export const tolerated = (tolerations: readonly unknown[], taints: readonly unknown[]): boolean =>
  taints.every(
    (taint) =>
      textAt(taint, 'effect') === 'PreferNoSchedule' ||
      tolerations.some((toleration) => tolerates(toleration, taint)),
  )

/** Whether one toleration is for one taint. */
export const tolerates = (toleration: unknown, taint: unknown): boolean => {
  const key = textAt(toleration, 'key')
  const exists = textAt(toleration, 'operator') === 'Exists'
  const effect = textAt(toleration, 'effect')
  return (
    (effect === '' || effect === textAt(taint, 'effect')) &&
    (key === '' ? exists : key === textAt(taint, 'key')) &&
    (exists || textAt(toleration, 'value') === textAt(taint, 'value'))
  )
}

/** nodeSelector and required node affinity. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ */
export const nodeMatches = (spec: object, node: KubeObject): boolean => {
  const labels = node.metadata.labels ?? {}
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')
  const selector = at(spec, 'nodeSelector')
  return (
    (selector === undefined ||
      Object.entries(fields(selector)).every(([key, value]) => labels[key] === value)) &&
    (required === undefined || termsMatch(at(required, 'nodeSelectorTerms'), node))
  )
}

/** Any of the terms, all requirements of it. */
export const termsMatch = (terms: unknown, node: KubeObject): boolean =>
  items(terms).some((term) => termMatches(term, node))

/** All requirements of one node selector term; a term without any matches nothing. */
export const termMatches = (term: unknown, node: KubeObject): boolean => {
  const expressions = items(at(term, 'matchExpressions'))
  const byField = items(at(term, 'matchFields'))
  if (expressions.length + byField.length === 0) return false
  return (
    expressions.every((one) => holds(one, node.metadata.labels ?? {})) &&
    byField.every((one) => holds(one, { 'metadata.name': node.metadata.name }))
  )
}

const holds = (requirement: unknown, labels: { readonly [key: string]: string }) => {
  const value = labels[textAt(requirement, 'key')]
  const bound = Number(items(at(requirement, 'values'))[0])
  const operator = textAt(requirement, 'operator')
  if (operator === 'Gt') return value !== undefined && Number(value) > bound
  if (operator === 'Lt') return value !== undefined && Number(value) < bound
  return selectorMatches({ matchExpressions: [requirement] }, labels)
}

/** Whether the pod may be next to those in the term's topology; `views` are all nodes. */
const matchesNear = (
  term: unknown,
  pod: KubeObject,
  { view, views }: { readonly view: NodeView; readonly views: readonly NodeView[] },
) => {
  const key = textAt(term, 'topologyKey')
  const domain = view.node.metadata.labels?.[key]
  const spaces = items(at(term, 'namespaces'))
  const here = spaces.length === 0 ? [pod.metadata.namespace] : spaces
  return views.some(
    (other) =>
      domain !== undefined &&
      other.node.metadata.labels?.[key] === domain &&
      other.pods.some(
        ({ pod: one }) =>
          here.includes(one.metadata.namespace) &&
          selectorMatches(at(term, 'labelSelector'), one.metadata.labels ?? {}),
      ),
  )
}

const requiredTerms = (pod: KubeObject, kind: string) =>
  items(at(pod, 'spec', 'affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution'))

/** Whether a pod on the nodes that repel keeps this one away from the node. */
export const isRepelled = (pod: KubeObject, view: NodeView, repelling: readonly NodeView[]): boolean =>
  repelling.some((other) =>
    other.repelling.some((one) =>
      requiredTerms(one, 'podAntiAffinity').some((term) => {
        const key = textAt(term, 'topologyKey')
        const domain = view.node.metadata.labels?.[key]
        return (
          domain !== undefined &&
          other.node.metadata.labels?.[key] === domain &&
          one.metadata.namespace === pod.metadata.namespace &&
          selectorMatches(at(term, 'labelSelector'), pod.metadata.labels ?? {})
        )
      }),
    ),
  )

/** Required pod affinity and anti-affinity of the pod's own. */
export const podAffinityMatches = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): boolean => {
  const near = (term: unknown) => matchesNear(term, pod, { view, views })
  const first = (term: unknown) =>
    selectorMatches(at(term, 'labelSelector'), pod.metadata.labels ?? {}) &&
    !views.some((one) => matchesNear(term, pod, { view: one, views }))
  return (
    requiredTerms(pod, 'podAffinity').every((term) => near(term) || first(term)) &&
    !requiredTerms(pod, 'podAntiAffinity').some(near)
  )
}

/** Topology spread constraints that forbid. https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ */
export const spreadAllows = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): boolean =>
  items(at(pod, 'spec', 'topologySpreadConstraints'))
    .filter((one) => textAt(one, 'whenUnsatisfiable') !== 'ScheduleAnyway')
    .every((constraint) => {
      const key = textAt(constraint, 'topologyKey')
      const domain = view.node.metadata.labels?.[key]
      if (domain === undefined) return false
      const counts = new Map<string, number>()
      for (const other of views) {
        const at = other.node.metadata.labels?.[key]
        if (at === undefined || !nodeMatches(fields(pod['spec']), other.node)) continue
        counts.set(at, (counts.get(at) ?? 0) + matching(constraint, pod, other))
      }
      const least = Math.min(...counts.values())
      return (counts.get(domain) ?? 0) + 1 - least <= (numberAt(constraint, 'maxSkew') ?? 1)
    })

const matching = (constraint: unknown, pod: KubeObject, view: NodeView) =>
  view.pods.filter(
    ({ pod: one, isLeaving }) =>
      !isLeaving &&
      one.metadata.namespace === pod.metadata.namespace &&
      selectorMatches(at(constraint, 'labelSelector'), one.metadata.labels ?? {}),
  ).length

/**
 * How much a pod would like a node, by the weights of its preferred terms: node affinity, pods to be near or away from,
 * taints with PreferNoSchedule. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export const preferenceFor = (wish: Wish, view: NodeView, views: readonly NodeView[]): number => {
  const disliked = view.disliked.filter((taint) => !wish.tolerations.some((one) => tolerates(one, taint)))
  return (wish.hasAffinity ? affinityFor(wish.pod, view, views) : 0) - 100 * disliked.length
}

const affinityFor = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): number => {
  const terms = (kind: string) =>
    items(at(pod, 'spec', 'affinity', kind, 'preferredDuringSchedulingIgnoredDuringExecution'))
  const weights = (list: readonly unknown[]) =>
    list.reduce<number>((sum, one) => sum + (numberAt(one, 'weight') ?? 0), 0)
  const near = (one: unknown) => matchesNear(at(one, 'podAffinityTerm'), pod, { view, views })
  return (
    weights(terms('nodeAffinity').filter((one) => termMatches(at(one, 'preference'), view.node))) +
    weights(terms('podAffinity').filter(near)) -
    weights(terms('podAntiAffinity').filter(near))
  )
}
