import type { Task, TimelineState } from './timeline.ts'

export const emptyTimeline = (start: number): TimelineState => ({ now: start, order: 0, tasks: [] })

/** Puts a task in its place: by time, then in the order of planning. */
export const plan = (state: TimelineState, seconds: number, task: Task): void => {
  const at = state.now + Math.max(0, seconds) * 1000
  state.order += 1
  state.tasks.splice(firstAfter(state, at), 0, { at, order: state.order, task })
}

/** Time of the next task, in virtual milliseconds. */
export const nextAt = (state: TimelineState): number | undefined => state.tasks[0]?.at

/** Takes the next task if it is due by `until`, and moves the time to it. */
export const takeDue = (state: TimelineState, until: number): Task | undefined => {
  const next = state.tasks[0]
  if (!next || next.at > until) return undefined
  state.tasks.shift()
  state.now = Math.max(state.now, next.at)
  return next.task
}

const firstAfter = ({ tasks }: TimelineState, at: number): number => {
  let low = 0
  let high = tasks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((tasks[middle]?.at ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  return low
}
