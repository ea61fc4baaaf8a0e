import { at, fields, numberAt } from '../api/reading.ts'
import { selectorMatcher } from '../api/selectors.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { podsSelected, share, withCondition, writeStatus, type Control } from './control.ts'
import type { Counted } from './object-index.ts'
import { controllerOf, isActive, isTrue } from './seen-pod.ts'

export const budgets = 'poddisruptionbudgets.policy'

/** An eviction that the budget counted but that never took the pod away is forgotten after this. */
export const disruptedSeconds = 120

/**
 * Counts what a budget allows. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ and
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/disruption/disruption.go
 * The fault budget-never-allows is asked at each count: it holds a budget for as long as it strikes.
 */
export const reconcileBudget = (control: Control, budget: KubeObject): void => {
  const { namespace = '', name } = budget.metadata
  const selector = at(budget, 'spec', 'selector')
  const selected = podsSelected(control, namespace, selector)
  const wanted = wantedOf(control, budget, selected)
  if (typeof wanted === 'string') return failSafe(control, budget, wanted)
  const { disruptedPods, stillReady } = stillDisrupted(control, budget, selectorMatcher(selector))
  const currentHealthy = selected.tally.ready - stillReady
  const call = {
    service: 'kubernetes',
    operation: 'UpdatePodDisruptionBudget',
    object: `${namespace}/${name}`,
  }
  const never = control.strike('budget-never-allows', call) !== undefined
  const spare = Math.max(0, currentHealthy - wanted.desiredHealthy)
  const disruptionsAllowed = never || wanted.expectedPods <= 0 ? 0 : spare
  return writeStatus(control, budgets, budget, {
    observedGeneration: budget.metadata.generation ?? 1,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    currentHealthy,
    ...wanted,
    disruptionsAllowed,
    conditions: allowance(control, budget, {
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    }),
  })
}

/** Without a scale to count from, the controller allows nothing and leaves the rest as it was. */
const failSafe = (control: Control, budget: KubeObject, message: string) =>
  writeStatus(control, budgets, budget, {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...fields(budget['status']),
    disruptionsAllowed: 0,
    conditions: allowance(control, budget, { reason: 'SyncFailed', message }),
  })

const allowance = (
  control: Control,
  budget: KubeObject,
  { reason, message = '' }: { readonly reason: string; readonly message?: string },
) => {
  const status = reason === 'SufficientPods' ? ('True' as const) : ('False' as const)
  const condition = { type: 'DisruptionAllowed', status, reason, message }
  return withCondition(at(budget, 'status', 'conditions'), condition, control.timeline.now())
}

/** Evictions that are granted but not seen yet, and how many of those pods are Ready still. */
const stillDisrupted = (
  control: Control,
  budget: KubeObject,
  isSelected: (labels: { readonly [key: string]: string }) => boolean,
) => {
  const disruptedPods: { [name: string]: unknown } = {}
  let stillReady = 0
  const expired = control.timeline.now() - disruptedSeconds * 1000
  for (const [name, time] of Object.entries(fields(at(budget, 'status', 'disruptedPods')))) {
    if (typeof time !== 'string' || Date.parse(time) <= expired) continue
    const pod = control.storage.get('pods', budget.metadata.namespace ?? '', name)
    if (!pod || !isActive(pod) || !isSelected(pod.metadata.labels ?? {})) continue
    disruptedPods[name] = time
    if (isTrue(pod, 'Ready')) stillReady += 1
  }
  return { disruptedPods, stillReady }
}

interface Wanted {
  readonly expectedPods: number
  readonly desiredHealthy: number
}

/** How many there should be and how many must be healthy; a text says why that cannot be told. */
const wantedOf = (control: Control, budget: KubeObject, selected: Counted): Wanted | string => {
  const least = at(budget, 'spec', 'minAvailable')
  const most = at(budget, 'spec', 'maxUnavailable')
  if (typeof least === 'number') return { expectedPods: selected.tally.present, desiredHealthy: least }
  const expectedPods = scaleOf(control, selected)
  if (typeof expectedPods === 'string') return expectedPods
  const desired =
    most === undefined
      ? share(least ?? 1, expectedPods, Math.ceil)
      : expectedPods - share(most, expectedPods, Math.ceil)
  return { expectedPods, desiredHealthy: Math.max(0, desired) }
}

/** What the controllers of the pods want in all. Pods without one do not count. */
const scaleOf = (control: Control, { tally, all }: Counted): number | string => {
  const scales = new Map<string, number>()
  const unknown = new Set<string>()
  for (const uid of tally.controllers.keys()) {
    const [one] = control.index.podsOwnedBy(uid).all()
    const owner = one && scaledOwner(control, one.pod)
    if (owner) scales.set(owner.metadata.uid ?? '', numberAt(owner, 'spec', 'replicas') ?? 1)
    else unknown.add(uid)
  }
  if (unknown.size === 0) return [...scales.values()].reduce((sum, one) => sum + one, 0)
  const orphan = all().find(
    ({ isEnded, controller }) => !isEnded && controller !== undefined && unknown.has(controller),
  )
  return `found no controllers for pod "${orphan?.pod.metadata.name ?? ''}"`
}

/** The topmost controller that has a scale: for a pod of a Deployment the Deployment, for one of a DaemonSet none. */
const scaledOwner = (control: Control, object: KubeObject): KubeObject | undefined => {
  const reference = controllerOf(object)
  const type = reference && control.storage.typeOfKind(reference.apiVersion, reference.kind)
  if (!reference || !type?.subresources.includes('scale')) return undefined
  const owner = control.storage.get(type.id, object.metadata.namespace ?? '', reference.name)
  return owner && type.id === 'replicasets.apps' ? (scaledOwner(control, owner) ?? owner) : owner
}
