import { makeAct } from './act.ts'
import { RunbookError } from './errors.ts'
import { asRecord, asRunbookError, endsWriting } from './failure.ts'
import { tell } from './messages.ts'
import type { PauseView } from './run-view.ts'
import type { Session } from './session.ts'

/**
 * Puts back all that is paused, newest first. Returns the first error; what failed stays on record for `repair`.
 * `final`: the run is through, and its steps are not walked again for this.
 */
export const restorePauses = async <T>(
  session: Session<T>,
  when: 'final' | 'early',
): Promise<RunbookError | undefined> => {
  let first: RunbookError | undefined
  for (const pause of session.view.pauses.filter(({ state }) => state === 'open').toReversed()) {
    const error = await restoreOne(session, pause, when)
    first ??= error
    if (error && (error.code === 'R030' || endsWriting(error))) break
  }
  return first
}

const restoreOne = async <T>(
  session: Session<T>,
  pause: PauseView,
  when: 'final' | 'early',
): Promise<RunbookError | undefined> => {
  const { operator } = session.options
  const { step, kind, object } = pause
  try {
    const outcome = await callRestorer(session, pause)
    const gone = outcome === 'gone'
    await session.append({ type: 'restored', step, kind, object, gone, final: when === 'final' })
    const text = gone ? `${object} is gone: nothing to restore` : `Restored ${kind} of ${object}`
    tell(operator, 'M031', { text, data: { kind, object, gone } })
    return undefined
  } catch (error) {
    const ours = asRunbookError(error)
    if (endsWriting(ours)) return ours
    const text = `Cannot restore ${kind} of ${object}: ${ours.message}`
    tell(operator, 'M032', { text, data: { kind, object, code: ours.code } })
    return await recordFailure(session, pause, ours)
  }
}

const callRestorer = async <T>(session: Session<T>, { step, kind, object, restore }: PauseView) => {
  const restorer = session.options.runbook.restorers[kind]
  if (!restorer)
    throw new RunbookError('R099', `Nothing can restore a pause of the kind ${kind}`, {
      hint: 'report it with the command and the output',
    })
  // Restoring goes on when the operator asks to stop: it is the way to the safe point.
  const signal = new AbortController().signal
  const act = makeAct(session, {
    step,
    scope: 'restore',
    pause: { kind, object },
    signal,
    progress: () => undefined,
  })
  return await restorer(act, { kind, object, restore })
}

const recordFailure = async <T>(
  session: Session<T>,
  { step, kind, object }: PauseView,
  error: RunbookError,
): Promise<RunbookError> => {
  try {
    await session.append({ type: 'restore-failed', step, kind, object, error: asRecord(error) })
    return error
  } catch (lost) {
    return asRunbookError(lost)
  }
}
