import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../lib/evidence/evidence.ts'
import { bestRefusal, judge, type GateCase } from '../../lib/evidence/gate.ts'
import { gatedBy } from '../../lib/evidence/gated.ts'
import type { RehearsalRecord } from '../../lib/evidence/rehearsal-gate.ts'
import { gateText } from '../../lib/report/gate-text.ts'
import { RunbookError, type RunbookErrorCode } from '../../lib/runbook/errors.ts'
import { stepsDigest } from '../../lib/runbook/plan.ts'
import {
  candidate,
  caseOf,
  evidenceOf,
  fleetOf,
  hours,
  noShape,
  planOf,
  production,
  staging,
  tool,
} from './gate-case.ts'

const refusalOf = (changes: Partial<GateCase>) => bestRefusal(judge(caseOf(changes)))
const withEvidence = (changes: Partial<Evidence>) => ({ candidates: [candidate(changes)] })
const broken = (code: RunbookErrorCode, name = '2026-09-23-broken') => ({
  name,
  error: new RunbookError(code, `Cannot trust ${name}`, { hint: 'eks-runbook evidence list' }),
})
const coredns = (value: string) => ({
  must: [{ rule: 'add-on-version', object: 'add-on coredns on 1.33', value, names: ['coredns'] }],
  may: [],
})
const days = (count: number) => hours(24 * count)
const needsRehearsal = fleetOf({ evidence: { rehearsalDays: 7 } })
const rehearsal = (changes: Partial<RehearsalRecord> = {}): RehearsalRecord => ({
  id: '2026-09-23-rehearsed',
  cluster: production.arn,
  stepsDigest: stepsDigest(planOf()),
  runbook: 'upgrade-cluster',
  tool,
  world: { origin: 'import', name: 'an import of photo-prod', sha256: 'c'.repeat(64) },
  at: hours(1),
  ended: { done: 5, of: 5 },
  ...changes,
})
const [done] = evidenceOf().steps
const already = done ? [{ ...done, outcome: 'already' as const }] : []

/** What is wrong, the code of the refusal, and what its text must name. */
const refused: readonly (readonly [string, RunbookErrorCode, Partial<GateCase>, RegExp])[] = [
  ['no evidence at all', 'R060', { candidates: [] }, /evidence of photo-staging, found none/],
  ['no pair in the fleet', 'R060', { fleet: fleetOf({ pairs: [] }) }, /pairs of fleet\.yaml/],
  ['evidence of another runbook only', 'R060', withEvidence({ runbook: 'swap-node-group' }), /photo-staging/],
  [
    'another version of an add-on',
    'R061',
    { shape: coredns('v1.12.4'), ...withEvidence({ shape: coredns('v1.12.3') }) },
    /add-on coredns on 1\.33 as proven \(add-on-version: v1\.12\.3\), found v1\.12\.4/,
  ],
  [
    'an add-on that staging has not',
    'R061',
    { shape: coredns('v1.12.4') },
    /add-on coredns on 1\.33 to be proven \(add-on-version\), found v1\.12\.4/,
  ],
  ['an edited envelope', 'R062', { candidates: [broken('R062')] }, /2026-09-23-broken/],
  ['an unknown signer', 'R063', { candidates: [broken('R063')] }, /2026-09-23-broken/],
  [
    'evidence of 15 days',
    'R064',
    withEvidence({ startedAt: days(15), endedAt: days(15) }),
    /at most 14 days/,
  ],
  ['evidence begun 15 days ago that ended today', 'R064', withEvidence({ startedAt: days(15) }), /14 days/],
  ['evidence that ended before it began', 'R064', withEvidence({ endedAt: hours(4) }), /14 days/],
  ['evidence without a date', 'R064', withEvidence({ endedAt: 'yesterday' }), /yesterday/],
  [
    'evidence older than the fleet lets it be',
    'R064',
    { fleet: fleetOf({ evidence: { maxAgeDays: 0.05 } }) },
    /at most 0\.05 days/,
  ],
  [
    'evidence of another cluster',
    'R065',
    withEvidence({ target: { ...staging, arn: staging.arn.replace('photo-staging', 'other-staging') } }),
    /cluster\/other-staging/,
  ],
  [
    'evidence of a cluster of the same name in another account',
    'R065',
    withEvidence({ target: { ...staging, arn: staging.arn.replace('111122223333', '999900001111') } }),
    /999900001111/,
  ],
  [
    'evidence of a cluster of the same name in another Region',
    'R065',
    withEvidence({ target: { ...staging, arn: staging.arn.replace('eu-west-1', 'us-east-1') } }),
    /us-east-1/,
  ],
  ['evidence of production itself', 'R065', withEvidence({ target: production }), /the same cluster/],
  ['evidence under another name', 'R066', { candidates: [broken('R066')] }, /2026-09-23-broken/],
  ['a truncated journal', 'R067', { candidates: [broken('R067')] }, /2026-09-23-broken/],
  ['a step that was done already', 'R068', withEvidence({ steps: already }), /Upgrade the control plane/],
  ['a run of no step', 'R068', withEvidence({ steps: [] }), /no step/],
  ['a run that broke the glass', 'R068', withEvidence({ brokeGlass: 'the site is down' }), /broke the glass/],
  ['another version of the tool', 'R069', { tool: { ...tool, version: '0.3.0' } }, /0\.3\.0/],
  ['other code of the same version', 'R069', { tool: { ...tool, digest: '1'.repeat(64) } }, /111111111111/],
  ['a clock 10 minutes off', 'R076', withEvidence({ endedAt: hours(-1 / 6) }), /12:10/],
  ['no rehearsal where one is asked for', 'R077', { fleet: needsRehearsal }, /within 7 days/],
  [
    'an old rehearsal',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ at: days(8) })] },
    /within 7 days/,
  ],
  [
    'a rehearsal of other steps',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ stepsDigest: '0'.repeat(64) })] },
    /just these steps/,
  ],
  [
    'a rehearsal of another cluster',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ cluster: staging.arn })] },
    /just these steps/,
  ],
  [
    'a rehearsal by another version of the tool',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ tool: { ...tool, version: '9.9.9' } })] },
    /found 2026-09-23-rehearsed of tool 9\.9\.9/,
  ],
  [
    'a rehearsal by other code of the same version',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ tool: { ...tool, digest: '9'.repeat(64) } })] },
    /of tool .*999999999999/,
  ],
  [
    'a rehearsal of another runbook',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ runbook: 'upgrade-add-ons' })] },
    /found none/,
  ],
  [
    'a rehearsal that stopped once',
    'R077',
    { fleet: needsRehearsal, rehearsals: [rehearsal({ ended: { done: 4, of: 5 } })] },
    /ended done/,
  ],
]

