import { describe, expect, test } from 'vitest'
import { compareStep } from '../../lib/evidence/compare-steps.ts'
import type { StepEvidence } from '../../lib/evidence/evidence.ts'
import { stepResult } from '../../lib/evidence/step-results.ts'
import type { StepView } from '../../lib/runbook/run-view.ts'
import type { PlannedStep } from '../../lib/runbook/plan.ts'
import type { Finding } from '../../lib/runbook/finding.ts'

const drain: StepEvidence = {
  id: 'hop-1.33/swap/web/drain',
  counterpart: 'hop-1.33/swap/AL2_x86_64/drain',
  title: 'Drain node group web',
  outcome: 'done',
  looksOnly: false,
  seconds: 600,
  expectedSeconds: 600,
  findings: [],
}
const step = (change: Partial<StepEvidence>): StepEvidence => ({ ...drain, ...change })
const found = (code: string, outcome: Finding['outcome'], object = 'budget shop/cart') =>
  ({ when: 'before', code, outcome, object }) as const
const compare = (done: StepEvidence, ...proven: readonly StepEvidence[]) =>
  compareStep({ step: done }, proven, { factor: 3 })

describe('compareStep', () => {
  test('finds nothing where a step went as it was proven', () => {
    expect(compare(drain, drain)).toEqual([])
  })

  test('names a step that nothing was proven of', () => {
    expect(compare(drain, step({ counterpart: 'hop-1.33/swap/BOTTLEROCKET_x86_64/drain' }))).toEqual([
      {
        kind: 'no-counterpart',
        object: 'hop-1.33/swap/AL2_x86_64/drain',
        expected: 'the same step',
        found: 'no such step',
      },
    ])
  })

  test('takes of several groups the one that went most alike', () => {
    const quick = step({ seconds: 10 })
    expect(compare(drain, quick, drain)).toEqual([])
    expect(compare(drain, drain, quick)).toEqual([])
    expect(compare(drain, quick)).toHaveLength(1)
  })

  describe('of a duration', () => {
    test.for([
      { name: 'one beyond the factor', here: 1801, there: 600, differs: true },
      { name: 'one at the factor', here: 1800, there: 600, differs: false },
      { name: 'one beyond the factor, but only seconds more', here: 60, there: 5, differs: false },
      { name: 'one of a minute more than a second', here: 62, there: 0.2, differs: true },
      { name: 'one shorter than where it was proven', here: 5, there: 600, differs: false },
    ])('$name is a difference: $differs', ({ here, there, differs }) => {
      const differences = compare(step({ seconds: here }), step({ seconds: there }))
      expect(differences.map(({ kind }) => kind)).toEqual(differs ? ['duration'] : [])
    })

    test('says both and how much it may be', () => {
      expect(compare(step({ seconds: 1801 }), drain)).toEqual([
        {
          kind: 'duration',
          object: 'hop-1.33/swap/web/drain',
          expected: 'up to 30m00s (there 10m00s)',
          found: '30m01s',
        },
      ])
    })

    test('grants as much more time as the larger cluster is expected to need', () => {
      const larger = step({ seconds: 5000, expectedSeconds: 1800 })
      expect(compare(larger, drain)).toEqual([])
      expect(compare(step({ seconds: 5401, expectedSeconds: 1800 }), drain)).toHaveLength(1)
    })

    test('is what is expected here where there was nothing to do there', () => {
      const already = step({ looksOnly: true, outcome: 'already', seconds: 0 })
      expect(compare(step({ looksOnly: true, seconds: 1800 }), already)).toEqual([])
      expect(compare(step({ looksOnly: true, seconds: 1801 }), already)).toMatchObject([
        { kind: 'duration', expected: 'up to 30m00s (there so already)' },
      ])
    })

    test('grants no less where less is expected', () => {
      expect(compare(step({ seconds: 1800, expectedSeconds: 60 }), drain)).toEqual([])
    })
  })

  describe('of an outcome', () => {
    test('names what had to be done where it was proven and was so already here, and the other way round', () => {
      const already = step({ outcome: 'already', seconds: 0 })
      expect(compare(already, drain)).toEqual([
        { kind: 'outcome', object: 'hop-1.33/swap/web/drain', expected: 'done', found: 'already' },
      ])
      expect(compare(drain, already)).toEqual([
        { kind: 'outcome', object: 'hop-1.33/swap/web/drain', expected: 'already', found: 'done' },
      ])
      expect(compare(already, already)).toEqual([])
    })

    test('lets a step that only looks find its state either way', () => {
      const looks = step({ looksOnly: true })
      const already = step({ looksOnly: true, outcome: 'already', seconds: 0 })
      expect(compare(already, looks)).toEqual([])
      expect(compare(looks, already)).toEqual([])
    })
  })

  describe('of findings', () => {
    test('names a warning and an unknown that were not there where it was proven', () => {
      const here = step({ findings: [found('WL-001', 'warn'), found('CP-009', 'unknown', 'insights')] })
      const there = step({ findings: [found('WL-001', 'pass', 'budgets')] })
      expect(compare(here, there)).toEqual([
        { kind: 'finding', object: 'WL-001 budget shop/cart', expected: 'pass', found: 'warn' },
        { kind: 'finding', object: 'CP-009 insights', expected: 'no such finding', found: 'unknown' },
      ])
    })

    test('says nothing of a warning that showed there on other objects, nor of what passes', () => {
      const here = step({ findings: [found('WL-001', 'warn'), found('WL-002', 'pass')] })
      const there = step({ findings: [found('WL-001', 'warn', 'budget test/other')] })
      expect(compare(here, there)).toEqual([])
    })

    test('tells an unknown from a warning of the same code', () => {
      const here = step({ findings: [found('WL-001', 'unknown')] })
      const there = step({ findings: [found('WL-001', 'warn')] })
      expect(compare(here, there)).toMatchObject([{ expected: 'warn', found: 'unknown' }])
    })

    test('tells reasons of warnings and checks of the team apart by their objects', () => {
      const findings = [
        found('RG-006', 'warn', 'warnings BackOff'),
        found('SM-001', 'warn', 'smoke check front'),
      ]
      const there = step({
        findings: [found('RG-006', 'warn', 'warnings Unhealthy'), found('SM-001', 'warn', 'smoke check api')],
      })
      expect(compare(step({ findings }), there).map(({ object, expected }) => [object, expected])).toEqual([
        ['RG-006 warnings BackOff', 'no such finding'],
        ['SM-001 smoke check front', 'no such finding'],
      ])
      expect(compare(step({ findings }), step({ findings }))).toEqual([])
    })

    test('says nothing of a reason that showed at another step of the run that proved it', () => {
      const findings = [found('RG-006', 'warn', 'warnings BackOff')]
      const other = step({ counterpart: 'other', findings })
      expect(compare(step({ findings }), drain, other)).toEqual([])
    })

    test('says what was found and what was expected, as it stood last', () => {
      const finding = found('RG-006', 'warn', 'warnings BackOff')
      const words = { ...finding, expected: 'none, as at the baseline', hint: '', source: '' }
      const said = [
        { ...words, found: 'one' },
        { ...words, found: '12' },
      ]
      expect(
        compareStep({ step: step({ findings: [finding] }), said }, [drain], { factor: 3 }),
      ).toMatchObject([{ expected: 'no such finding', found: 'warn: 12, not none, as at the baseline' }])
    })

    test('counts the objects of one code in one difference, each once', () => {
      const findings = [
        found('WL-001', 'warn', 'a'),
        found('WL-001', 'warn', 'b'),
        { ...found('WL-001', 'warn', 'b'), when: 'after' as const },
      ]
      expect(compare(step({ findings }), drain)).toMatchObject([{ object: 'WL-001 a and 1 more' }])
    })
  })
})

