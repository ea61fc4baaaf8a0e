import { callRestorer } from './act.ts'
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
  const gone: PauseView[] = []
  for (const pause of session.view.pauses.filter(({ state }) => state === 'open').toReversed()) {
    const error = await restoreOne(session, { pause, when, gone })
    first ??= error
    if (error && (error.code === 'R030' || endsWriting(error))) break
  }
  tellGone(session, gone)
  return first
}

/** Deleted node groups take all their nodes with them: one line for all of them. */
const tellGone = <T>({ options }: Session<T>, gone: readonly PauseView[]): void => {
  const [first, ...more] = gone
  if (!first) return
  const { kind, object } = first
  const single = { text: `${object} is gone: nothing to restore`, data: { kind, object, gone: true } }
  const objects = gone.map((pause) => ({ kind: pause.kind, object: pause.object }))
  const text = `${gone.length} paused objects are gone: nothing to restore`
  tell(options.operator, 'M031', more.length === 0 ? single : { text, data: { gone: true, objects } })
}

interface Restoring {
  readonly pause: PauseView
  readonly when: 'final' | 'early'
  /** Collects what is there no more. */
  readonly gone: PauseView[]
}

const restoreOne = async <T>(
  session: Session<T>,
  { pause, when, gone }: Restoring,
): Promise<RunbookError | undefined> => {
  const { operator } = session.options
  const { step, kind, object } = pause
  try {
    const outcome = await callRestorer(session, pause)
    const isGone = outcome === 'gone'
    await session.append({ type: 'restored', step, kind, object, gone: isGone, final: when === 'final' })
    const text = `Restored ${kind} of ${object}`
    if (isGone) gone.push(pause)
    else tell(operator, 'M031', { text, data: { kind, object, gone: isGone, restore: pause.restore } })
    return undefined
  } catch (error) {
    const ours = asRunbookError(error)
    if (endsWriting(ours)) return ours
    const text = `Cannot restore ${kind} of ${object}: ${ours.message}`
    tell(operator, 'M032', { text, data: { kind, object, code: ours.code } })
    return await recordFailure(session, pause, ours)
  }
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