describe('The gate refuses', () => {
  test.each(refused)('%s: %s', (_what, code, changes, said) => {
    const refusal = refusalOf(changes)
    expect(refusal).toMatchObject({ code })
    expect(refusal?.message).toMatch(said)
    expect(refusal?.hint).not.toBe('')
    expect(judge(caseOf(changes)).passes).toBeUndefined()
  })

  test('with the pair to add in the hint where the fleet has none', () => {
    expect(refusalOf({ fleet: fleetOf({ pairs: [] }) })?.hint).toContain(
      'pairs: [{ production: photo-prod, staging: photo-staging }]',
    )
  })

  test('with the reason of the evidence that is nearest to passing', () => {
    const candidates = [
      broken('R062'),
      candidate({ run: 'far', target: production, endedAt: days(20) }),
      candidate({ run: 'near', endedAt: days(15) }),
    ]
    expect(refusalOf({ candidates })).toMatchObject({
      code: 'R064',
      message: expect.stringContaining('near'),
    })
  })

  test('without a word of another terminal in what it says', () => {
    const shape = coredns('v1\u001b[31m')
    expect(refusalOf({ shape })?.message).not.toMatch(/\p{Cc}/u)
  })
})

describe('The gate passes', () => {
  test('by evidence of the paired cluster that is fresh, whole and the same', () => {
    expect(judge(caseOf())).toMatchObject({ gated: true, passes: '2026-09-23-proven', refusals: [] })
  })

  test('by the one that holds among others that do not', () => {
    const candidates = [
      broken('R063'),
      candidate({ run: 'old', endedAt: days(15) }),
      candidate({ run: 'good' }),
    ]
    expect(judge(caseOf({ candidates })).passes).toBe('good')
  })

  test('where a clock is off by less than five minutes', () => {
    expect(judge(caseOf(withEvidence({ endedAt: hours(-4 / 60) }))).passes).toBeDefined()
  })

  test('where a step that only looks found its state already', () => {
    const steps = already.map((step) => ({ ...step, looksOnly: true }))
    expect(judge(caseOf(withEvidence({ steps }))).passes).toBeDefined()
  })

  test('in another partition of AWS', () => {
    const arn = staging.arn.replace('arn:aws:', 'arn:aws-cn:')
    expect(judge(caseOf(withEvidence({ target: { ...staging, arn } }))).passes).toBeDefined()
  })

  test('by the newest rehearsal of just these steps where one is asked for', () => {
    const rehearsals = [
      rehearsal({ id: 'older', at: days(2) }),
      rehearsal({ id: 'newer' }),
      rehearsal({ at: days(9) }),
    ]
    const report = judge(caseOf({ fleet: needsRehearsal, rehearsals }))
    expect(report).toMatchObject({ passes: '2026-09-23-proven', rehearsal: 'newer' })
    expect(report.rehearsedOn).toEqual(rehearsal().world)
    expect(gateText(report, { file: 'plan.json', digest: '0' })).toContain(
      `Rehearsal  newer on an import of photo-prod, sha256 ${'c'.repeat(64)}`,
    )
  })

  test('names the second person first where the fleet asks for one, and only then', () => {
    const report = judge(caseOf({}))
    expect(gateText(report, { file: 'plan.json', digest: '0', secondPerson: true })).toMatch(
      /Next +somebody else: eks-runbook approve 0 --reason TEXT\nThen +eks-runbook run --plan plan.json --approve 0/,
    )
    expect(gateText(report, { file: 'plan.json', digest: '0' })).toMatch(/Next +eks-runbook run/)
  })
})