const planned: PlannedStep = {
  id: drain.id,
  title: drain.title,
  counterpart: drain.counterpart,
  undo: 'change',
  before: [],
  after: [],
  timeoutSeconds: 3600,
  expectedSeconds: 600,
}
const warned: Finding = {
  ...found('WL-001', 'warn'),
  expected: 'one eviction allowed',
  found: 'none',
  hint: '',
  source: '',
}
const view: StepView = {
  id: drain.id,
  title: drain.title,
  state: 'done',
  startedAt: '2026-09-23T07:00:00.000Z',
  endedAt: '2026-09-23T07:10:00.500Z',
  reopened: false,
  failures: [],
  findings: [
    { when: 'before', at: '2026-09-23T07:00:00.000Z', findings: [warned] },
    { when: 'before', at: '2026-09-23T07:05:00.000Z', findings: [warned] },
  ],
  actions: [],
  notes: {},
  undoNotes: {},
}

describe('stepResult', () => {
  test('says how a step went, each finding once', () => {
    expect(stepResult(view, planned)).toEqual({
      ...drain,
      seconds: 600.5,
      findings: [found('WL-001', 'warn')],
    })
  })

  test('calls a step by its id where it has no other name, and knows one that moves nothing', () => {
    const { counterpart: _, ...without } = planned
    expect(stepResult(view, { ...without, undo: 'nothing' })).toMatchObject({
      counterpart: drain.id,
      looksOnly: true,
    })
  })

  test.for(['waiting', 'running', 'failed', 'undoing', 'undone'] as const)(
    'says nothing of a step that is %s',
    (state) => {
      expect(stepResult({ ...view, state }, planned)).toBeUndefined()
    },
  )
})
