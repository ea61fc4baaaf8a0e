import { expect, test } from 'vitest'
import { readingError } from '../../lib/cli/reading-refusal.ts'
import { refusedError } from '../../lib/kube/refusal.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'

const refusal = (status: number, reason: string, message: string) => ({
  status,
  reason,
  message,
  causes: [],
  retryAfterSeconds: undefined,
  mayPass: false,
})
const again = 'type the same command'

test('Who plans and may not read is told the permission and the command, nothing of a run', () => {
  const said =
    'nodes is forbidden: User "x" cannot list resource "nodes" in API group "" at the cluster scope'
  const told = readingError(refusedError('list nodes', refusal(403, 'Forbidden', said)), { again })
  expect(told).toMatchObject({
    code: 'R083',
    hint: 'ask for the Kubernetes permission to list nodes, then: type the same command',
  })
})

test.each(['R022', 'R024', 'R030'] as const)('%s while planning speaks of no run', (code) => {
  const error = new RunbookError(code, 'Cannot look', { hint: 'then: eks-runbook resume <run>' })
  expect(readingError(error, { again })).toMatchObject({ code, hint: expect.stringMatching(/same command$/) })
})

test('An error with a way out of its own stays as it is', () => {
  const error = new RunbookError('R003', 'Cannot plan', { hint: 'eks-runbook explain upgrade-cluster' })
  expect(readingError(error, { again })).toBe(error)
})
