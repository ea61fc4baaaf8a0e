import type { Task } from '../timeline.ts'

/** A text that the planner of a task put into its data; empty where it did not. */
export const textOf = (data: Task['data'], key: string): string => {
  const value = data[key]
  return typeof value === 'string' ? value : ''
}
