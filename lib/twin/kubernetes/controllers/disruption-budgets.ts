import { at, fields, numberAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { podsSelected, share, withCondition, writeStatus, type Control } from './control.ts'
import { controllerOf, type SeenPod } from './seen-pod.ts'

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
  const pods = podsSelected(control, namespace, at(budget, 'spec', 'selector')).filter(
    ({ isEnded }) => !isEnded,
  )
  const wanted = wantedOf(control, budget, pods)
  if (typeof wanted === 'string') return failSafe(control, budget, wanted)
  const disruptedPods = stillDisrupted(control, budget, pods)
  const currentHealthy = pods.filter(
    ({ isReady, isLeaving, pod }) =>
      isReady && !isLeaving && !Object.hasOwn(disruptedPods, pod.metadata.name),
  ).length
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

/** Evictions that are granted but not seen yet. */
const stillDisrupted = (control: Control, budget: KubeObject, pods: readonly SeenPod[]) => {
  const told = Object.entries(fields(at(budget, 'status', 'disruptedPods')))
  if (told.length === 0) return {}
  const expired = control.timeline.now() - disruptedSeconds * 1000
  const staying = new Set(pods.flatMap(({ isLeaving, pod }) => (isLeaving ? [] : pod.metadata.name)))
  return Object.fromEntries(
    told.filter(
      ([name, time]) => typeof time === 'string' && Date.parse(time) > expired && staying.has(name),
    ),
  )
}

interface Wanted {
  readonly expectedPods: number
  readonly desiredHealthy: number
}

/** How many there should be and how many must be healthy; a text says why that cannot be told. */
const wantedOf = (control: Control, budget: KubeObject, pods: readonly SeenPod[]): Wanted | string => {
  const least = at(budget, 'spec', 'minAvailable')
  const most = at(budget, 'spec', 'maxUnavailable')
  if (typeof least === 'number') return { expectedPods: pods.length, desiredHealthy: least }
  const expectedPods = scaleOf(control, pods)
  if (typeof expectedPods === 'string') return expectedPods
  const desired =
    most === undefined
      ? share(least ?? 1, expectedPods, Math.ceil)
      : expectedPods - share(most, expectedPods, Math.ceil)
  return { expectedPods, desiredHealthy: Math.max(0, desired) }
}

/** What the controllers of the pods want in all. Pods without one do not count. */
const scaleOf = (control: Control, pods: readonly SeenPod[]): number | string => {
  const scales = new Map<string, number>()
  const seen = new Set<string>()
  for (const { pod, controller } of pods) {
    if (controller === undefined || seen.has(controller)) continue
    seen.add(controller)
    const owner = scaledOwner(control, pod)
    if (!owner) return `found no controllers for pod "${pod.metadata.name}"`
    scales.set(owner.metadata.uid ?? '', numberAt(owner, 'spec', 'replicas') ?? 1)
  }
  return [...scales.values()].reduce((sum, one) => sum + one, 0)
}

/** The topmost controller that has a scale: for a pod of a Deployment the Deployment, for one of a DaemonSet none. */
const scaledOwner = (control: Control, object: KubeObject): KubeObject | undefined => {
  const reference = controllerOf(object)
  const type = reference && control.storage.typeOfKind(reference.apiVersion, reference.kind)
  if (!reference || !type?.subresources.includes('scale')) return undefined
  const owner = control.storage.get(type.id, object.metadata.namespace ?? '', reference.name)
  return owner && type.id === 'replicasets.apps' ? (scaledOwner(control, owner) ?? owner) : owner
}
