import { emptyTimeline, nextAt, plan, takeDue } from './task-queue.ts'
import type { TaskHandlers, Timeline, TimelineState } from './timeline.ts'

/** Virtual time as a line over wall time: what EKS_RUNBOOK_CLOCK carries to other processes. */
export interface ClockMapping {
  /** Wall milliseconds at which the virtual time was `virtualOriginMs`. */
  readonly wallOriginMs: number
  readonly virtualOriginMs: number
  /** Virtual seconds a wall second. */
  readonly speed: number
}

/** A twin's time in a process of its own: it runs by the wall clock, `speed` times as fast. */
export interface LiveTimeline {
  readonly timeline: Timeline
  readonly mapping: ClockMapping
  readonly state: TimelineState
  /** Adds what to do with tasks of these kinds. */
  readonly handle: (handlers: TaskHandlers) => void
  readonly stop: () => void
}

export interface LiveTimelineOptions {
  /** Virtual milliseconds since the Unix epoch, or the state of a snapshot to go on from. */
  readonly start: number | TimelineState
  readonly speed: number
  readonly handlers?: TaskHandlers
  /** Told when a task throws; the time goes on. */
  readonly onError: (error: unknown) => void
}

/** Longest wait of setTimeout, in milliseconds. */
const longestTimeout = 2 ** 31 - 1

/**
 * The twin's time over the wall clock. Tasks run one at a time, each at its own virtual time,
 * also when the process is late.
 */
export const createLiveTimeline = (options: LiveTimelineOptions): LiveTimeline => {
  const state = typeof options.start === 'number' ? emptyTimeline(options.start) : options.start
  const mapping = { wallOriginMs: Date.now(), virtualOriginMs: state.now, speed: options.speed }
  const handlers = new Map(Object.entries(options.handlers ?? {}))
  let timer: NodeJS.Timeout | undefined
  let running = false
  let stopped = false

  const now = () => {
    if (!running) state.now = Math.max(state.now, virtualMs(mapping, Date.now()))
    return state.now
  }
  const wake = () => {
    clearTimeout(timer)
    const next = nextAt(state)
    if (stopped || running || next === undefined) return
    const wait = wallMs(mapping, next) - Date.now()
    timer = setTimeout(() => void run(), Math.min(Math.max(0, wait), longestTimeout))
  }
  const run = async () => {
    running = true
    const until = Math.max(state.now, virtualMs(mapping, Date.now()))
    await runDue(state, until, handlers, options.onError)
    running = false
    wake()
  }
  const after: Timeline['after'] = (seconds, task) => {
    now()
    plan(state, seconds, task)
    wake()
  }
  const handle = (more: TaskHandlers) => {
    for (const [kind, handler] of Object.entries(more)) handlers.set(kind, handler)
    wake()
  }
  const stop = () => {
    stopped = true
    clearTimeout(timer)
  }
  return { timeline: { now, after }, mapping, state, handle, stop }
}

/** Virtual milliseconds at a wall time. */
export const virtualMs = ({ wallOriginMs, virtualOriginMs, speed }: ClockMapping, wall: number): number =>
  Math.floor(virtualOriginMs + (wall - wallOriginMs) * speed)

/** Wall milliseconds at which a virtual time is reached. */
export const wallMs = ({ wallOriginMs, virtualOriginMs, speed }: ClockMapping, virtual: number): number =>
  Math.ceil(wallOriginMs + (virtual - virtualOriginMs) / speed)

const runDue = async (
  state: TimelineState,
  until: number,
  handlers: ReadonlyMap<string, TaskHandlers[string]>,
  onError: (error: unknown) => void,
): Promise<void> => {
  for (let task = takeDue(state, until); task; task = takeDue(state, until)) {
    try {
      const handler = handlers.get(task.kind)
      if (!handler) throw new Error(`Nobody handles the task ${task.kind}`)
      await handler(task.data)
    } catch (error) {
      onError(error)
    }
  }
}
