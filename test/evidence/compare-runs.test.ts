import { describe, expect, test } from 'vitest'
import { compareRuns, type ComparedRun } from '../../lib/evidence/compare-runs.ts'
import type { StepEvidence } from '../../lib/evidence/evidence.ts'
import { compareMarkdown, compareText } from '../../lib/report/compare-text.ts'

const step = (id: string, change: Partial<StepEvidence> = {}): StepEvidence => ({
  id,
  counterpart: id,
  title: `Do ${id}`,
  outcome: 'done',
  looksOnly: false,
  seconds: 60,
  expectedSeconds: 60,
  findings: [],
  ...change,
})
const version = (object: string, value: string) => ({ rule: 'add-on-version', object, value, names: [] })

const staging: ComparedRun = {
  run: 'run-a',
  from: 'journal',
  runbook: 'upgrade-cluster',
  target: {
    cluster: 'photo-staging',
    account: '1',
    region: 'eu-west-1',
    environment: 'staging',
    arn: '',
  },
  state: 'done',
  startedAt: '2026-09-23T07:00:00.000Z',
  endedAt: '2026-09-23T07:10:00.000Z',
  inputs: { cluster: 'photo-staging', to: '1.33' },
  shape: { must: [version('add-on coredns', 'v1')], may: [] },
  steps: [step('control-plane'), step('swap/web/drain', { counterpart: 'swap/AL2/drain' })],
}
const versus = (change: Partial<ComparedRun>) => compareRuns(staging, { ...staging, run: 'run-b', ...change })

describe('compareRuns', () => {
  test('finds a run the same as itself', () => {
    const { inputs, versions, steps } = versus({})
    expect([...inputs, ...versions, ...steps].map(({ same }) => same)).toEqual([true, true, true, true, true])
  })

  test('shows what either was given and the other was not', () => {
    expect(versus({ inputs: { to: '1.34', soak: 5 } }).inputs).toEqual([
      { name: 'cluster', a: 'photo-staging', b: null, same: false },
      { name: 'soak', a: null, b: 5, same: false },
      { name: 'to', a: '1.33', b: '1.34', same: false },
    ])
  })

  test('shows versions of both, and those that only one has', () => {
    const shape = { must: [version('add-on coredns', 'v2'), version('add-on vpc-cni', 'v1')], may: [] }
    expect(versus({ shape }).versions).toEqual([
      { rule: 'add-on-version', object: 'add-on coredns', a: 'v1', b: 'v2', same: false },
      { rule: 'add-on-version', object: 'add-on vpc-cni', a: null, b: 'v1', same: false },
    ])
  })

  test('says nothing of versions where the shape of one is not known', () => {
    expect(versus({ shape: undefined }).versions).toEqual([])
  })

  test('pairs steps by what they are called on every cluster, several of one kind in their order', () => {
    const drains = ['x', 'y'].map((name) =>
      step(`swap/${name}/drain`, { counterpart: 'swap/AL2/drain', seconds: 90 }),
    )
    expect(
      versus({ steps: [...drains, step('control-plane')] }).steps.map(({ a, b, factor }) => [
        a?.id,
        b?.id,
        factor,
      ]),
    ).toEqual([
      ['control-plane', 'control-plane', 1],
      ['swap/web/drain', 'swap/x/drain', 1.5],
      [undefined, 'swap/y/drain', null],
    ])
  })

  test('says what only one of them warned of, by code and outcome and not by object', () => {
    const warn = (code: string, object: string) =>
      ({ when: 'before', code, outcome: 'warn', object }) as const
    const [left] = compareRuns(
      { ...staging, steps: [step('drain', { findings: [warn('WL-001', 'a'), warn('WL-002', 'b')] })] },
      { ...staging, steps: [step('drain', { findings: [warn('WL-001', 'c')] })] },
    ).steps
    expect(left).toMatchObject({
      same: false,
      onlyInA: [{ code: 'WL-002', outcome: 'warn', object: 'b' }],
      onlyInB: [],
    })
  })

  test('tells a step that was so already from one that was done, and takes no factor of no time', () => {
    const steps = [step('control-plane', { outcome: 'already', seconds: 0 })]
    expect(compareRuns({ ...staging, steps }, staging).steps[0]).toMatchObject({ same: false, factor: null })
  })
})

describe('the text of a comparison', () => {
  const evil = step('drain', {
    title: 'Drain | \u001b[31mweb',
    findings: [{ when: 'before', code: 'WL-001', outcome: 'warn', object: 'pod <b>' }],
  })
  const comparison = versus({ steps: [step('control-plane', { seconds: 90 }), evil], inputs: { to: '1.34' } })

  test('marks what differs and is harmless', () => {
    expect(compareText(comparison)).toMatchInlineSnapshot(`
      "a  run-a: upgrade-cluster on photo-staging (staging), done in 10m00s, 2026-09-23T07:00:00.000Z
      b  run-b: upgrade-cluster on photo-staging (staging), done in 10m00s, 2026-09-23T07:00:00.000Z

      Inputs
        !  cluster  photo-staging  -
        !  to       1.33           1.34

      Must be equal between staging and production
        =  1 alike (all of them: --output json)

      Steps
           step               a      b      factor
        =  Do control-plane   1m00s  1m30s  1.50
        !  Do swap/web/drain  1m00s  -
        !  Drain | web        -      1m00s
            only in b: warn WL-001 pod <b>

      2 of 3 inputs and versions differ, 2 of 3 steps went otherwise
      "
    `)
  })

  test('is a table in Markdown without markup of its own', () => {
    const text = compareMarkdown(comparison)
    expect(text).toContain('| Drain \\| web | - | 1m00s |  |  | warn WL-001 pod &lt;b&gt; |')
    expect(text).toContain('| to | 1.33 | 1.34 | no |')
  })
})
