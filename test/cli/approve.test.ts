import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { keepPlan } from '../../lib/runbook/plan-store.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { planOf } from '../evidence/gate-case.ts'
import { runInProcess } from './terminal-double.ts'

const state = mkdtempSync(path.join(tmpdir(), 'approve-'))
afterAll(() => rmSync(state, { recursive: true }))

const digested = (plan: Plan): Plan => ({ ...plan, digest: planDigest(plan) })
const kept = digested(planOf({}))

beforeAll(() => keepPlan(folderStore(state), kept))

const type = (...argv: readonly string[]) => runInProcess([...argv, '--state', state])

test.each([
  ['approve without a reason', 2, 'R001', ['approve', kept.digest, '--yes']],
  [
    'approve with a reason of control characters',
    2,
    'R001',
    ['approve', kept.digest, '--reason', '\u001b[2J'],
  ],
  ['approve of a plan that nobody kept', 2, 'R081', ['approve', 'f'.repeat(64), '--reason', 'fine']],
  ['approve of what is no digest', 2, 'R081', ['approve', '../../etc', '--reason', 'fine']],
  ['run of a plan that nobody kept', 2, 'R081', ['run', '--plan', 'f'.repeat(64)]],
  ['run that breaks the glass without a reason', 2, 'R001', ['run', '--plan', kept.digest, '--break-glass']],
  ['review without a reason', 2, 'R001', ['review', '2026-09-23-a1b2']],
  ['review of no run', 2, 'R008', ['review', '2026-09-23-a1b2', '--reason', 'read it']],
])('%s ends with %d and %s', async (_, exit, told, argv) => {
  const { code, stderr } = await type(...argv)
  expect([code, stderr.slice(0, 4)]).toEqual([exit, told])
})

test('A refusal leaves no approval', async () => {
  expect(await folderStore(state).list('approvals')).toEqual([])
})

test('A file of that name comes before the digest of a kept plan', async () => {
  const file = path.join(state, kept.digest)
  writeFileSync(file, 'no plan')
  const { code, stderr } = await runInProcess(['run', '--plan', kept.digest], { cwd: state })
  expect([code, stderr.slice(0, 4)]).toEqual([2, 'R006'])
})
