import { fleetSchema, type Fleet } from '../../lib/fleet/fleet.ts'
import type { Evidence } from '../../lib/evidence/evidence.ts'
import type { Candidate, GateCase } from '../../lib/evidence/gate.ts'
import type { Plan } from '../../lib/runbook/plan.ts'
import type { PlanShape } from '../../lib/runbook/plan-shape.ts'

export const now = Date.parse('2026-09-23T12:00:00Z')
export const hours = (count: number): string => new Date(now - count * 3_600_000).toISOString()

/** A fleet of two accounts with a pair, and a cluster of development. */
export const fleetOf = (changes: { readonly [member: string]: unknown } = {}): Fleet =>
  fleetSchema.parse({
    accounts: [
      { id: '111122223333', alias: 'photo-staging', regions: ['eu-west-1'] },
      { id: '444455556666', alias: 'photo-production', regions: ['eu-west-1'] },
    ],
    environments: ['staging', 'production'],
    clusters: [
      { name: 'photo-staging', account: 'photo-staging', region: 'eu-west-1', environment: 'staging' },
      { name: 'other-staging', account: 'photo-staging', region: 'eu-west-1', environment: 'staging' },
      { name: 'photo-prod', account: 'photo-production', region: 'eu-west-1', environment: 'production' },
    ],
    pairs: [{ production: 'photo-prod', staging: 'photo-staging' }],
    ...changes,
  })

const place = (cluster: string, account: string, environment: string): Plan['target'] => ({
  cluster,
  account,
  region: 'eu-west-1',
  environment,
  arn: `arn:aws:eks:eu-west-1:${account}:cluster/${cluster}`,
})
export const staging = place('photo-staging', '111122223333', 'staging')
export const production = place('photo-prod', '444455556666', 'production')

export const tool = { version: '0.2.0', digest: 'd'.repeat(64) }

const steps: Plan['steps'] = [
  {
    id: 'hop-1.33/control-plane',
    title: 'Upgrade the control plane',
    undo: 'change',
    before: [],
    after: [],
    timeoutSeconds: 60,
    expectedSeconds: 10,
  },
]

/** A plan for production, as far as the gate reads it. */
export const planOf = (changes: Partial<Plan> = {}): Plan => ({
  schema: 1,
  runbook: 'upgrade-cluster',
  title: 'Upgrade a cluster',
  tool: tool.version,
  target: production,
  inputs: { cluster: 'photo-prod', to: '1.33', nodes: 'each-hop', swap: 'blue-green', acceptUnknown: [] },
  facts: {},
  steps,
  digest: 'a'.repeat(64),
  plannedBy: 'arn:aws:iam::444455556666:role/deployer',
  plannedAt: hours(1),
  findings: [],
  ...changes,
})

export const noShape: PlanShape = { must: [], may: [] }

/** Evidence of staging that is as good as evidence gets. */
export const evidenceOf = (changes: Partial<Evidence> = {}): Evidence => ({
  schema: 1,
  run: '2026-09-23-proven',
  nonce: '0'.repeat(32),
  runbook: 'upgrade-cluster',
  tool,
  target: staging,
  inputs: { cluster: 'photo-staging', to: '1.33', nodes: 'each-hop', swap: 'blue-green', acceptUnknown: [] },
  plan: {
    digest: 'b'.repeat(64),
    stepsDigest: 'c'.repeat(64),
    plannedBy: 'arn:aws:iam::111122223333:role/deployer',
    plannedAt: hours(4),
    findings: [],
  },
  shape: noShape,
  steps: [
    {
      id: 'hop-1.33/control-plane',
      counterpart: 'hop-1.33/control-plane',
      title: 'Upgrade the control plane',
      outcome: 'done',
      looksOnly: false,
      seconds: 600,
      expectedSeconds: 480,
      findings: [],
    },
  ],
  state: 'done',
  startedAt: hours(3),
  endedAt: hours(2),
  by: 'arn:aws:sts::111122223333:assumed-role/deployer/ci',
  resumes: 0,
  journal: { lines: 9, head: 'e'.repeat(64) },
  ...changes,
})

export const candidate = (changes: Partial<Evidence> = {}): Candidate => {
  const evidence = evidenceOf(changes)
  return { name: evidence.run, evidence }
}

/** A case that passes as it is. */
export const caseOf = (changes: Partial<GateCase> = {}): GateCase => ({
  plan: planOf(),
  shape: noShape,
  fleet: fleetOf(),
  tool,
  now,
  candidates: [candidate()],
  rehearsals: [],
  ...changes,
})
