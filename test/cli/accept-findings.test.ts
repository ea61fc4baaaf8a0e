import { describe, expect, test } from 'vitest'
import { acceptedFindings, eachFinding, type Accepting } from '../../lib/cli/accept-findings.ts'
import type { Json } from '../../lib/runbook/json.ts'
import type { RunView } from '../../lib/runbook/run-view.ts'

const reason = 'its address has moved'
const before = { finding: 'RG-001', by: 'bob', reason: 'known' }

const runWith = (notes: { [key: string]: Json }): RunView =>
  // Nothing but the baseline's notes is read.
  ({ id: 'a', steps: [{ id: 'baseline', notes }] }) as unknown as RunView
const remarkOf = (given: Accepting, notes: { [key: string]: Json } = { reading: {} }) =>
  acceptedFindings(runWith(notes), given)('alice').remark

describe('resume --accept', () => {
  test('is noted with the baseline: who, why, and what was accepted before', () => {
    const more = { finding: 'SM-001 smoke check front', by: 'alice', reason }
    expect(remarkOf({ accept: [more.finding], reason }, { reading: {}, accepted: [before] })).toEqual({
      step: 'baseline',
      key: 'accepted',
      value: [before, more],
    })
  })

  test('notes nothing where nothing is named', () => expect(remarkOf({ reason })).toBeUndefined())

  test('may be given more than once', () =>
    expect(eachFinding('RG-001', eachFinding('RG-004', undefined))).toEqual(['RG-004', 'RG-001']))

  test.for<[string, Accepting, RegExp]>([
    ['without a reason', { accept: ['RG-001'], reason: ' ' }, /expected --reason/],
    ['of another rule', { accept: ['WL-001'], reason }, /found WL-001/],
  ])('%s is R001', ([, given, message]) => expect(() => remarkOf(given)).toThrow(message))

  test('is R001 where the run has no baseline yet', () =>
    expect(() => remarkOf({ accept: ['RG-001'], reason }, {})).toThrow(/expected a run with a baseline/))
})
