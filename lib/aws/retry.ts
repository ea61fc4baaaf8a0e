import type { Clock } from '../runbook/clock.ts'
import type { Random } from '../runbook/random.ts'

/** How failed calls are repeated. All waiting is the Clock's, all jitter is Random's. */
export interface RetrySettings {
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal
  /** Calls in all, the first one included. Default: 6. */
  readonly attempts?: number
  /** Longest wait before the second call, in seconds; doubles from there to `longestSeconds`. Default: 0.5. */
  readonly firstSeconds?: number
  /** Default: 20. */
  readonly longestSeconds?: number
}

/** Repeats `call` while `passing(error)` says that the failure may pass: exponential, with full jitter, bounded. */
export const withRetries = async <R>(
  settings: RetrySettings,
  passing: (error: unknown) => boolean,
  call: () => Promise<R>,
): Promise<R> => {
  const { attempts = 6, firstSeconds = 0.5, longestSeconds = 20 } = settings
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= attempts || !passing(error)) throw error
      const ceiling = Math.min(longestSeconds, firstSeconds * 2 ** (attempt - 1))
      await settings.clock.sleep(ceiling * (0.5 + settings.random() / 2), settings.signal)
    }
  }
}
