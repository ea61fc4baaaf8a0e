import { describe, expect, test } from 'vitest'
import { compareRuns, type ComparedRun } from '../../lib/evidence/compare-runs.ts'
import { judge } from '../../lib/evidence/gate.ts'
import { compareText } from '../../lib/report/compare-text.ts'
import { evidenceText } from '../../lib/report/evidence-text.ts'
import { gateText } from '../../lib/report/gate-text.ts'
import { caseOf, evidenceOf } from '../evidence/gate-case.ts'

const smooth = evidenceOf()
const rough = evidenceOf({
  steps: smooth.steps.map((step) => ({ ...step, failures: ['R022', 'R022'], outcome: 'done' as const })),
})

const shownBy = {
  'evidence show': (evidence) => evidenceText({ evidence, signer: { name: 'ci' }, keyId: '0'.repeat(64) }),
  compare: (evidence) => compareText(compareRuns(side(smooth), side(evidence))),
  'gate explain': (evidence) =>
    gateText(judge(caseOf({ candidates: [{ name: evidence.run, evidence }] })), {
      file: 'plan.json',
      digest: '',
    }),
} satisfies { readonly [command: string]: (evidence: typeof smooth) => string }

const side = (evidence: typeof smooth): ComparedRun => ({ ...evidence, from: 'evidence' })

describe.each(Object.entries(shownBy))('%s', (_, shown) => {
  test('says with what a step failed before it was done', () => {
    expect(shown(rough)).toContain('after R022, R022')
  })

  test('says nothing of a step that went through at once', () => {
    expect(shown(smooth)).not.toContain('R022')
  })
})