describe('A cluster is gated', () => {
  test('as production of a pair, and in the last of several environments', () => {
    expect(gatedBy(fleetOf(), production)?.staging.map(({ name }) => name)).toEqual(['photo-staging'])
    expect(gatedBy(fleetOf({ pairs: [] }), production)).toEqual({ staging: [] })
  })

  test('not in an environment before the last, nor where there is only one', () => {
    expect(gatedBy(fleetOf(), staging)).toBeUndefined()
    const one = fleetOf({ pairs: [] })
    const alone = { ...one, environments: ['production'] }
    expect(gatedBy(alone, production)).toBeUndefined()
    const plan = planOf({ target: staging })
    expect(judge(caseOf({ plan, candidates: [] }))).toMatchObject({ gated: false, refusals: [] })
    expect(bestRefusal(judge(caseOf({ plan, candidates: [] })))).toBeUndefined()
  })

  test('asks by the ARN whatever the plan calls the cluster, and by that name whatever the ARN', () => {
    expect(gatedBy(fleetOf(), { cluster: 'photo-staging', arn: production.arn })).toBeDefined()
    expect(gatedBy(fleetOf(), { cluster: 'gone', arn: production.arn })).toBeDefined()
    expect(gatedBy(fleetOf(), { cluster: 'photo-prod', arn: staging.arn })).toBeDefined()
    expect(gatedBy(fleetOf(), { cluster: 'gone', arn: `${production.arn}-2` })).toBeUndefined()
  })
})

describe('The command that closes a difference', () => {
  const commandFor = (rule: string, object: string, [expected, found]: readonly [string, string]) => {
    const items = (value: string) =>
      value === '' ? noShape : { must: [{ rule, object, value, names: ['web'] }], may: [] }
    const report = judge(caseOf({ shape: items(found), ...withEvidence({ shape: items(expected) }) }))
    return report.candidates[0]?.differences[0]?.command
  }
  const plan =
    'eks-runbook plan upgrade-cluster --cluster photo-prod --to 1.33 --nodes each-hop --swap blue-green'
  const run = 'eks-runbook run upgrade-cluster --cluster photo-staging --to 1.33'

  test('takes the releases of the evidence where a version moved since', () => {
    const asProven = `${plan} --as-proven 2026-09-23-proven --save plan.json`
    expect(commandFor('add-on-version', 'add-on coredns on 1.33', ['v1', 'v2'])).toBe(asProven)
    expect(commandFor('ami-release', 'nodes of AL2_x86_64 on 1.33', ['1.33.1-1', '1.33.2-2'])).toBe(asProven)
  })

  test('brings the lower side up where present versions differ', () => {
    const atStart = (versions: readonly [string, string]) =>
      commandFor('add-on-version', 'add-on web at the start', versions)
    const update = (cluster: string) =>
      `aws eks update-addon --cluster-name ${cluster} --addon-name web --addon-version v1.11.4`
    expect(atStart(['v1.11.4', 'v1.9.3'])).toBe(update('photo-prod'))
    expect(atStart(['v1.9.3', 'v1.11.4'])).toContain(update('photo-staging'))
  })

  test('chooses the AMI type that was proven, or has staging show the one that was not', () => {
    const object = 'nodes of AL2_x86_64 on 1.33'
    expect(commandFor('ami-type', object, ['AL2023_x86_64_STANDARD', 'BOTTLEROCKET_x86_64'])).toBe(
      `${plan} --ami-type AL2023_x86_64_STANDARD --save plan.json`,
    )
    expect(commandFor('ami-type', object, ['', 'BOTTLEROCKET_x86_64'])).toContain(run)
  })

  test('runs on staging again for what only staging can show', () => {
    expect(
      commandFor('kubelet', 'nodes of AL2_x86_64 on 1.33', ['no taints', 'taints a:NO_EXECUTE']),
    ).toContain(run)
    expect(commandFor('hops', 'control plane', ['1.31 > 1.33', '1.32 > 1.33'])).toContain(run)
  })

  test('plans production to where staging went', () => {
    expect(commandFor('hops', 'control plane', ['1.32 > 1.33', '1.32 > 1.33 > 1.34'])).toBe(
      `${plan} --save plan.json`,
    )
  })
})
