import { rehearseCommand } from '../../evidence/closing-command.ts'
import type { RehearsalStop } from '../../evidence/rehearsal-result.ts'
import type { Target } from '../../fleet/target.ts'
import { execute, resume } from '../../runbook/engine.ts'
import type { EngineOptions, RunOutcome } from '../../runbook/engine-options.ts'
import { asRecord } from '../../runbook/failure.ts'
import { RunbookError } from '../../runbook/errors.ts'
import type { Plan } from '../../runbook/plan.ts'
import { seededRandom } from '../../runbook/random.ts'
import type { AnyRunbook } from '../../runbook/runbook.ts'
import type { RunView } from '../../runbook/run-view.ts'
import { readRun } from '../../runbook/runs.ts'
import { thisProcess } from '../owner.ts'
import { packageVersion } from '../package-root.ts'
import { endFaults } from './hold-budget.ts'
import type { Cause } from './injected.ts'
import type { Stage } from './stage.ts'

/** How long it takes until somebody has seen that a run stopped, and types the next command. */
export const operatorSeconds = 120

export interface Walk {
  readonly stage: Stage
  readonly runbook: AnyRunbook<Target>
  readonly plan: Plan
  readonly seed: number
  readonly signal: AbortSignal
  /** How often a run is gone on with for each cause that stopped it: 0 where only the world itself can have stopped it. */
  readonly mostResumes: number
  /** Which injected fault a stop was for. */
  readonly causeOf: (stop: RehearsalStop) => Cause | undefined
  /** Told of each stop that is gone on from. */
  readonly onResume: (stop: RehearsalStop) => void
}

/** How a run on the twin went. */
export interface Walked {
  readonly view: RunView
  readonly resumes: readonly RehearsalStop[]
  /** Why it ended before its end; left out where it is done. */
  readonly stop?: RehearsalStop
}

/** Runs the plan, and goes on with it as an operator would when it stopped. */
export const walkOnce = async (walk: Walk): Promise<Walked> => {
  const { stage, plan, signal } = walk
  const engine = engineOf(walk)
  const resumes: RehearsalStop[] = []
  const goOn = goingOn(walk)
  let outcome = await stage.time.run(execute(plan, engine))
  for (;;) {
    const view = await readRun(stage.store, outcome.run)
    const bare = stopOf(outcome, view)
    if (bare === undefined) return { view, resumes }
    const cause = walk.causeOf(bare)
    const stop = cause === undefined ? bare : { ...bare, injected: cause.what }
    if (!goOn(stop) || signal.aborted) return { view, resumes, stop }
    resumes.push(stop)
    walk.onResume(stop)
    await stage.time.pass(Math.max(operatorSeconds, (cause?.overInSeconds ?? 0) + 1))
    if (stop.code === 'R030') endFaults(stage, ({ kind }) => kind === 'expired-credentials')
    outcome = await stage.time.run(resume(outcome.run, engine))
  }
}

/** Stops are counted by their cause: a fault that strikes often does not use up what another one needs. */
const goingOn = ({ mostResumes }: Walk): ((stop: RehearsalStop) => boolean) => {
  const counts = new Map<string, number>()
  return (stop) => {
    const cause = stop.injected ?? `${stop.code} ${stop.step ?? ''}`
    const count = (counts.get(cause) ?? 0) + 1
    counts.set(cause, count)
    return canGoOn(stop) && count <= mostResumes
  }
}

const engineOf = ({ stage, runbook, seed, signal }: Walk): EngineOptions<Target> => ({
  target: stage.target,
  runbook,
  store: stage.store,
  clock: stage.time.clock,
  random: seededRandom(seed),
  operator: { tell: () => undefined, confirm: async () => true },
  signal,
  owner: thisProcess(),
  isGone: () => true,
  tool: packageVersion(),
  by: stage.caller,
})

const stopOf = ({ state, error }: RunOutcome, { steps, plan }: RunView): RehearsalStop | undefined => {
  if (state === 'done') return undefined
  const step = steps.find((one) => one.state === 'failed' || one.state === 'running')?.title
  const why =
    error ?? new RunbookError('R099', `The run is ${state} and says no reason`, { hint: 'report it' })
  const hint = hintThere(why.hint, plan)
  return { ...asRecord(why), hint, ...(step === undefined ? {} : { step }) }
}

/** The run is over with the twin: what helps is mended in the real world, and rehearsed again; nothing is accepted. */
const hintThere = (hint: string, plan: Plan): string =>
  hint
    .replaceAll('<cluster>', plan.target.cluster)
    .replace(/; [^;]*--accept .*$/, '')
    .replace(/eks-runbook (resume|show|undo|repair) \S+/g, () => rehearseCommand(plan))

const canGoOn = ({ code }: RehearsalStop): boolean => code !== 'R099' && code !== 'R020'
