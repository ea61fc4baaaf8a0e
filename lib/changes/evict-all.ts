import type { Target } from '../fleet/target.ts'
import type { Followed } from '../kube/follow.ts'
import type { KubePod } from '../kube/pod.ts'
import { formatSeconds } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Act } from '../runbook/runbook.ts'
import { disruptsNothing, evictable, keyOf, type Scene } from './eviction-pace.ts'
import { budgetsOf, workloadsOf } from './pod-places.ts'

const mostInFlight = 24
/** How long an eviction may be missing from its budget's status before the status is believed again. */
const countedWithinSeconds = 20
/** How long a refused pod rests, unless something changes before. */
const restSeconds = 5

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
  readonly inFlight: Set<Promise<void>>
  failure: unknown
}

/**
 * Evicts the decided pods as fast as their budgets allow, until all have left: one list and watch of pods, one of
 * budgets, one call a pod. Throws R021 at the deadline, naming a pod and what holds it.
 */
export const evictAll = async (act: Act<Target>, job: EvictionJob): Promise<void> => {
  const { kube } = act.target
  const over = new AbortController()
  const signal = AbortSignal.any([act.signal, over.signal])
  const bell = newBell(act)
  const state: State = {
    sent: new Set(),
    uncounted: new Map(),
    resting: new Map(),
    inFlight: new Set(),
    failure: undefined,
  }
  try {
    const pods = kube.followPods({ signal, changed: bell.ring })
    const budgets = kube.followBudgets({
      signal,
      changed: () => {
        for (const budget of budgets.items())
          for (const name of budget.disruptedPods) state.uncounted.get(keyOf(budget))?.delete(name)
        bell.ring()
      },
    })
    for (const { ended } of [pods, budgets])
      ended.catch((error: unknown) => {
        if (signal.aborted) return
        state.failure ??= error
        bell.ring()
      })
    await Promise.all([pods.synced, budgets.synced])
    await untilGone(act, job, { state, bell, pods, budgets: budgets.items })
  } finally {
    over.abort(new Error('the drain is over'))
    await Promise.allSettled(state.inFlight)
  }
}

interface Watching {
  readonly state: State
  readonly bell: Bell
  readonly pods: Pick<Followed<KubePod>, 'items' | 'find'>
  readonly budgets: () => Scene['budgets']
}

const untilGone = async (act: Act<Target>, job: EvictionJob, watching: Watching): Promise<void> => {
  const { state, bell } = watching
  const deadline = job.since + job.deadlineSeconds * 1000
  let workloads = await workloadsOf(act.target)
  let known = act.clock.now()
  let told = ''
  for (;;) {
    if (state.failure !== undefined) throw state.failure
    const left = job.pods.flatMap(({ uid }) => watching.pods.find(uid) ?? [])
    const now = waitingFor(job.group, left, state)
    if (now !== told)
      act.progress({ waitingFor: now, done: job.pods.length - left.length, total: job.pods.length })
    told = now
    if (left.length === 0) return
    if (act.clock.now() >= deadline) throw tooLate(job, left, watching)
    if (act.clock.now() - known > 30_000) {
      workloads = await workloadsOf(act.target)
      known = act.clock.now()
    }
    const scene = sceneOf(watching, workloads)
    const twice = left.find((pod) => isHeldTwice(pod, scene.budgets))
    if (twice) throw severalBudgets(twice, scene.budgets)
    send(act, scene, { left, state, bell })
    await bell.wait(restSeconds)
  }
}

/** Copying all pods at each event is worth it only where somebody counts them. */
const sceneOf = ({ pods, budgets }: Watching, workloads: Scene['workloads']): Scene => ({
  get pods() {
    return pods.items()
  },
  budgets: budgets(),
  workloads,
})

