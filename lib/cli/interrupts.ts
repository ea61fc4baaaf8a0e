import type { Terminal } from './terminal.ts'
import { wallNow } from './wall-clock.ts'

/** A signal to the process group reaches this process twice when a launcher passes it on: within this time it is one. */
const sameInterruptMs = 150

/** How this process is told to stop. */
export interface Interrupts {
  readonly signal: AbortSignal
  /** Aborts the signal, as Ctrl-C does, and never more than that, however often it is called. */
  readonly stop: (why: string) => void
}

/**
 * Ctrl-C (or SIGTERM) once aborts the signal: the run stops at its next safe point. Twice leaves at once;
 * the journal makes that safe. A terminal that is lost (SIGHUP) may say so several times, and nobody has insisted.
 */
export const listenForInterrupts = (terminal: Terminal, leave: () => void): Interrupts => {
  const controller = new AbortController()
  const stop = (why: string) => {
    if (controller.signal.aborted) return
    controller.abort(new Error('the operator asked to stop'))
    terminal.stderr.write(`${why}\n`)
  }
  let first: number | undefined
  const interrupted = () => {
    const now = wallNow()
    if (first !== undefined && now - first > sameInterruptMs) leave()
    first ??= now
    stop('Stopping at the next safe point. Once more: leave at once.')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupted)
  process.on('SIGHUP', () => stop('The terminal is gone: stopping at the next safe point.'))
  return { signal: controller.signal, stop }
}
