import type {
  BindingBudget,
  RehearsalStop,
  RehearsedRun,
  RehearsedStep,
} from '../../evidence/rehearsal-result.ts'
import type { Target } from '../../fleet/target.ts'
import type { Plan } from '../../runbook/plan.ts'
import type { AnyRunbook } from '../../runbook/runbook.ts'
import type { RunView } from '../../runbook/run-view.ts'
import type { Fault } from '../../twin/faults.ts'
import type { CallRecord } from '../../twin/record.ts'
import { faultText, type Undisturbed } from './fault-profiles.ts'
import { holdBudget, type HeldBudget } from './hold-budget.ts'
import { heldText, injectedCauses } from './injected.ts'
import { observe, type Observer } from './observe.ts'
import { openStage, type Beginning, type Stage } from './stage.ts'
import { walkOnce, type Walked } from './walk-once.ts'

/** What is rehearsed. */
export interface Rehearsing {
  readonly beginning: Beginning
  readonly runbook: AnyRunbook<Target>
  readonly plan: Plan
  readonly signal: AbortSignal
  readonly onResume: (stop: RehearsalStop) => void
}

/** Chance of one run, and the trouble in it. */
export interface Seed {
  readonly seed: number
  readonly faults: readonly Fault[]
  readonly heldBudget?: HeldBudget
}

/** How often a run that injected faults stopped is gone on with for each of them. */
const mostResumes = 5

/** One run of the plan on a copy of the world; and what it did, for the placing of faults. */
export const rehearseSeed = async (
  rehearsing: Rehearsing,
  seed: Seed,
): Promise<{ readonly run: RehearsedRun; readonly undisturbed: Undisturbed; readonly stage: Stage }> => {
  const stage = await openStage(rehearsing.beginning, seed)
  const [from, began] = [stage.twin.calls.length, stage.time.clock.now()]
  const over = new AbortController()
  const observer = observe(stage, over.signal)
  const held = seed.heldBudget ? holdBudget(stage, seed.heldBudget, over.signal) : Promise.resolve(0)
  const isDisturbed = seed.faults.length > 0 || seed.heldBudget !== undefined
  const walk = {
    ...rehearsing,
    stage,
    seed: seed.seed,
    mostResumes: isDisturbed ? mostResumes : 0,
    causeOf: injectedCauses(stage, seed.heldBudget),
  }
  const walked = await walkOnce(walk).finally(() => over.abort(new Error('the run is over')))
  const heldTimes = await held
  const calls = stage.twin.calls.slice(from).filter(({ principal }) => principal === stage.caller)
  const run = runOf(walked, { seed, stage, observer, calls, heldTimes })
  return { run, undisturbed: undisturbedOf(stage, observer, { calls, began }), stage }
}

interface Seen {
  readonly seed: Seed
  readonly stage: Stage
  readonly observer: Observer
  readonly calls: readonly CallRecord[]
  readonly heldTimes: number
}

const runOf = ({ view, resumes, stop }: Walked, seen: Seen): RehearsedRun => {
  const { seed, stage, observer, calls } = seen
  const pause = longestPause(view)
  return {
    seed: seed.seed,
    ended: stop === undefined ? 'done' : 'stopped',
    ...(stop === undefined ? {} : { stop }),
    seconds: secondsBetween(view.startedAt, view.endedAt ?? view.updatedAt),
    steps: view.steps.map(stepOf),
    resumes,
    nodes: observer.nodes(),
    evictions: calls.filter(isEviction).length,
    budgets: bindingBudgets(stage, observer, seed.heldBudget),
    requests: stage.requests.figures(),
    ...(pause === undefined ? {} : { longestPause: pause }),
    faults: placedFaults(seen),
  }
}

const undisturbedOf = (
  { snapshot, target }: Stage,
  observer: Observer,
  { calls, began }: { readonly calls: readonly CallRecord[]; readonly began: number },
): Undisturbed => ({
  calls,
  launches: observer.launches(),
  webhooks: ['validating', 'mutating'].some((kind) => {
    const objects = snapshot.kubernetes.get(target.arn)?.storage.objects
    return (objects?.get(`${kind}webhookconfigurations.admissionregistration.k8s.io`)?.size ?? 0) > 0
  }),
  evictionSeconds: calls.filter(isEviction).map(({ at }) => (Date.parse(at) - began) / 1000),
})

const isEviction = ({ operation, effect }: CallRecord): boolean =>
  operation === 'CreateEviction' && effect !== null

const stepOf = ({ id, title, startedAt, endedAt }: RunView['steps'][number]): RehearsedStep => ({
  id,
  title,
  seconds: startedAt === undefined || endedAt === undefined ? 0 : secondsBetween(startedAt, endedAt),
})

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000

const bindingBudgets = (
  { requests }: Stage,
  observer: Observer,
  held: HeldBudget | undefined,
): readonly BindingBudget[] => {
  const [refusals, binding] = [requests.refusals(), observer.bindingSeconds()]
  return [...new Set([...binding.keys(), ...refusals.keys()])]
    .map((budget): BindingBudget => ({
      budget,
      refusals: refusals.get(budget) ?? 0,
      seconds: binding.get(budget) ?? 0,
      ...(budget === held?.budget ? { injected: true } : {}),
    }))
    .toSorted((a, b) => b.seconds - a.seconds || (a.budget < b.budget ? -1 : 1))
}

/** What is gone, as the nodes of a deleted node group, is not out of service. */
const longestPause = ({ pauses, updatedAt }: RunView): RehearsedRun['longestPause'] =>
  pauses
    .filter(({ state }) => state !== 'gone')
    .map(({ kind, object, pausedAt, restoredAt }) => ({
      kind,
      object,
      seconds: secondsBetween(pausedAt, restoredAt ?? updatedAt),
    }))
    .toSorted((a, b) => b.seconds - a.seconds)[0]

const placedFaults = ({ seed, stage, heldTimes }: Seen): RehearsedRun['faults'] => [
  ...stage.injected.map(({ fault, struck }) => ({ what: faultText(fault), struck })),
  ...(seed.heldBudget ? [{ what: heldText(seed.heldBudget), struck: heldTimes }] : []),
]
