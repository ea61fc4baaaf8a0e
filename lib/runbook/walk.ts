import { makeAct, makeLook, type Acting } from './act.ts'
import { formatSeconds } from './duration.ts'
import { RunbookError } from './errors.ts'
import { asRecord, asStepError, endsWriting, ofRun, stoppedByOperator } from './failure.ts'
import { stops, type Finding } from './finding.ts'
import { isUnderWay, mayBeOurs } from './fold.ts'
import { asJson } from './plan.ts'
import { tell } from './messages.ts'
import type { Change, Check, Look, Progress, Step } from './runbook.ts'
import { stepView, type Session } from './session.ts'
import { stepTime } from './step-time.ts'

/**
 * Walks one step forward, or finds its state reached, by nothing that this run did (`step-already`). Throws a
 * RunbookError when it stops; that is journaled. Its before-checks are made on each start but those that join what an
 * earlier one left under way.
 */
export const walkStep = async <T>(session: Session<T>, step: Step<T>): Promise<void> => {
  const view = stepView(session, step.id)
  if ((view.state === 'done' || view.state === 'already') && !view.reopened) return
  await watched(session, { step, scope: 'do', failed: 'step-failed' }, async (watch) => {
    const look = makeLook(session, watch.acting)
    const moved = view.actions.some(({ scope }) => scope === 'do')
    const isThere = await isReached(step.change, { look, moved })
    if (!isThere) {
      if (view.state !== 'running') await session.append({ type: 'step-started', step: step.id })
      tell(session.options.operator, 'M010', aboutStep(step, step.title))
      if (!isUnderWay(session.fold, view))
        await makeChecks(session, moved ? startedAgain(step) : step, { when: 'before', acting: watch.acting })
      await reach(session, step.change, watch)
    }
    await makeChecks(session, step, { when: 'after', acting: watch.acting })
    const already = isThere && !mayBeOurs(session.fold, view)
    await session.append({ type: already ? 'step-already' : 'step-done', step: step.id })
    const text = already ? `${step.title}: is so already` : `${step.title}: done`
    tell(session.options.operator, already ? 'M011' : 'M013', aboutStep(step, text))
  })
}

const startedAgain = <T>(step: Step<T>): Step<T> => ({
  ...step,
  before: (step.before ?? []).filter(({ firstOnly }) => !firstOnly),
})

/** What a change was refused in an earlier attempt (an update that failed) is no answer to a new one: it is applied again. */
const isReached = async <T>(
  change: Change<T>,
  { look, moved }: { readonly look: Look<T>; readonly moved: boolean },
): Promise<boolean> => {
  try {
    return (await change.reached(look)) === 'reached'
  } catch (error) {
    if (moved && error instanceof RunbookError && error.code === 'R022') return false
    throw error
  }
}

/** Walks one step back by its undo. */
export const walkBack = async <T>(session: Session<T>, step: Step<T>, undo: Change<T>): Promise<void> => {
  const view = stepView(session, step.id)
  if (view.state !== 'undoing') await session.append({ type: 'undo-started', step: step.id })
  tell(session.options.operator, 'M051', aboutStep(step, `Undo: ${step.title}`))
  await watched(session, { step, scope: 'undo', failed: 'undo-failed' }, async (watch) => {
    const look = makeLook(session, watch.acting)
    const moved = view.actions.some(({ scope }) => scope === 'undo')
    if (!(await isReached(undo, { look, moved }))) await reach(session, undo, watch)
    await session.append({ type: 'undo-done', step: step.id })
  })
  tell(session.options.operator, 'M052', aboutStep(step, `Undone: ${step.title}`))
}

const aboutStep = <T>({ id }: Step<T>, text: string) => ({ text, data: { step: id } })

interface Watch {
  readonly acting: Acting
  /** Begins the time in which the state must be reached. */
  readonly start: (change: Pick<Change<never>, 'timeoutSeconds' | 'expectedSeconds'>) => void
}

interface Watched<T> {
  readonly step: Step<T>
  readonly scope: 'do' | 'undo'
  readonly failed: 'step-failed' | 'undo-failed'
}

/** Does the work under a signal that aborts when the operator stops or the time is up; journals its failure. */
const watched = async <T>(
  session: Session<T>,
  { step, scope, failed }: Watched<T>,
  work: (watch: Watch) => Promise<void>,
): Promise<void> => {
  const { signal, end, ...watch } = watchStep(session, step, scope)
  try {
    signal.throwIfAborted()
    await work(watch)
  } catch (error) {
    const ours = ofRun(asStepError(error, signal), session.view.id)
    tell(session.options.operator, 'M014', {
      text: `${step.title}: ${ours.message}`,
      data: { step: step.id, code: ours.code },
    })
    if (!endsWriting(ours)) await session.append({ type: failed, step: step.id, error: asRecord(ours) })
    throw ours
  } finally {
    end()
  }
}