const send = (
  act: Act<Target>,
  scene: Scene,
  { left, state, bell }: { readonly left: readonly KubePod[]; readonly state: State; readonly bell: Bell },
): void => {
  const now = act.clock.now()
  forgetOld(state, now)
  const waiting = left.filter(({ uid }) => (state.resting.get(uid)?.until ?? 0) <= now)
  const uncounted = new Map([...state.uncounted].map(([key, names]) => [key, new Set(names.keys())]))
  const free = mostInFlight - state.inFlight.size
  for (const pod of evictable(scene, waiting, { uncounted, uids: state.sent }).slice(0, Math.max(0, free))) {
    const work = evictOne(act, scene, { pod, state }).catch((error: unknown) => {
      state.failure ??= error
    })
    state.inFlight.add(work)
    void work.finally(() => {
      state.inFlight.delete(work)
      bell.ring()
    })
  }
}

const evictOne = async (
  act: Act<Target>,
  scene: Scene,
  { pod, state }: { readonly pod: KubePod; readonly state: State },
): Promise<void> => {
  const { namespace, name, uid } = pod
  const [budget] = budgetsOf(pod, scene.budgets)
  const names = budget && !disruptsNothing(pod, budget) ? namesOf(state, keyOf(budget)) : undefined
  state.sent.add(uid)
  names?.set(name, act.clock.now())
  const result = await act.act(
    { name: 'kubernetes:CreateEviction', object: `${namespace}/${name} ${uid}`, parameters: { uid } },
    () => act.target.kube.evict({ namespace, name, uid }),
  )
  if (result.outcome === 'evicted' || result.outcome === 'gone') return
  names?.delete(name)
  state.sent.delete(uid)
  if (result.outcome === 'several-budgets') throw severalBudgets(pod, scene.budgets)
  const reason = plainText(result.reason)
  state.resting.set(uid, { until: act.clock.now() + restSeconds * 1000, reason })
}

const namesOf = ({ uncounted }: State, key: string): Map<string, number> => {
  const names = uncounted.get(key) ?? new Map<string, number>()
  uncounted.set(key, names)
  return names
}

const forgetOld = ({ uncounted }: State, now: number): void => {
  for (const names of uncounted.values())
    for (const [name, at] of names) if (now - at > countedWithinSeconds * 1000) names.delete(name)
}

const waitingFor = (group: string, left: readonly KubePod[], { resting }: State): string => {
  const held = left.find(({ uid }) => resting.has(uid))
  const why = held && `, ${held.namespace}/${held.name}: ${resting.get(held.uid)?.reason ?? ''}`
  return `${left.length === 1 ? '1 pod' : `${left.length} pods`} to leave ${group}${why ?? ''}`
}

const tooLate = (
  { group, deadlineSeconds }: EvictionJob,
  left: readonly KubePod[],
  { state, budgets }: Watching,
): RunbookError => {
  const pod = left.find(({ uid }) => !state.sent.has(uid)) ?? left[0]
  const budget = pod && budgetsOf(pod, budgets())[0]
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

const heldBy = (budget: Scene['budgets'][number] | undefined): string =>
  budget === undefined
    ? 'too many pods of its workload are not Ready to take one more away'
    : `budget ${keyOf(budget)} allows ${budget.disruptionsAllowed} evictions (needs ${budget.desiredHealthy}, has ${budget.currentHealthy})`

/** The server evicts no running pod under two budgets. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
const isHeldTwice = (pod: KubePod, budgets: Scene['budgets']): boolean =>
  pod.phase === 'Running' && !pod.terminating && budgetsOf(pod, budgets).length > 1

const severalBudgets = (pod: KubePod, budgets: Scene['budgets']): RunbookError =>
  new RunbookError(
    'R022',
    `Cannot evict pod ${keyOf(pod)}: the budgets ${budgetsOf(pod, budgets).map(keyOf).join(' and ')} both select it`,
    { hint: 'keep one of them, then: eks-runbook resume <run>' },
  )

interface Bell {
  readonly ring: () => void
  /** Until it rings, at most so many seconds. */
  readonly wait: (seconds: number) => Promise<void>
}

const newBell = ({ clock, signal }: Act<Target>): Bell => {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    wait: async (seconds) => {
      if (!rung) {
        const early = new AbortController()
        wake = () => early.abort(new Error('rung'))
        await clock.sleep(seconds, AbortSignal.any([signal, early.signal])).catch(() => {})
        wake = undefined
      }
      rung = false
      signal.throwIfAborted()
    },
  }
}
