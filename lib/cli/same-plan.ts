import { RunbookError } from '../runbook/errors.ts'
import { diffPlans, summarizeDifferences } from '../runbook/plan-difference.ts'
import type { Plan } from '../runbook/plan.ts'

interface Saved {
  readonly saved: Plan
  /** What was to be done with it: `run plan.json`. */
  readonly deed: string
  /** File for the plan that is made instead. */
  readonly file: string
}

/** Throws R011 when the world gives another plan than the one that was saved. */
export const refuseOtherPlan = (fresh: Plan, { saved, deed, file }: Saved): void => {
  if (fresh.digest === saved.digest) return
  const differences = summarizeDifferences(diffPlans(saved, fresh))
  throw new RunbookError(
    'R011',
    `Cannot ${deed}: expected the world to give the same plan, found ${differences}`,
    {
      hint: `see whether a run is at work (eks-runbook runs), then plan again: ${planCommand(saved, file)}`,
    },
  )
}

/** The command that makes the plan again, with the inputs it was made with. */
const planCommand = ({ runbook, inputs, asProven }: Plan, file: string): string => {
  const words = Object.entries(inputs).flatMap(([name, value]) => {
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (value === true) return [option]
    return typeof value === 'string' || typeof value === 'number' ? [option, String(value)] : []
  })
  const proven = asProven === undefined ? [] : ['--as-proven', asProven]
  return ['eks-runbook plan', runbook, ...words, ...proven, '--save', file].join(' ')
}
