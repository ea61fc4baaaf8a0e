import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { isoSeconds } from '../storage.ts'
import { deleteObject, requirePreconditions, type DeleteOptions } from './delete.ts'
import { at, fields, items, numberAt, textAt } from './reading.ts'
import { selectorMatches } from './selectors.ts'
import { forbidden, notFound, StatusError } from './status-error.ts'
import type { Door } from './write.ts'

/** Which pod, and how it is to be deleted. */
export interface Eviction {
  readonly namespace: string
  readonly name: string
  readonly options?: DeleteOptions
}

const budgets = 'poddisruptionbudgets.policy'

/**
 * Evicts a pod as the eviction subresource does, budgets and all. `changed` is false when it was terminating already.
 * Throws StatusError 404, 409 (precondition), 429 (a budget does not allow it), 500 (several budgets), 403.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ and
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go
 */
export const evictPod = (
  door: Door,
  eviction: Eviction,
): { readonly pod: KubeObject; readonly changed: boolean } => {
  const type = podType(door)
  const pod = door.storage.get('pods', eviction.namespace, eviction.name)
  if (!pod) throw notFound(type, eviction.name)
  const options = eviction.options ?? {}
  requirePreconditions(type, pod, options)
  door.admission?.({ operation: 'CREATE', type, subresource: 'eviction', object: pod })
  const { uid: _uid, resourceVersion: _version, ...checked } = options
  const budget = ignoresBudgets(pod) ? undefined : onlyBudget(door, pod)
  if (budget && !disruptsNothing(pod, budget))
    decrement(door, { budget, pod, dryRun: options.dryRun === true })
  const marked = budget === undefined && !hasRun(pod) ? pod : disrupted(door, pod, options.dryRun === true)
  const deletion = deleteObject(door, type, { object: marked, options: checked })
  return { pod: deletion.object, changed: deletion.changed && pod.metadata.deletionTimestamp === undefined }
}

const podType = (door: Door): ResourceType => {
  const type = door.storage.type('pods')
  if (!type) throw new Error('pods are not served')
  return type
}

const hasRun = (pod: KubeObject) =>
  pod.metadata.deletionTimestamp === undefined && textAt(pod, 'status', 'phase') === 'Running'

const ignoresBudgets = (pod: KubeObject) =>
  pod.metadata.deletionTimestamp !== undefined ||
  ['Succeeded', 'Failed', 'Pending'].includes(textAt(pod, 'status', 'phase'))

const onlyBudget = (door: Door, pod: KubeObject): KubeObject | undefined => {
  const matching = door.storage
    .list(budgets, pod.metadata.namespace ?? '')
    .filter((budget) => selectorMatches(at(budget, 'spec', 'selector'), pod.metadata.labels ?? {}))
  if (matching.length <= 1) return matching[0]
  throw new StatusError(
    500,
    undefined,
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )
}

/** A pod that is not Ready disrupts nothing where its budget says so or the budget is met without it. */
const disruptsNothing = (pod: KubeObject, budget: KubeObject) => {
  const ready = items(at(pod, 'status', 'conditions')).some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  )
  if (ready) return false
  if (textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true
  const desired = numberAt(budget, 'status', 'desiredHealthy') ?? 0
  return (numberAt(budget, 'status', 'currentHealthy') ?? 0) >= desired && desired > 0
}

const largestDisrupted = 2000

const decrement = (
  door: Door,
  {
    budget,
    pod,
    dryRun,
  }: { readonly budget: KubeObject; readonly pod: KubeObject; readonly dryRun: boolean },
) => {
  const { name, generation = 1 } = budget.metadata
  const status = fields(budget['status'])
  const allowed = numberAt(status, 'disruptionsAllowed') ?? 0
  const pending = fields(status['disruptedPods'])
  const refuse = (why: string) =>
    forbidden({ plural: 'poddisruptionbudget', group: 'policy', kind: '' }, name, { why })
  if ((numberAt(status, 'observedGeneration') ?? 0) < generation)
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10)
  if (allowed < 0) throw refuse('pdb disruptions allowed is negative')
  if (Object.keys(pending).length > largestDisrupted)
    throw refuse('DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (allowed === 0) throw tooMany(whyNot(budget), 0)
  if (dryRun) return
  const left = allowed - 1
  const disruptedPods = { ...pending, [pod.metadata.name]: isoSeconds(door.now()) }
  const conditions = left > 0 ? status['conditions'] : exhausted(items(status['conditions']), door.now())
  door.storage.update(budgets, {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods,
      ...(conditions === undefined ? {} : { conditions }),
    },
  })
}

const whyNot = (budget: KubeObject) => {
  const { name } = budget.metadata
  const desired = numberAt(budget, 'status', 'desiredHealthy') ?? 0
  const current = numberAt(budget, 'status', 'currentHealthy') ?? 0
  const condition = items(at(budget, 'status', 'conditions')).find(
    (one) => textAt(one, 'type') === 'DisruptionAllowed' && textAt(one, 'status') === 'False',
  )
  if (current <= desired || condition === undefined)
    return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`
  return `The disruption budget ${name} does not allow evicting pods currently (${textAt(condition, 'reason')}): ${textAt(condition, 'message')}`
}

const exhausted = (conditions: readonly unknown[], now: number) => [
  ...conditions.filter((condition) => textAt(condition, 'type') !== 'DisruptionAllowed'),
  {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    lastTransitionTime: isoSeconds(now),
  },
]

/** 429 by a budget. With 0 seconds there is no Retry-After header, which tells it apart from overload. */
const tooMany = (cause: string, retryAfterSeconds: number) =>
  new StatusError(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  )

const disrupted = (door: Door, pod: KubeObject, dryRun: boolean): KubeObject => {
  const status = fields(pod['status'])
  const others = items(status['conditions']).filter((one) => textAt(one, 'type') !== 'DisruptionTarget')
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: isoSeconds(door.now()),
  }
  const marked = { ...pod, status: { ...status, conditions: [...others, condition] } }
  return dryRun ? marked : door.storage.update('pods', marked)
}
