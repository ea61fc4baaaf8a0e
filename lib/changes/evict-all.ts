import type { Target } from '../fleet/target.ts'
import type { KubeBudget } from '../kube/budget.ts'
import type { KubePod } from '../kube/pod.ts'
import type { Clock } from '../runbook/clock.ts'
import { formatSeconds } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Act } from '../runbook/runbook.ts'
import {
  arrange,
  budgetsOver,
  choose,
  newLanes,
  stirBudget,
  stirPod,
  takeBudget,
  takePod,
  takeWorkloads,
  type Lanes,
} from './eviction-lanes.ts'
import { disruptsNothing, keyOf } from './eviction-pace.ts'
import { bound, workloadsOf } from './pod-places.ts'

const mostInFlight = 24
/** How long an eviction may be missing from its budget's status before the status is believed again. */
const countedWithinSeconds = 20
/** How long a refused pod rests. */
const restSeconds = 5
/** How old what is known of workloads may be. */
const workloadsSeconds = 30

export interface EvictionJob {
  readonly group: string
  /** The decided list. */
  readonly pods: readonly KubePod[]
  /** The deadline counts from here: the beginning of the drain, in milliseconds since 1970. */
  readonly since: number
  readonly deadlineSeconds: number
}

interface State {
  /** Uids whose eviction was sent or taken. */
  readonly sent: Set<string>
  /** By budget: names of pods evicted with the time, until the status counts them. */
  readonly uncounted: Map<string, Map<string, number>>
  /** By uid: not to be tried again before. */
  readonly resting: Map<string, { readonly until: number; readonly reason: string }>
  /** When a budget or pod is to be looked at again though nothing has changed, the earliest first. */
  readonly recounts: { readonly at: number; readonly budget: string; readonly key: string }[]
  readonly retries: { readonly at: number; readonly pod: string }[]
  readonly inFlight: Set<Promise<void>>
  failure: unknown
}

const newState = (): State => ({
  sent: new Set(),
  uncounted: new Map(),
  resting: new Map(),
  recounts: [],
  retries: [],
  inFlight: new Set(),
  failure: undefined,
})

/**
 * Evicts the decided pods as fast as their budgets allow, until all have left: one list and watch of pods, one of
 * budgets, one call a pod. Throws R021 at the deadline, naming a pod and what holds it.
 */
export const evictAll = async (act: Act<Target>, job: EvictionJob): Promise<void> => {
  const { kube } = act.target
  const over = new AbortController()
  const signal = AbortSignal.any([act.signal, over.signal])
  const bell = newBell(act.clock, signal)
  const state = newState()
  const ringIf = (concerns: boolean) => void (concerns && bell.ring())
  try {
    const pods = kube.followPods({ ...bound, signal, changed: (uid) => ringIf(takePod(lanes, uid)) })
    const budgets = kube.followBudgets({
      signal,
      changed: (uid) => {
        countedNow(state, uid === undefined ? budgets.items() : [budgets.find(uid)])
        ringIf(takeBudget(lanes, uid))
      },
    })
    const lanes = newLanes(job.pods, { pods, budgets })
    for (const { ended } of [pods, budgets])
      ended.catch((error: unknown) => {
        if (signal.aborted) return
        state.failure ??= error
        bell.ring()
      })
    await Promise.all([pods.synced, budgets.synced])
    await untilGone(act, job, { state, bell, lanes })
  } finally {
    over.abort(new Error('the drain is over'))
    await Promise.allSettled(state.inFlight)
  }
}

/** What the status of these budgets counts is no longer ours to count. */
const countedNow = ({ uncounted }: State, budgets: readonly (KubeBudget | undefined)[]): void => {
  for (const budget of budgets.filter((each) => each !== undefined))
    for (const name of budget.disruptedPods) uncounted.get(keyOf(budget))?.delete(name)
}

interface Watching {
  readonly state: State
  readonly bell: Bell
  readonly lanes: Lanes
}

const untilGone = async (act: Act<Target>, job: EvictionJob, watching: Watching): Promise<void> => {
  const { state, bell, lanes } = watching
  const { left } = lanes
  const deadline = job.since + job.deadlineSeconds * 1000
  let known = -Infinity
  let told = ''
  for (;;) {
    if (state.failure !== undefined) throw state.failure
    arrange(lanes)
    const now = waitingFor(job.group, lanes, state)
    if (now !== told)
      act.progress({ waitingFor: now, done: job.pods.length - left.size, total: job.pods.length })
    told = now
    if (left.size === 0) return
    if (act.clock.now() >= deadline) throw tooLate(job, watching)
    if (lanes.limitedByWorkload && act.clock.now() - known > workloadsSeconds * 1000) {
      takeWorkloads(lanes, await workloadsOf(act.target))
      arrange(lanes)
      known = act.clock.now()
    }
    const twice = heldTwice(lanes)
    if (twice) throw severalBudgets(twice, lanes)
    send(act, watching)
    await bell.wait(secondsToRetry(state, act.clock.now()))
  }
}

/** Until the next refused pod is to be tried again. */
const secondsToRetry = ({ retries: [next] }: State, now: number): number =>
  Math.min(restSeconds, Math.max(0, ((next?.at ?? Infinity) - now) / 1000))

const send = (act: Act<Target>, { state, bell, lanes }: Watching): void => {
  const now = act.clock.now()
  lookAgain(state, lanes, now)
  const chosen = choose(lanes, {
    sent: { uncounted: state.uncounted, uids: state.sent },
    rests: (uid) => (state.resting.get(uid)?.until ?? 0) > now,
    free: mostInFlight - state.inFlight.size,
  })
  for (const pod of chosen) {
    const work = evictOne(act, lanes, { pod, state }).catch((error: unknown) => {
      state.failure ??= error
    })
    state.inFlight.add(work)
    void work.finally(() => {
      state.inFlight.delete(work)
      if (lanes.stirred.size > 0 || state.failure !== undefined) bell.ring()
    })
  }
}

