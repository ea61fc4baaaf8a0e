import { expect, test } from 'vitest'
import { refusalOf } from '../../lib/cli/plan-findings.ts'
import type { Finding } from '../../lib/runbook/finding.ts'
import type { Plan } from '../../lib/runbook/plan.ts'

const finding = (outcome: Finding['outcome'], code: string): Finding => ({
  code,
  outcome,
  object: 'budget shop/\u001b[2Jcart',
  expected: 'one eviction allowed',
  found: 'none',
  hint: `mend ${code}`,
  source: '',
})

const planWith = (steps: number, ...findings: readonly Finding[]): Plan => ({
  schema: 1,
  runbook: 'upgrade-cluster',
  title: '',
  tool: '',
  target: { cluster: 'photo', account: '', region: '', environment: '', arn: '' },
  inputs: {},
  facts: {},
  steps: Array.from({ length: steps }, (_, index) => ({
    id: `${index}`,
    title: '',
    undo: 'nothing' as const,
    before: [],
    after: [],
    timeoutSeconds: 1,
    expectedSeconds: 1,
  })),
  digest: '',
  plannedBy: '',
  plannedAt: '',
  findings,
})

test('Warnings and passes stop nothing', () => {
  expect(refusalOf(planWith(1, finding('warn', 'A'), finding('pass', 'B')))).toBeUndefined()
})

test('A block comes before what is unknown, with its own hint and how many more', () => {
  const refusal = refusalOf(planWith(1, finding('unknown', 'A'), finding('block', 'B')))
  expect(refusal).toMatchObject({
    code: 'R010',
    message:
      'Cannot run upgrade-cluster on photo: B budget shop/cart: expected one eviction allowed, found none (and 1 more)',
    hint: 'mend B',
  })
})

test('What is unknown stops a plan that has something to do, and no other', () => {
  expect(refusalOf(planWith(1, finding('unknown', 'A')))?.code).toBe('R010')
  expect(refusalOf(planWith(0, finding('unknown', 'A')))).toBeUndefined()
  expect(refusalOf(planWith(0, finding('block', 'A')))?.code).toBe('R010')
})
