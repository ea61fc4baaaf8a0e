import { describe, expect, test } from 'vitest'
import type { RehearsalResult } from '../../lib/evidence/rehearsal-result.ts'
import { rehearsalMarkdown, rehearsalText } from '../../lib/report/rehearsal-text.ts'
import type { Finding } from '../../lib/runbook/finding.ts'

const finding = (outcome: Finding['outcome'], object: string): Finding => ({
  code: 'DR-003',
  outcome,
  object,
  expected: 'a controller',
  found: 'none',
  hint: 'move it by hand',
  source: '',
})

const result: RehearsalResult = {
  runbook: 'swap-node-group',
  title: 'Swap a node group',
  cluster: 'small',
  world: 'worlds/small.yaml',
  faults: 'none',
  stepsDigest: 'a'.repeat(64),
  steps: 3,
  findings: [
    finding('warn', 'pod shop/debug'),
    finding('pass', 'pod shop/fine'),
    finding('warn', 'pod shop/job'),
  ],
  runs: [],
  assumed: [],
  interrupted: false,
}

describe.each([
  ['for people', rehearsalText],
  ['in Markdown', rehearsalMarkdown],
])('What a rehearsal showed %s', (_, text) => {
  test('names each warning with its way out, not only how many', () => {
    const shown = text(result)
    expect(shown).toContain('2 warn')
    for (const object of ['pod shop/debug', 'pod shop/job']) expect(shown).toContain(object)
    expect(shown).toContain('move it by hand')
    expect(shown).not.toContain('pod shop/fine')
  })

  test('has no list where there is nothing to warn of', () => {
    expect(text({ ...result, findings: [finding('pass', 'pod shop/fine')] })).not.toContain('DR-003')
  })
})
