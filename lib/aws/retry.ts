import type { Clock } from '../runbook/clock.ts'
import type { Random } from '../runbook/random.ts'

/** How failed calls are repeated. All waiting is the Clock's, all jitter is Random's. */
export interface RetrySettings {
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal
  /** Calls in all while nobody answers, the first one included. Default: 6, which holds for every failure that was answered. */
  readonly attempts?: number
  /** Longest wait before the second call, in seconds; doubles from there to `longestSeconds`. Default: 0.5. */
  readonly firstSeconds?: number
  /** Default: 20. */
  readonly longestSeconds?: number
}

/** What may be said of a failure. */
export interface Failures {
  /** It may pass. */
  readonly passing: (error: unknown) => boolean
  /** Somebody was there: throttling, 5xx. */
  readonly answered: (error: unknown) => boolean
}

const usualAttempts = 6

/** Repeats `call` while `passing(error)` says that the failure may pass: exponential, with full jitter, bounded. */
export const withRetries = async <R>(
  settings: RetrySettings,
  { passing, answered }: Failures,
  call: () => Promise<R>,
): Promise<R> => {
  const { attempts = usualAttempts, firstSeconds = 0.5, longestSeconds = 20 } = settings
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      const most = answered(error) ? usualAttempts : attempts
      if (attempt >= most || !passing(error)) throw error
      const ceiling = Math.min(longestSeconds, firstSeconds * 2 ** (attempt - 1))
      await settings.clock.sleep(ceiling * (0.5 + settings.random() / 2), settings.signal)
    }
  }
}
