import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Change, Look, Progress } from '../runbook/runbook.ts'

/**
 * So many seconds since the step began, also over a resume; anew from `since`, in milliseconds, where that is later.
 * `why` says what the time is for.
 */
export const elapsed = (
  seconds: number,
  why: string,
  since: (look: Look<Target>) => Promise<number | undefined> = () => Promise.resolve(undefined),
): Change<Target> => ({
  expectedSeconds: seconds,
  timeoutSeconds: seconds + 120,
  reached: async (look) => {
    const until = look.recall('until')
    if (typeof until !== 'number') return { waitingFor: why }
    const anew = ((await since(look)) ?? 0) + seconds * 1000
    const left = Math.ceil((Math.max(until, anew) - look.clock.now()) / 1000)
    return left <= 0 ? 'reached' : { waitingFor: why, done: Math.max(0, seconds - left), total: seconds }
  },
  apply: async (act) => {
    if (act.recall('until') === undefined) await act.note('until', act.clock.now() + seconds * 1000)
  },
})

/** So many seconds since `since`, in milliseconds; reached where that is not known. */
export const elapsedSince = (
  seconds: number,
  why: string,
  since: (look: Look<Target>) => Promise<number | undefined>,
): Change<Target> => ({
  expectedSeconds: 0,
  timeoutSeconds: seconds + 120,
  reached: async (look) => {
    const began = await since(look)
    const over = began === undefined || look.clock.now() >= began + seconds * 1000
    return over ? 'reached' : { waitingFor: why }
  },
  apply: async () => {},
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

/** A change with a quarter of an hour on top for the checks after it, which wait for what settles. */
export const withTimeToSettle = (change: Change<Target>): Change<Target> => ({
  ...change,
  timeoutSeconds: change.timeoutSeconds + 900,
})

/** The second begins only once the first is reached, however long ago it was last. Throws R021 with what is missing. */
export const onlyAfter = (first: Change<Target>, then: Change<Target>): Change<Target> => ({
  ...then,
  timeoutSeconds: first.timeoutSeconds + then.timeoutSeconds,
  apply: async (act) => {
    await untilReached(first).apply(act)
    await then.apply(act)
  },
})

/** A change whose `apply` ends when its state is reached. Throws R021 when that takes too long. */
export const untilReached = (change: Change<Target>): Change<Target> => ({
  ...change,
  apply: async (act) => {
    const end = act.clock.now() + change.timeoutSeconds * 1000
    if ((await change.reached(act)) === 'reached') return
    await change.apply(act)
    for (;;) {
      const state = await change.reached(act)
      if (state === 'reached') return
      if (act.clock.now() >= end) throw tooLate(state)
      act.progress(state)
      await act.clock.sleep(20, act.signal)
    }
  },
})

const tooLate = ({ waitingFor }: Progress): RunbookError =>
  new RunbookError('R021', `Cannot go on: still waiting: ${waitingFor}`, {
    hint: 'look at it, then: eks-runbook resume <run>, or undo <run>',
  })

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
