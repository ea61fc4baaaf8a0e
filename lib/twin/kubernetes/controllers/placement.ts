import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import { quantity } from '../api/quantity.ts'
import { selectorMatches } from '../api/selectors.ts'
import type { KubeObject } from '../cluster-twin.ts'

/** A node as the scheduler sees it until it or one of its pods changes. */
export interface NodeView {
  readonly node: KubeObject
  readonly pods: readonly KubeObject[]
  /** Those of its pods that keep others away by a required anti-affinity. */
  readonly repelling: readonly KubeObject[]
  readonly used: Amounts
  /** How many pods of each controller, by its uid. */
  readonly owners: ReadonlyMap<string, number>
  readonly allocatable: Amounts & { readonly pods: number }
}

interface Amounts {
  readonly cpu: number
  readonly memory: number
}

/** What a pod asks for: the sum of its containers, or its greediest init container. */
export const requestsOf = (pod: KubeObject): { readonly cpu: number; readonly memory: number } => {
  const of = (name: string) => {
    const each = (list: unknown) =>
      items(list).map((one) => quantity(textAt(one, 'resources', 'requests', name)))
    const sum = each(at(pod, 'spec', 'containers')).reduce((total, one) => total + one, 0)
    return Math.max(sum, ...each(at(pod, 'spec', 'initContainers')))
  }
  return { cpu: of('cpu'), memory: of('memory') }
}

/** True when each taint that keeps pods away is tolerated. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export const tolerated = (tolerations: readonly unknown[], taints: readonly unknown[]): boolean =>
  taints
    .filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule')
    .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)))

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
  return (
    Object.entries(fields(at(spec, 'nodeSelector'))).every(([key, value]) => labels[key] === value) &&
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
        (one) =>
          here.includes(one.metadata.namespace) &&
          selectorMatches(at(term, 'labelSelector'), one.metadata.labels ?? {}),
      ),
  )
}

/** Whether a pod keeps others away by a required anti-affinity. */
export const isRepelling = (pod: KubeObject): boolean => requiredTerms(pod, 'podAntiAffinity').length > 0

const requiredTerms = (pod: KubeObject, kind: string) =>
  items(at(pod, 'spec', 'affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution'))

/** Required pod affinity and anti-affinity, the latter in both directions. */
export const podAffinityMatches = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): boolean => {
  const near = (term: unknown) => matchesNear(term, pod, { view, views })
  const first = (term: unknown) =>
    selectorMatches(at(term, 'labelSelector'), pod.metadata.labels ?? {}) &&
    !views.some((one) => matchesNear(term, pod, { view: one, views }))
  const repelled = views.some((other) =>
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
  return (
    !repelled &&
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
    (one) =>
      one.metadata.namespace === pod.metadata.namespace &&
      one.metadata.deletionTimestamp === undefined &&
      selectorMatches(at(constraint, 'labelSelector'), one.metadata.labels ?? {}),
  ).length

/**
 * How much a pod would like a node, by the weights of its preferred terms: node affinity, pods to be near or away from,
 * taints with PreferNoSchedule. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export const preferenceFor = (pod: KubeObject, view: NodeView, views: readonly NodeView[]): number => {
  const terms = (kind: string) =>
    items(at(pod, 'spec', 'affinity', kind, 'preferredDuringSchedulingIgnoredDuringExecution'))
  const weights = (list: readonly unknown[]) =>
    list.reduce<number>((sum, one) => sum + (numberAt(one, 'weight') ?? 0), 0)
  const near = (one: unknown) => matchesNear(at(one, 'podAffinityTerm'), pod, { view, views })
  const tolerations = items(at(pod, 'spec', 'tolerations'))
  const disliked = items(at(view.node, 'spec', 'taints')).filter(
    (taint) =>
      textAt(taint, 'effect') === 'PreferNoSchedule' && !tolerations.some((one) => tolerates(one, taint)),
  )
  return (
    weights(terms('nodeAffinity').filter((one) => termMatches(at(one, 'preference'), view.node))) +
    weights(terms('podAffinity').filter(near)) -
    weights(terms('podAntiAffinity').filter(near)) -
    100 * disliked.length
  )
}
