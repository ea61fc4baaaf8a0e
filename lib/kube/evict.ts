import { exchange, type KubeCall, type KubeSettings } from './exchange.ts'
import type { PodRef } from './pod.ts'
import { isBudget, refusedError, severalBudgets, type Refusal } from './refusal.ts'

/** How the server answered an eviction. */
export type Eviction =
  | { readonly outcome: 'evicted' }
  /** The pod is gone, or another one has its name: nothing is left to do. */
  | { readonly outcome: 'gone' }
  /** A budget does not allow it now; `reason` is the server's own words. */
  | { readonly outcome: 'budget'; readonly budget: string | undefined; readonly reason: string }
  /** Two budgets or more select the pod: the eviction API never allows it. */
  | { readonly outcome: 'several-budgets'; readonly reason: string }
  /** The namespace is being deleted, and the pod with it. */
  | { readonly outcome: 'namespace-terminating'; readonly reason: string }

/**
 * Evicts a pod through the eviction API, which keeps its budgets; never deletes it. The uid is a precondition, so that
 * a pod that came back under the same name is left alone. Throws R022 when the caller may not evict, R024 when the
 * server keeps failing.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export const evict = async (settings: KubeSettings, pod: PodRef): Promise<Eviction> => {
  const { namespace, name } = pod
  const what = `evict pod ${namespace}/${name}`
  for (let attempt = 1; ; attempt += 1) {
    const result = await exchange(settings, { ...evictionOf(pod), what })
    if ('response' in result) return { outcome: 'evicted' }
    if (attempt === 5 || !isWriteConflict(result.refusal)) return refusedEviction(what, result.refusal)
    await settings.clock.sleep(settings.random(), settings.signal)
  }
}

const evictionOf = ({ namespace, name, uid }: PodRef): Omit<KubeCall, 'what'> => ({
  method: 'POST',
  path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/eviction`,
  body: {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid } },
  },
})

/** A 409 that is not the precondition's: somebody wrote to the pod or its budget in the same moment. */
const isWriteConflict = ({ status, message }: Refusal): boolean =>
  status === 409 && !/precondition/i.test(message)

const refusedEviction = (what: string, refusal: Refusal): Eviction => {
  const { status, causes, message } = refusal
  const budget = causes.find(({ reason }) => reason === 'DisruptionBudget')
  if (status === 404 || (status === 409 && !isWriteConflict(refusal))) return { outcome: 'gone' }
  if (status === 429 && isBudget(causes))
    return {
      outcome: 'budget',
      budget: /disruption budget (\S+)/.exec(budget?.message ?? '')?.[1],
      reason: budget?.message || message,
    }
  if (severalBudgets.test(message)) return { outcome: 'several-budgets', reason: message }
  if (status === 403 && causes.some(({ reason }) => reason === 'NamespaceTerminating'))
    return { outcome: 'namespace-terminating', reason: message }
  throw refusedError(what, refusal)
}
