import { openReview } from '../evidence/review.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { RunReading } from '../runbook/runs.ts'
import type { Cli } from './cli.ts'
import { readCliFleet } from './open-target.ts'
import { isGone } from './owner.ts'

/** What it takes to tell how a run stands: whose process is gone, and whose review counts, which is nobody's without a fleet. */
export const runReading = (cli: Cli, fleet: string | undefined): RunReading => {
  const rules = rulesOf(cli, fleet)
  return rules ? { isGone, openReview: (run, text) => openReview(text, run, rules) } : { isGone }
}

const rulesOf = (cli: Cli, option: string | undefined) => {
  try {
    const { evidence, settings } = readCliFleet(cli, option).fleet
    return { signers: evidence.signers, ssoRoles: settings.ssoRoles }
  } catch (error) {
    if (error instanceof RunbookError && error.code === 'R004') return undefined
    throw error
  }
}
