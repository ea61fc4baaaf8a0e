import type { AddOn } from '../aws/eks-add-ons.ts'
import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import { check, type Found } from './finding.ts'

/** AD-002. `names`: those a step touches; left out: all. */
export const addOnsHealthy = (names?: readonly string[]): Check<Target> =>
  check('AD-002', 'add-ons', async ({ target: { eks, cluster } }) => {
    const found: Found[] = []
    for (const name of names ?? (await eks.addOnNames(cluster))) {
      const addOn = await eks.describeAddOn(cluster, name)
      if (addOn) found.push(...addOnProblems(addOn))
    }
    return found
  })

export const addOnProblems = ({
  name,
  status,
  issues,
}: Pick<AddOn, 'name' | 'status' | 'issues'>): readonly Found[] => {
  const common = { object: `add-on ${name}`, hint: 'mend what EKS names' }
  if (issues.length > 0)
    return issues.map(({ code, message }) => ({
      ...common,
      outcome: 'block',
      expected: 'no issue',
      found: `${code}: ${message}`,
    }))
  // An add-on being updated is joined by the step that moves it.
  if (status === 'ACTIVE' || status === 'UPDATING') return []
  return [{ ...common, outcome: 'block', expected: 'ACTIVE', found: status }]
}
