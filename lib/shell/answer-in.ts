import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Patience } from './shell.ts'

/** What came in time, or why nothing did, as one harmless line. */
export type Answer<V> = { readonly value: V } | { readonly failed: string }

/**
 * Waits for an answer as long as the patience allows; what fails or is refused is a value. Rejects with the signal's
 * reason, and with what is no answer at all: a fault of this program.
 */
export const answerIn = async <V>(
  asked: Promise<V>,
  { timeoutSeconds, signal }: Patience,
): Promise<Answer<V>> => {
  signal.throwIfAborted()
  const late = AbortSignal.timeout(timeoutSeconds * 1000)
  const over = new Promise<Answer<V>>((resolve, reject) => {
    const end = () =>
      signal.aborted ? reject(reasonOf(signal)) : resolve({ failed: `no answer in ${timeoutSeconds} s` })
    AbortSignal.any([signal, late]).addEventListener('abort', end, { once: true })
  })
  return await Promise.race([asked.then((value) => ({ value }), failed), over])
}

const failed = (error: unknown): { readonly failed: string } => {
  if (error instanceof RunbookError && answers.includes(error.code))
    return { failed: plainText(error.message).slice(0, 300) }
  throw error
}

/** Refused, keeps failing, not known to the server. */
const answers = ['R022', 'R024', 'R030']

const reasonOf = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : new Error('aborted'))
