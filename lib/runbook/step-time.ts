import type { Clock } from './clock.ts'

/** The time in which a step must reach its state. */
export interface StepTime {
  /** Begins it, in seconds; `late` is called once it is over. */
  readonly begin: (seconds: number, late: () => void) => void
  /** Time stands still while at least one such work goes on. */
  readonly standsStillFor: <R>(work: () => Promise<R>) => Promise<R>
}

/** Nothing is called after `ended`. */
export const stepTime = (clock: Clock, ended: AbortSignal): StepTime => {
  const still = { works: 0, since: 0, milliseconds: 0 }
  const stillSoFar = () => still.milliseconds + (still.works > 0 ? clock.now() - still.since : 0)
  const watch = async (seconds: number, late: () => void): Promise<void> => {
    const until = clock.now() + seconds * 1000 - stillSoFar()
    for (;;) {
      const left = until + stillSoFar() - clock.now()
      if (left <= 0) return late()
      await clock.sleep(still.works > 0 ? Math.max(1, left / 1000) : left / 1000, ended)
    }
  }
  return {
    begin: (seconds, late) => void watch(seconds, late).catch(() => undefined),
    standsStillFor: async (work) => {
      if (still.works === 0) still.since = clock.now()
      still.works += 1
      try {
        return await work()
      } finally {
        still.works -= 1
        if (still.works === 0) still.milliseconds += clock.now() - still.since
      }
    },
  }
}
