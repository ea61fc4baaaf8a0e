import { stops } from '../runbook/finding.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Plan } from '../runbook/plan.ts'

/**
 * R010 when a check stops the plan, naming the first finding and how many more there are.
 * What could not be looked at does not stop a plan that has nothing to do.
 */
export const refusalOf = (plan: Plan): RunbookError | undefined => {
  const [first, ...more] = plan.findings
    .filter((finding) => stops(finding) && (finding.outcome === 'block' || plan.steps.length > 0))
    .toSorted((a, b) => Number(b.outcome === 'block') - Number(a.outcome === 'block'))
  if (!first) return undefined
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  const what = `${first.code} ${first.object}: expected ${first.expected}, found ${first.found}`
  return new RunbookError(
    'R010',
    plainText(`Cannot run ${plan.runbook} on ${plan.target.cluster}: ${what}${rest}`),
    {
      hint: plainText(first.hint === '' ? 'read the findings of the plan' : first.hint),
    },
  )
}
