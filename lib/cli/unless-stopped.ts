import { RunbookError } from '../runbook/errors.ts'

/**
 * The work's answer, unless the operator stops first: what only reads is left at once, whatever it waits for.
 * Throws R020 then.
 */
export const unlessStopped = async <R>(signal: AbortSignal, work: Promise<R>): Promise<R> => {
  const stop = Promise.withResolvers<never>()
  const onStop = () => stop.reject(stoppedEarly())
  if (signal.aborted) onStop()
  signal.addEventListener('abort', onStop, { once: true })
  try {
    return await Promise.race([work, stop.promise])
  } finally {
    signal.removeEventListener('abort', onStop)
  }
}

const stoppedEarly = (): RunbookError =>
  new RunbookError(
    'R020',
    'Stopped while looking, as the operator asked: nothing was begun, nothing was written',
    {
      hint: 'type the same command again',
    },
  )
