import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../runbook/clock.ts'
import { emptyTimeline, nextAt, plan, takeDue } from './task-queue.ts'
import type { TaskHandlers, Timeline, TimelineState } from './timeline.ts'

/** Time that moves only when everybody waits: a simulated hour costs what its events cost. */
export interface VirtualTime {
  readonly clock: Clock
  readonly timeline: Timeline
  readonly state: TimelineState
  /** Adds what to do with tasks of these kinds. */
  readonly handle: (handlers: TaskHandlers) => void
  /**
   * Runs `work`, moving the time on whenever nothing else is left to do. All I/O inside must be in process.
   * Throws when the work waits for something that will never happen.
   */
  readonly run: <R>(work: Promise<R>) => Promise<R>
  /** Lets the twin alone for so many virtual seconds. */
  readonly pass: (seconds: number) => Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** `start`: virtual milliseconds, or the state of a snapshot to go on from. */
export const createVirtualTime = (start: number | TimelineState): VirtualTime => {
  const state = typeof start === 'number' ? emptyTimeline(start) : start
  const handlers = new Map<string, TaskHandlers[string]>()
  const sleepers: Sleeper[] = []
  const clock: Clock = {
    now: () => state.now,
    sleep: (seconds, signal) => sleep(sleepers, state.now + seconds * 1000, signal),
  }
  const run = async <R>(work: Promise<R>): Promise<R> => {
    let ended = false
    const mark = () => void (ended = true)
    work.then(mark, mark)
    for (;;) {
      await nextTurn()
      if (ended) return await work
      await advance(state, sleepers, handlers)
    }
  }
  return {
    clock,
    timeline: { now: clock.now, after: (seconds, task) => plan(state, seconds, task) },
    state,
    handle: (more) => {
      for (const [kind, handler] of Object.entries(more)) handlers.set(kind, handler)
    },
    run,
    pass: (seconds) => run(clock.sleep(seconds)),
  }
}

/** One step in time: the earliest task or sleeper; tasks of the twin come first. */
const advance = async (
  state: TimelineState,
  sleepers: Sleeper[],
  handlers: Map<string, TaskHandlers[string]>,
) => {
  const first = earliestOf(sleepers)
  const task = takeDue(state, first?.at ?? nextAt(state) ?? -1)
  if (task) {
    const handler = handlers.get(task.kind)
    if (!handler) throw new Error(`Nobody handles the task ${task.kind}`)
    await handler(task.data)
    return
  }
  if (!first)
    throw new Error('The work waits for something that will never happen: no task and no sleeper is left')
  state.now = Math.max(state.now, first.at)
  sleepers.splice(sleepers.indexOf(first), 1)
  first.wake()
}

/** The first of those that wake first. */
const earliestOf = (sleepers: readonly Sleeper[]): Sleeper | undefined => {
  let earliest = sleepers[0]
  for (const sleeper of sleepers) if (earliest && sleeper.at < earliest.at) earliest = sleeper
  return earliest
}

const sleep = (sleepers: Sleeper[], at: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const sleeper: Sleeper = {
      at,
      wake: () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      },
    }
    const abort = () => {
      sleepers.splice(sleepers.indexOf(sleeper), 1)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    signal?.addEventListener('abort', abort, { once: true })
    sleepers.push(sleeper)
  })
