import { expect, test } from 'vitest'
import { RunbookError } from '../../lib/runbook/errors.ts'
import { ofRun } from '../../lib/runbook/failure.ts'

test('a hint for any run names the run at hand', () => {
  const error = new RunbookError('R022', 'EKS refused', { hint: 'mend it, then: eks-runbook resume <run>' })
  expect(ofRun(error, '2026-11-22-a1b2')).toMatchObject({
    code: 'R022',
    hint: 'mend it, then: eks-runbook resume 2026-11-22-a1b2',
  })
})

test('a hint without a run stays as it is', () => {
  const error = new RunbookError('R022', 'EKS refused', { hint: 'mend it' })
  expect(ofRun(error, '2026-11-22-a1b2')).toBe(error)
})
