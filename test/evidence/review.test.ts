import { beforeAll, describe, expect, test } from 'vitest'
import { openReview, reviewStatement, type ReviewRules } from '../../lib/evidence/review.ts'
import { seal } from '../../lib/evidence/seal.ts'
import type { RunbookError } from '../../lib/runbook/errors.ts'
import type { RunView } from '../../lib/runbook/run-view.ts'
import { readRun } from '../../lib/runbook/runs.ts'
import { freshSigner, trusting } from './keys.ts'
import { plain, tool, walked } from './proven.ts'

const role = (name: string) => `arn:aws:iam::444455556666:role/${name}`
const [alice, bob, carol] = [role('deployer'), role('reviewer'), role('on-call')]
const key = freshSigner()
const rules: ReviewRules = { signers: [{ ...trusting('bob', key), principal: bob }], ssoRoles: [] }

let run: RunView
beforeAll(async () => {
  const done = await walked([plain], { toolDigest: tool.digest, by: alice })
  const brokenGlass = { by: alice, reason: 'the site is down', skipped: 'R060' }
  run = { ...(await readRun(done.store, done.run)), clearance: { brokenGlass } }
})

const sealed = (by = bob, signer = key) => {
  const review = { run: run.id, by, at: '2026-09-23T08:00:00.000Z', reason: 'read it' }
  return seal(reviewStatement(run, review), signer)
}

const verdict = (text: string, of: Partial<RunView> = {}, more: Partial<ReviewRules> = {}): string => {
  try {
    return openReview(text, { ...run, ...of }, { ...rules, ...more }).by
  } catch (error) {
    return (error as RunbookError).code
  }
}

describe('A review', () => {
  test('counts when somebody else signed it with the own key', async () => {
    expect(verdict(await sealed())).toBe(bob)
  })

  test('that was edited is R062, and one by a key that nobody or another has is R063', async () => {
    const text = await sealed()
    expect(verdict(text.replace('"sig":"', '"sig":"A'))).toBe('R062')
    expect(verdict(await sealed(bob, freshSigner()))).toBe('R063')
    expect(verdict(await sealed(carol))).toBe('R063')
    expect(verdict(text, {}, { signers: [trusting('bob', key)] })).toBe('R063')
  })

  test('by whoever started it, went on with it or broke the glass is R071', async () => {
    expect(verdict(await sealed(alice))).toBe('R071')
    expect(verdict(await sealed(), { callers: [alice, bob] })).toBe('R071')
    const glass = { by: bob, reason: 'the site is down', skipped: 'R062', at: run.startedAt }
    expect(verdict(await sealed(), { glassBroken: [glass] })).toBe('R071')
    expect(verdict(await sealed(), { callers: [''] })).toBe('R071')
  })

  test('of another run or plan, or of an end before it went on, is R066', async () => {
    const text = await sealed()
    expect(verdict(text, { id: '2026-09-23-other' })).toBe('R066')
    expect(verdict(text, { plan: { ...run.plan, digest: 'f'.repeat(64) } })).toBe('R066')
    expect(verdict(text, { endedAt: '2026-09-24T08:00:00.000Z' })).toBe('R066')
  })
})
