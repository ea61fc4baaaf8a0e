import { expect, test } from 'vitest'
import { isAcceptable, lettingStay, withAcceptances } from '../../lib/checks/accepted.ts'
import type { Regression } from '../../lib/checks/regression.ts'

const worse = (change: Partial<Regression> = {}): Regression => ({
  code: 'RG-001',
  outcome: 'block',
  object: 'Deployment shop/cart',
  expected: '4 ready, as at the baseline',
  found: '3 ready of 4 wanted',
  ...change,
})
const yes = (finding: string) => ({ finding, by: 'alice', reason: 'known' })
const outcomes = (regressions: readonly Regression[], ...findings: string[]) =>
  lettingStay(regressions, withAcceptances(undefined, findings.map(yes))).map(({ outcome }) => outcome)

test('a finding that is named warns, with who and why; another object and another code still block', () => {
  const [first] = lettingStay([worse()], [yes('RG-001 Deployment shop/cart')])
  expect(first).toMatchObject({ outcome: 'warn', found: '3 ready of 4 wanted (accepted by alice: known)' })
  expect(outcomes([worse({ object: 'Deployment shop/web' })], 'RG-001 Deployment shop/cart')).toEqual([
    'block',
  ])
  expect(outcomes([worse({ code: 'RG-002' })], 'RG-001 Deployment shop/cart')).toEqual(['block'])
})

test('a code alone stands for all of it', () =>
  expect(outcomes([worse(), worse({ object: 'Deployment shop/web' })], 'RG-001')).toEqual(['warn', 'warn']))

test('what could not be told is nothing to accept', () =>
  expect(outcomes([worse({ outcome: 'unknown' })], 'RG-001')).toEqual(['unknown']))

test('what was accepted earlier stays so', () => {
  const note = [...withAcceptances([yes('RG-001')], [yes('SM-001')])]
  expect(lettingStay([worse(), worse({ code: 'SM-001' })], note).map(({ outcome }) => outcome)).toEqual([
    'warn',
    'warn',
  ])
})

test('only what is worse than the baseline and checks of the team may be accepted', () => {
  for (const finding of ['RG-001', 'SM-003 smoke check front']) expect(isAcceptable(finding)).toBe(true)
  for (const finding of ['WL-001', 'RG-1', 'RG-001x', '']) expect(isAcceptable(finding)).toBe(false)
})
