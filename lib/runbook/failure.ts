import { errorCodes, RunbookError } from './errors.ts'
import type { EndState, ErrorRecord } from './journal-event.ts'

/** Any error as ours. What is unknown becomes R099 with its cause. */
export const asRunbookError = (error: unknown): RunbookError => {
  if (error instanceof RunbookError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new RunbookError('R099', `Unexpected: ${text}`, {
    hint: 'report it with the command and the output',
    cause: error,
  })
}

/** As asRunbookError, but what only went wrong because everything was told to stop is the reason of the stop. */
export const asStepError = (error: unknown, signal: AbortSignal): RunbookError => {
  const ours = asRunbookError(error)
  const isAftermath = ours.code === 'R099' || ours.code === 'R024'
  const reason: unknown = signal.aborted ? signal.reason : undefined
  return isAftermath && reason instanceof RunbookError ? reason : ours
}

/** Adapters do not know which run they serve and write `<run>` in their hints: here it gets its name, so that it can be typed. */
export const ofRun = (error: RunbookError, run: string): RunbookError =>
  error.hint.includes('<run>')
    ? new RunbookError(error.code, error.message, {
        hint: error.hint.replaceAll('<run>', run),
        cause: error.cause,
      })
    : error

export const asRecord = ({ code, message, hint }: RunbookError): ErrorRecord => ({ code, message, hint })

/** How a run ends with this error. */
export const endStateOf = ({ code }: RunbookError): EndState => {
  if (code === 'R030') return 'waiting-for-credentials'
  const { exit } = errorCodes[code]
  if (exit === 5) return 'waiting-for-approval'
  return exit === 3 || exit === 4 ? 'stopped' : 'failed'
}

/** True when nothing can be written any more: the journal is gone or belongs to another process. */
export const endsWriting = ({ code }: RunbookError): boolean => code === 'R023' || code === 'R041'

/** R020: the operator's wish to stop, as the reason of an aborted signal. */
export const stoppedByOperator = (run: string): RunbookError =>
  new RunbookError('R020', `Stopped ${run} at a safe point, as the operator asked`, {
    hint: `eks-runbook resume ${run}`,
  })
