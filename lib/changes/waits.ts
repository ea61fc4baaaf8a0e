import type { Target } from '../fleet/target.ts'
import type { Change } from '../runbook/runbook.ts'

/** So many seconds since the step began, also over a resume. `why` says what the time is for. */
export const elapsed = (seconds: number, why: string): Change<Target> => ({
  expectedSeconds: seconds,
  timeoutSeconds: seconds + 120,
  reached: async ({ recall, clock }) => {
    const until = recall('until')
    if (typeof until !== 'number') return { waitingFor: why }
    const left = Math.ceil((until - clock.now()) / 1000)
    return left <= 0 ? 'reached' : { waitingFor: why, done: Math.max(0, seconds - left), total: seconds }
  },
  apply: async (act) => {
    if (act.recall('until') === undefined) await act.note('until', act.clock.now() + seconds * 1000)
  },
})

/** `1 minute`, `5 minutes`. */
export const inWords = (minutes: number): string => (minutes === 1 ? '1 minute' : `${minutes} minutes`)

/** A change that earlier steps have usually reached: it adds nothing to the usual time. */
export const usuallyReached = (change: Change<Target>): Change<Target> => ({ ...change, expectedSeconds: 0 })

/** One change after the other; the next begins when the one before is reached, or has been applied. */
export const inOrder = (...changes: readonly Change<Target>[]): Change<Target> => ({
  expectedSeconds: sum(changes.map(({ expectedSeconds }) => expectedSeconds)),
  timeoutSeconds: sum(changes.map(({ timeoutSeconds }) => timeoutSeconds)),
  reached: async (look) => {
    for (const change of changes) {
      const reached = await change.reached(look)
      if (reached !== 'reached') return reached
    }
    return 'reached'
  },
  apply: async (act) => {
    for (const change of changes) if ((await change.reached(act)) !== 'reached') await change.apply(act)
  },
})

/** A wait during which something is kept as it is: kept before the wait and looked at when it is over. */
export const whileKeeping = (kept: Change<Target>, wait: Change<Target>): Change<Target> => ({
  expectedSeconds: wait.expectedSeconds,
  timeoutSeconds: kept.timeoutSeconds + wait.timeoutSeconds,
  reached: async (look) => {
    const waited = await wait.reached(look)
    return waited === 'reached' ? kept.reached(look) : waited
  },
  apply: async (act) => {
    if ((await kept.reached(act)) !== 'reached') await kept.apply(act)
    await wait.apply(act)
  },
})

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
