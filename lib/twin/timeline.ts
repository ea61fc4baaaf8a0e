import type { Json } from '../runbook/json.ts'

/** Work due at a later virtual time, as plain data: a snapshot of the twin carries its whole future. */
export interface Task {
  /** Names the handler in the table that the part registers, such as `eks.finishUpdate`. */
  readonly kind: string
  /** Narrowed by the handler that planned it. */
  readonly data: { readonly [key: string]: Json | undefined }
}

/** The twin's time. Deterministic: tasks due at the same time run in the order they were planned. */
export interface Timeline {
  /** Virtual milliseconds since the Unix epoch. */
  readonly now: () => number
  /** Plans a task `seconds` from now; 0 runs it after the current call, before time moves. */
  readonly after: (seconds: number, task: Task) => void
}

/** What a part of the twin does when its tasks fall due. */
export type TaskHandlers = { readonly [kind: string]: (data: Task['data']) => void | Promise<void> }

/** The plain-data part of a timeline, for snapshots. */
export interface TimelineState {
  now: number
  order: number
  /** Kept sorted by `at`, then `order`. */
  readonly tasks: { readonly at: number; readonly order: number; readonly task: Task }[]
}
