import { expect, test } from 'vitest'
import { rehearseCommand } from '../../lib/evidence/closing-command.ts'

const plan = {
  runbook: 'upgrade-cluster',
  target: { cluster: 'prod', account: '1', region: 'eu-west-1', environment: 'production', arn: 'arn' },
  inputs: { cluster: 'prod', to: '1.34', soak: 5, keepOld: true, force: false },
}

test('The command that rehearses a plan has all of its inputs, so that it can be typed', () => {
  expect(rehearseCommand(plan)).toBe(
    'eks-runbook rehearse upgrade-cluster --cluster prod --to 1.34 --soak 5 --keep-old',
  )
})

test('It takes the releases that the plan took from evidence', () => {
  expect(rehearseCommand({ ...plan, asProven: '2026-09-23-a1' })).toMatch(/ --as-proven 2026-09-23-a1$/)
})
