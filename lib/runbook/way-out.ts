import type { RunOutcome } from './engine-options.ts'
import { errorCodes, type RunbookError } from './errors.ts'
import { asRecord, asStepError, endStateOf, endsWriting } from './failure.ts'
import type { EndState, JournalEvent } from './journal-event.ts'
import { tell, type MessageCode } from './messages.ts'
import { restorePauses } from './restore.ts'
import type { Session } from './session.ts'

/** Does the walk, then leaves in order: what is paused is restored, the end is journaled, the lock is let go. */
export const toTheEnd = async <T>(
  session: Session<T>,
  walk: () => Promise<EndState>,
): Promise<RunOutcome> => {
  const walked = await attempt(session, walk)
  return await leave(session, await wayOut(session, walked))
}

/** Restores what a run left paused. A run that was killed counts as stopped from then on. */
export const endRepair = async <T>(session: Session<T>): Promise<RunOutcome> => {
  const { state, error } = session.view
  const failure = await restorePauses(session, 'early')
  const before: EndState = state === 'running' || state === 'interrupted' ? 'stopped' : state
  const end = { type: 'run-ended', state: before, ...(error ? { error } : {}) } as const
  const ended = await journalEnd(session, { state: before, ...(failure ? { error: failure } : {}) }, end)
  if (!ended.error) tell(session.options.operator, 'M056', { text: 'All that was paused is back', data: {} })
  return await leave(session, ended)
}

interface Ending {
  readonly state: EndState
  readonly error?: RunbookError
}

const attempt = async <T>(session: Session<T>, walk: () => Promise<EndState>): Promise<Ending> => {
  try {
    return { state: await walk() }
  } catch (error) {
    return endingOf(session, asStepError(error, session.options.signal))
  }
}

const endingOf = <T>({ view }: Session<T>, error: RunbookError): Ending => {
  const isPartly = view.undoing && error.code === 'R025'
  return { state: isPartly ? 'partly-undone' : endStateOf(error), error }
}

const wayOut = async <T>(session: Session<T>, walked: Ending): Promise<Ending> => {
  if (walked.error && endsWriting(walked.error)) return walked
  const failure = await restorePauses(session, walked.error ? 'early' : 'final')
  const ending = failure && (!walked.error || endsWriting(failure)) ? endingOf(session, failure) : walked
  if (ending.error && endsWriting(ending.error)) return ending
  return await journalEnd(session, ending, {
    type: 'run-ended',
    state: ending.state,
    ...(ending.error ? { error: asRecord(ending.error) } : {}),
  })
}

const journalEnd = async <T>(session: Session<T>, ending: Ending, event: JournalEvent): Promise<Ending> => {
  if (ending.error && endsWriting(ending.error)) return ending
  try {
    await session.append(event)
    return ending
  } catch (error) {
    return endingOf(session, asStepError(error, session.options.signal))
  }
}

const endCodes: { readonly [state in EndState]: MessageCode } = {
  done: 'M003',
  failed: 'M004',
  stopped: 'M005',
  'waiting-for-credentials': 'M006',
  'waiting-for-approval': 'M005',
  undone: 'M054',
  'partly-undone': 'M053',
}

/** What cannot be released is found stale by the next one: it does not change how the run ended. */
const leave = async <T>(session: Session<T>, { state, error }: Ending): Promise<RunOutcome> => {
  const { id } = session.view
  await session.close().catch(() => undefined)
  const why = error ? `: ${error.message}` : ''
  const open = session.view.pauses.filter((pause) => pause.state === 'open').length
  const left = open > 0 ? `; ${open} still paused, restore with: eks-runbook repair ${id}` : ''
  tell(session.options.operator, endCodes[state], {
    text: `Run ${id} is ${state}${why}${left}`,
    data: { run: id, state, stillPaused: open, ...(error ? { error: { ...asRecord(error) } } : {}) },
  })
  return { run: id, state, exit: error ? errorCodes[error.code].exit : 0, ...(error ? { error } : {}) }
}
