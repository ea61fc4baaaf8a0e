import type { Terminal } from './terminal.ts'
import { wallNow } from './wall-clock.ts'

/** A signal to the process group reaches this process twice when a launcher passes it on: within this time it is one. */
const sameInterruptMs = 150

/**
 * Ctrl-C (or SIGTERM) once aborts the signal: the run stops at its next safe point. Twice leaves at once;
 * the journal makes that safe.
 */
export const listenForInterrupts = (terminal: Terminal, leave: () => void): AbortSignal => {
  const controller = new AbortController()
  let first: number | undefined
  const interrupted = () => {
    const now = wallNow()
    if (first === undefined) {
      first = now
      terminal.stderr.write('Stopping at the next safe point. Once more: leave at once.\n')
      controller.abort(new Error('the operator asked to stop'))
      return
    }
    if (now - first > sameInterruptMs) leave()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupted)
  return controller.signal
}