const watchStep = <T>(session: Session<T>, step: Step<T>, scope: 'do' | 'undo') => {
  const { clock, signal: stop } = session.options
  const stopping = new AbortController()
  const ended = new AbortController()
  const onStop = () => stopping.abort(stoppedByOperator(session.view.id))
  if (stop.aborted) onStop()
  stop.addEventListener('abort', onStop, { once: true })
  const time = stepTime(clock, ended.signal)
  let waitingFor = step.title
  let usual = { since: clock.now(), expectedSeconds: step.change.expectedSeconds }
  const progress = (now: Progress) => {
    waitingFor = now.waitingFor
    tellProgress(session, { step, now, usual })
  }
  const start: Watch['start'] = ({ timeoutSeconds, expectedSeconds }) => {
    usual = { since: clock.now(), expectedSeconds }
    time.begin(timeoutSeconds, () =>
      stopping.abort(timedOut(session.view.id, { step, timeoutSeconds, waitingFor })),
    )
  }
  const end = () => {
    ended.abort()
    stop.removeEventListener('abort', onStop)
  }
  const { signal } = stopping
  const outside: Look<T>['outside'] = (waiting, work) => {
    progress({ waitingFor: waiting })
    return time.standsStillFor(work)
  }
  return { signal, start, end, acting: { step: step.id, scope, signal, progress, outside } }
}

const timedOut = <T>(
  run: string,
  late: { readonly step: Step<T>; readonly timeoutSeconds: number; readonly waitingFor: string },
) =>
  new RunbookError(
    'R021',
    `Cannot finish "${late.step.title}" in ${formatSeconds(late.timeoutSeconds)}: still waiting: ${late.waitingFor}`,
    { hint: `look at it, then: eks-runbook resume ${run}${orAcceptAny(late.step)}` },
  )

const orAcceptAny = <T>({ after = [] }: Step<T>): string =>
  after.some(({ acceptable }) => acceptable)
    ? '; what may stay so: --accept CODE --reason "why it is well"'
    : ''

const tellProgress = <T>(
  { options }: Session<T>,
  about: {
    readonly step: Step<T>
    readonly now: Progress
    readonly usual: { readonly since: number; readonly expectedSeconds: number }
  },
): void => {
  const { now, step, usual } = about
  const elapsedSeconds = (options.clock.now() - usual.since) / 1000
  const { expectedSeconds } = usual
  const times = `${formatSeconds(elapsedSeconds)} of usually ${formatSeconds(expectedSeconds)}`
  tell(options.operator, 'M012', {
    text: `${now.waitingFor} (${times})`,
    data: { step: step.id, ...asProgressData(now), elapsedSeconds, expectedSeconds },
  })
}

const asProgressData = ({ waitingFor, done, total }: Progress) => ({ waitingFor, done, total })

/** Applies the change, then asks until its state is reached. */
const reach = async <T>(session: Session<T>, change: Change<T>, { acting, start }: Watch): Promise<void> => {
  start(change)
  const { clock, random } = session.options
  const act = makeAct(session, acting)
  await change.apply(act)
  for (;;) {
    const state = await change.reached(act)
    if (state === 'reached') return
    acting.progress(state)
    await clock.sleep(pollSeconds(change.expectedSeconds, random()), acting.signal)
  }
}

/** An eighth of the usual time, 2 s to 60 s, a quarter more or less by chance: APIs of AWS are throttled per account. */
export const pollSeconds = (expectedSeconds: number, chance: number): number =>
  Math.min(60, Math.max(2, (expectedSeconds / 8) * (0.75 + chance / 2)))

interface Checking {
  readonly when: 'before' | 'after'
  readonly acting: Acting
}

const makeChecks = async <T>(
  session: Session<T>,
  step: Step<T>,
  { when, acting }: Checking,
): Promise<void> => {
  const checks: readonly Check<T>[] = (when === 'before' ? step.before : step.after) ?? []
  if (checks.length === 0) return
  const look = makeLook(session, acting)
  const findings = (await Promise.all(checks.map((check) => check.look(look)))).flat()
  await session.append({ type: 'checked', step: step.id, when, findings })
  for (const finding of findings.filter(({ outcome }) => outcome !== 'pass')) {
    const text = `${finding.code} ${finding.object}: expected ${finding.expected}, found ${finding.found}`
    tell(session.options.operator, 'M015', { text, data: { step: step.id, finding: asJson(finding) } })
  }
  const stopping = findings.find(stops)
  if (!stopping) return
  const what = when === 'before' ? `Cannot start "${step.title}"` : `Cannot call "${step.title}" done`
  const { object, expected, found, hint } = stopping
  const isAcceptable = checks.some(({ code, acceptable }) => acceptable && code === stopping.code)
  const resume = `eks-runbook resume ${session.view.id}`
  const orAccept = isAcceptable && stopping.outcome === 'block' ? acceptHint(stopping, resume) : ''
  throw new RunbookError('R010', `${what}: ${object}: expected ${expected}, found ${found}`, {
    hint: `${hint === '' ? '' : `${hint}, then: `}${resume}${orAccept}`,
  })
}

/** The object is text of a cluster: what a shell could take otherwise is not put into a command. */
const acceptHint = ({ code, object }: Finding, resume: string): string => {
  const finding = /^[\w ./:-]+$/.test(object) ? `"${code} ${object}"` : code
  return `; or, where it may stay so: ${resume} --accept ${finding} --reason "why it is well"`
}
