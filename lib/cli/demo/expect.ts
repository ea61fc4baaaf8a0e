import { RunbookError } from '../../runbook/errors.ts'

/** R099: the demo did not go as written. */
export const broken = (what: string): RunbookError =>
  new RunbookError('R099', `Cannot go on with the demo: ${what}`, { hint: 'report it with the output above' })
