import type { EngineOptions, RunOutcome } from './engine-options.ts'
import { RunbookError } from './errors.ts'
import { holdFormer, holdStep } from './hold.ts'
import { canonicalJson } from './json.ts'
import type { EndState } from './journal-event.ts'
import { lookBack } from './look-back.ts'
import { tell } from './messages.ts'
import { asJson, planDigest, plannedSteps, type Plan } from './plan.ts'
import type { Step } from './runbook.ts'
import type { RunView } from './run-view.ts'
import { readRun } from './runs.ts'
import { beginRun, continueRun, stepView, type Session } from './session.ts'
import { walkBack, walkStep } from './walk.ts'
import { endRepair, toTheEnd } from './way-out.ts'

/**
 * Runs an approved plan as a new run. Once the run exists, its end is the outcome and never an exception.
 * Throws before that: R006 (edited plan), R011 (this version would take other steps), R013 (locked), R041.
 */
export const execute = async <T>(plan: Plan, options: EngineOptions<T>): Promise<RunOutcome> => {
  if (planDigest(plan) !== plan.digest)
    throw new RunbookError(
      'R006',
      `Cannot run the plan: its content does not give its digest ${plan.digest}`,
      {
        hint: 'make it again: eks-runbook plan <runbook> --save plan.json',
      },
    )
  const steps = stepsOf(plan, options, 'R011')
  const session = await beginRun(plan, options)
  const { id } = session.view
  tell(options.operator, 'M001', { text: `Run ${id}: ${plan.title}`, data: { run: id, digest: plan.digest } })
  return await toTheEnd(session, () => forward(session, steps))
}

/**
 * Goes on with a run that was stopped, failed or killed, by its own plan: nothing is surveyed again. A run that is
 * done is left alone. Throws R008, R013, R015 (its undo began, or another version of the tool), R040, R041, R042.
 */
export const resume = async <T>(run: string, options: EngineOptions<T>): Promise<RunOutcome> => {
  const steps = stepsOf((await readRun(options.store, run)).plan, options, 'R015')
  const session = await continueRun(run, options, { name: 'resume', isSettled: isThrough })
  if (!('append' in session)) return nothingToDo(session, options)
  tell(options.operator, 'M002', { text: `Run ${run} goes on`, data: { run } })
  return await toTheEnd(session, () => forward(session, steps))
}

const isThrough = (view: RunView): boolean => {
  if (!view.undoing) return view.state === 'done'
  throw new RunbookError('R015', `Cannot resume ${view.id}: its undo has begun`, {
    hint: `eks-runbook undo ${view.id}`,
  })
}

/**
 * Walks a run back, newest step first, to its beginning or to the newest step without a way back (R025, exit 3).
 * Called again it goes on. Throws as resume does.
 */
export const undo = async <T>(run: string, options: EngineOptions<T>): Promise<RunOutcome> => {
  const steps = stepsOf((await readRun(options.store, run)).plan, options, 'R015')
  const way = { name: 'undo', isSettled: ({ state }: RunView) => state === 'undone' } as const
  const session = await continueRun(run, options, way)
  if (!('append' in session)) return nothingToDo(session, options)
  tell(options.operator, 'M050', { text: `Undo of run ${run}`, data: { run } })
  return await toTheEnd(session, () => backward(session, steps))
}

/** Restores all that a run left paused. Throws R013 while the run is running, and as resume does. */
export const repair = async <T>(run: string, options: EngineOptions<T>): Promise<RunOutcome> => {
  const isSettled = ({ pauses }: RunView) => pauses.every(({ state }) => state !== 'open')
  const session = await continueRun(run, options, { name: 'repair', isSettled })
  if (!('append' in session)) return nothingToDo(session, options)
  tell(options.operator, 'M055', { text: `Repair of run ${run}`, data: { run } })
  return await endRepair(session)
}

/** A run without an end whose lock could be taken is one that was killed: it stands still. */
const nothingToDo = <T>({ id, state }: RunView, { operator }: EngineOptions<T>): RunOutcome => {
  const ended: EndState = state === 'running' || state === 'interrupted' ? 'stopped' : state
  tell(operator, 'M007', { text: `Run ${id} is ${ended}: nothing to do`, data: { run: id } })
  return { run: id, state: ended, exit: 0 }
}

/** The steps that the plan lists, or the error of that code when this version of the runbook gives others. */
const stepsOf = <T>(
  plan: Plan,
  { runbook, tool }: EngineOptions<T>,
  code: 'R011' | 'R015',
): readonly Step<T>[] => {
  if (runbook.id !== plan.runbook)
    throw new RunbookError('R015', `Cannot go on with a run of ${plan.runbook} as ${runbook.id}`, {
      hint: 'eks-runbook runs',
    })
  const now = canonicalJson(asJson(plannedSteps(runbook, plan.facts)))
  if (now === canonicalJson(asJson(plan.steps))) return runbook.steps(plan.facts)
  throw new RunbookError(
    code,
    `Cannot run the plan of ${plan.runbook}: version ${tool} gives other steps than version ${plan.tool} that made it`,
    { hint: `use version ${plan.tool}, or plan again: eks-runbook plan ${plan.runbook}` },
  )
}

const forward = async <T>(session: Session<T>, steps: readonly Step<T>[]): Promise<EndState> => {
  const { remark } = session.options
  if (remark) await session.append({ type: 'note', scope: 'do', ...remark })
  await holdFormer(session)
  for (const step of steps) {
    await walkStep(session, step)
    await holdStep(session, step.id)
  }
  return 'done'
}

const backward = async <T>(session: Session<T>, steps: readonly Step<T>[]): Promise<EndState> => {
  try {
    for (const step of steps.toReversed()) await undoStep(session, step)
  } catch (error) {
    if (error instanceof RunbookError && error.code === 'R025') await lookBack(session, steps)
    throw error
  }
  await lookBack(session, steps)
  return 'undone'
}

const undoStep = async <T>(session: Session<T>, step: Step<T>): Promise<void> => {
  const { state, actions } = stepView(session, step.id)
  if (state === 'waiting' || state === 'undone') return
  const moved = actions.some(({ scope, outcome }) => scope === 'do' && outcome !== 'refused')
  if (state === 'already' && !moved) return
  if (!moved || step.undo === 'nothing') return await session.append({ type: 'undo-done', step: step.id })
  if ('irreversible' in step.undo) throw noWayBack(session, step, step.undo.irreversible)
  await walkBack(session, step, step.undo)
}

const noWayBack = <T>({ options, view }: Session<T>, step: Step<T>, reason: string): RunbookError => {
  const text = `No way back from "${step.title}": ${reason}`
  tell(options.operator, 'M053', { text, data: { step: step.id } })
  return new RunbookError('R025', `Cannot undo "${step.title}": ${reason}`, {
    hint: `all newer steps are undone; see: eks-runbook show ${view.id}`,
  })
}
