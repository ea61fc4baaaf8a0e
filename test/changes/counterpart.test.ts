import { expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { plannedSteps } from '../../lib/runbook/plan.ts'
import type { Json } from '../../lib/runbook/json.ts'

/** The facts of an example as those of a cluster whose node groups are called otherwise. */
const renamed = (facts: Json, from: string, to: string): Json =>
  JSON.parse(JSON.stringify(facts).replaceAll(`"${from}`, `"${to}`)) as Json

const called = (steps: ReturnType<typeof plannedSteps>) =>
  steps.map(({ id, counterpart }) => counterpart ?? id)

test.for([upgradeCluster, swapNodeGroup])(
  'the steps of $id are called the same where the node groups have other names',
  (runbook) => {
    const { facts } = runbook.example
    const here = plannedSteps(runbook, facts)
    const there = plannedSteps(runbook, renamed(facts, 'web', 'frontend'))
    expect(there.map(({ id }) => id)).not.toEqual(here.map(({ id }) => id))
    expect(called(there)).toEqual(called(here))
  },
)

test('the steps of node groups that leave different AMI types are called differently', () => {
  const { facts } = swapNodeGroup.example
  const text = JSON.stringify(facts)
  const former = /"former":\{[^}]*"amiType":"([^"]+)"/.exec(text)?.[1] ?? ''
  const other = text.replace(/("former":\{[^}]*"amiType":")[^"]+/, '$1BOTTLEROCKET_x86_64')
  const there = called(plannedSteps(swapNodeGroup, JSON.parse(other) as Json))
  expect(called(plannedSteps(swapNodeGroup, facts))).toContain(`swap/${former}/drain`)
  expect(there).toContain('swap/BOTTLEROCKET_x86_64/drain')
})