/** Stirs what time alone has changed: refused pods have rested, and a status that is silent for long is believed again. */
const lookAgain = ({ recounts, retries, uncounted }: State, lanes: Lanes, now: number): void => {
  for (let next = retries[0]; next && next.at <= now; next = retries[0]) {
    stirPod(lanes, next.pod)
    retries.shift()
  }
  for (let next = recounts[0]; next && next.at < now; next = recounts[0]) {
    const names = uncounted.get(next.key)
    for (const [name, at] of names ?? []) if (now - at > countedWithinSeconds * 1000) names?.delete(name)
    stirBudget(lanes, next.budget)
    recounts.shift()
  }
}

const evictOne = async (
  act: Act<Target>,
  lanes: Lanes,
  { pod, state }: { readonly pod: KubePod; readonly state: State },
): Promise<void> => {
  const { namespace, name, uid } = pod
  const [budget] = budgetsOver(lanes, uid)
  const names = budget && !disruptsNothing(pod, budget) ? namesOf(state, keyOf(budget)) : undefined
  const now = act.clock.now()
  state.sent.add(uid)
  names?.set(name, now)
  if (budget && names)
    state.recounts.push({ at: now + countedWithinSeconds * 1000, budget: budget.uid, key: keyOf(budget) })
  const result = await act.act(
    { name: 'kubernetes:CreateEviction', object: `${namespace}/${name} ${uid}`, parameters: { uid } },
    () => act.target.kube.evict({ namespace, name, uid }),
  )
  if (result.outcome === 'evicted' || result.outcome === 'gone') return
  names?.delete(name)
  state.sent.delete(uid)
  if (result.outcome === 'several-budgets') throw severalBudgets(pod, lanes)
  const until = act.clock.now() + restSeconds * 1000
  state.resting.set(uid, { until, reason: plainText(result.reason) })
  state.retries.push({ at: until, pod: uid })
  stirPod(lanes, uid)
}

const namesOf = ({ uncounted }: State, key: string): Map<string, number> => {
  const names = uncounted.get(key) ?? new Map<string, number>()
  uncounted.set(key, names)
  return names
}

const waitingFor = (group: string, { left, places }: Lanes, { resting }: State): string => {
  for (const uid of resting.keys()) if (!left.has(uid)) resting.delete(uid)
  const place = (uid: string) => places.get(uid) ?? 0
  const [first = ''] = [...resting.keys()].toSorted((a, b) => place(a) - place(b))
  const held = left.get(first)
  const why = held && `, ${held.namespace}/${held.name}: ${resting.get(first)?.reason ?? ''}`
  return `${left.size === 1 ? '1 pod' : `${left.size} pods`} to leave ${group}${why ?? ''}`
}

const tooLate = ({ group, deadlineSeconds }: EvictionJob, { state, lanes }: Watching): RunbookError => {
  const left = [...lanes.left.values()]
  const pod = left.find(({ uid }) => !state.sent.has(uid)) ?? left[0]
  const budget = pod && budgetsOver(lanes, pod.uid)[0]
  const held =
    pod?.terminating === true
      ? 'it is being deleted and does not end: its finalizers or its node hold it'
      : heldBy(budget)
  return new RunbookError(
    'R021',
    `Cannot drain node group ${group} in ${formatSeconds(deadlineSeconds)}: pod ${pod ? keyOf(pod) : ''} is still there, ${held}`,
    {
      hint: `kubectl -n ${pod?.namespace ?? ''} describe pod ${pod?.name ?? ''}; then: eks-runbook resume <run>`,
    },
  )
}

const heldBy = (budget: KubeBudget | undefined): string =>
  budget === undefined
    ? 'too many pods of its workload are not Ready to take one more away'
    : `budget ${keyOf(budget)} allows ${budget.disruptionsAllowed} evictions (needs ${budget.desiredHealthy}, has ${budget.currentHealthy})`

/** The server evicts no running pod under two budgets. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
const heldTwice = ({ several, left }: Lanes): KubePod | undefined => {
  if (several.length === 0) return undefined
  const held = new Set(several.flatMap(({ pods }) => [...pods.keys()]))
  return left
    .values()
    .find(({ uid, phase, terminating }) => held.has(uid) && phase === 'Running' && !terminating)
}

const severalBudgets = (pod: KubePod, lanes: Lanes): RunbookError =>
  new RunbookError(
    'R022',
    `Cannot evict pod ${keyOf(pod)}: the budgets ${budgetsOver(lanes, pod.uid).map(keyOf).join(' and ')} both select it`,
    { hint: 'keep one of them, then: eks-runbook resume <run>' },
  )

interface Bell {
  readonly ring: () => void
  /** Until it rings, at most so many seconds. */
  readonly wait: (seconds: number) => Promise<void>
}

const newBell = (clock: Clock, signal: AbortSignal): Bell => {
  const reason = new Error('rung')
  let rung = false
  let waiting: AbortController | undefined
  const wake = () => waiting?.abort(reason)
  signal.addEventListener('abort', wake, { once: true })
  return {
    ring: () => {
      rung = true
      wake()
    },
    wait: async (seconds) => {
      signal.throwIfAborted()
      if (!rung) {
        waiting = new AbortController()
        await clock.sleep(seconds, waiting.signal).catch(() => {})
        waiting = undefined
      }
      rung = false
      signal.throwIfAborted()
    },
  }
}
