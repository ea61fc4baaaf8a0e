import { describe, expect, test } from 'vitest'
import { comparisonLines, comparisonSection, heldText } from '../../lib/report/comparison-text.ts'
import { nextCommands } from '../../lib/report/run-text.ts'
import { runDocument } from '../../lib/report/schemas/runs.ts'
import type { StepDifference } from '../../lib/runbook/journal-event.ts'
import type { RunView, StepView } from '../../lib/runbook/run-view.ts'

const slower: StepDifference = {
  kind: 'duration',
  object: 'drain',
  expected: 'up to 1m',
  found: '\u001b[31m9m',
}
const step = (comparison?: StepView['comparison']): StepView => ({
  id: 'drain',
  title: 'Drain | web',
  state: 'done',
  reopened: false,
  failures: [],
  findings: [],
  actions: [],
  notes: {},
  undoNotes: {},
  ...(comparison ? { comparison } : {}),
})
const alike = step({ with: 'run-a', differences: [] })
const open = step({ with: 'run-a', differences: [slower] })
const accepted = step({
  with: 'run-a',
  differences: [slower],
  accepted: { at: '2026-09-23T07:12:30.000Z', by: 'arn:ann', reason: 'twice the nodes' },
})

/** Only what these functions read. */
const run = (...steps: readonly StepView[]) =>
  ({
    id: 'run-b',
    state: 'waiting-for-approval',
    undoing: false,
    pauses: [],
    glassBroken: [],
    steps,
  }) as unknown as RunView

test('The schema of a run knows how its steps were held', () => {
  const { comparison } = runDocument.shape.steps.element.parse(accepted)
  expect(comparison).toEqual(accepted.comparison)
})

describe('heldText', () => {
  test('counts the steps that were held and those that went otherwise', () => {
    expect(heldText(run(alike, open, step()))).toBe('against run-a: 2 steps, 1 otherwise')
    expect(heldText(run(alike))).toBe('against run-a: 1 steps, all alike')
  })

  test('says nothing of a run that was held against nothing', () => {
    expect(heldText(run(step()))).toBeUndefined()
    expect(comparisonSection(run(step()))).toEqual([])
  })
})

describe('comparisonLines', () => {
  test('says both values as harmless text, and whether somebody said yes', () => {
    expect(comparisonLines(open).map((line) => line.trim())).toEqual([
      'duration of drain: expected up to 1m, found 9m',
      'nobody has accepted this yet',
    ])
    expect(comparisonLines(accepted)[1]).toContain('accepted at 07:12:30 by arn:ann: twice the nodes')
  })

  test('says nothing under a step that went alike', () => {
    expect(comparisonLines(alike)).toEqual([])
  })
})

describe('comparisonSection', () => {
  test('is a table without markup of its own in the cells', () => {
    expect(comparisonSection(run(alike, accepted))).toContain(
      '| Drain \\| web | duration | drain | up to 1m | 9m | accepted at 07:12:30 by arn:ann: twice the nodes |',
    )
  })
})

describe('nextCommands', () => {
  test('names the yes while differences are open, and no more once they are accepted', () => {
    const accepting = 'eks-runbook resume run-b --accept-differences --reason "why it is well"'
    expect(nextCommands(run(open))[0]).toBe(accepting)
    expect(nextCommands(run(accepted))[0]).toBe('eks-runbook resume run-b')
  })
})
