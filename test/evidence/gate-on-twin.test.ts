import { beforeAll, describe, expect, test } from 'vitest'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { Evidence } from '../../lib/evidence/evidence.ts'
import { judge, type GateReport } from '../../lib/evidence/gate.ts'
import { doneRun, makeEvidence } from '../../lib/evidence/make-evidence.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { stepsDigest, type Plan } from '../../lib/runbook/plan.ts'
import { loadRun } from '../../lib/runbook/runs.ts'
import type { World } from '../../lib/twin/world.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'
import { small } from '../runbooks/small-world.ts'
import { fleetOf, tool } from './gate-case.ts'

const world = 'examples/worlds/photo-app.yaml'
const inputs = (cluster: string) => ({ cluster, to: '1.33', soak: 0 })
const onStaging = { runbook: upgradeCluster, cluster: 'photo-staging', engine: { toolDigest: tool.digest } }
const onProduction = { runbook: upgradeCluster, cluster: 'photo-prod' }

let evidence: Evidence
let now: number
let asItWas: Moment

/** What staging proved: a real run of the runbook there. */
const prove = async (from: Moment): Promise<Evidence> => {
  const staging = await openScene(from, onStaging)
  const plan = await staging.plan(inputs('photo-staging'))
  const { run } = await staging.execute(plan)
  const { lines } = (await loadRun(memoryStore(staging.moment().memory), run)).replay
  now = staging.time.clock.now()
  return makeEvidence(doneRun(lines).view, {
    journal: doneRun(lines).journal,
    shape: upgradeCluster.shape(plan.facts),
    tool: { version: tool.version, digest: tool.digest },
    nonce: '0'.repeat(32),
  })
}

beforeAll(async () => {
  asItWas = await settledWorld(world)
  evidence = await prove(asItWas)
})

const gate = (plan: Plan): GateReport =>
  judge({
    plan,
    now,
    tool,
    shape: upgradeCluster.shape(plan.facts),
    fleet: fleetOf(),
    candidates: [{ name: evidence.run, evidence }],
    rehearsals: [],
  })

const asProven = () => ({ name: evidence.run, shape: evidence.shape })

/** Production once EKS has published something. */
const published = (catalogue: Partial<World['catalogue']>, from = asItWas, where = onProduction) => {
  const moment = structuredClone(from)
  moment.twin.aws.catalogue = { ...moment.twin.aws.catalogue, ...catalogue }
  return openScene(moment, where)
}

const installedCoreDns = { version: 'v1.11.4-eksbuild.22', minors: ['1.32', '1.33'], defaultOf: ['1.32'] }
const newCoreDns = { version: 'v1.12.9-eksbuild.9', minors: ['1.32', '1.33'], defaultOf: ['1.33'] }
const onTop = [{ name: 'coredns', replace: false, versions: [newCoreDns] }]
const alone = [{ name: 'coredns', replace: true, versions: [installedCoreDns, newCoreDns] }]

const newAmi: World['catalogue']['amis'] = [
  { minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.33.9-20260920', recommended: true },
]

describe('staging of the photo app before its production', () => {
  test('proves the plan of production as it is', async () => {
    const production = await openScene(asItWas, onProduction)
    const report = gate(await production.plan(inputs('photo-prod')))
    expect(report.candidates[0]?.differences).toEqual([])
    expect(report.passes).toBe(evidence.run)
    expect(report.candidates[0]?.allowed.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['cluster-name', 'group-size', 'subnets']),
    )
  })

  test('asks for the same steps whether they were proven or are the newest: one rehearsal counts for both', async () => {
    const production = await openScene(asItWas, onProduction)
    const [newest, again] = [
      await production.plan(inputs('photo-prod')),
      await production.plan(inputs('photo-prod'), asProven()),
    ]
    expect(stepsDigest(again)).toBe(stepsDigest(newest))
    expect(again.asProven).toBe(evidence.run)
  })

  test('does not prove an add-on version that came out since; the command named does', async () => {
    const production = await published({ addOns: onTop })
    const report = gate(await production.plan(inputs('photo-prod')))
    expect(report.candidates[0]?.differences).toMatchObject([
      { rule: 'add-on-version', object: 'add-on coredns on 1.33', found: 'v1.12.9-eksbuild.9' },
    ])
    expect(report.candidates[0]?.differences[0]?.command).toContain(`--as-proven ${evidence.run}`)
    const again = await production.plan(inputs('photo-prod'), asProven())
    expect(again.asProven).toBe(evidence.run)
    expect(again.findings.filter(({ outcome }) => outcome === 'block')).toEqual([])
    expect(gate(again).passes).toBe(evidence.run)
  })

  test('does not prove an AMI release that came out since; the command named does', async () => {
    const production = await published({ amis: newAmi })
    const report = gate(await production.plan(inputs('photo-prod')))
    expect(new Set(report.candidates[0]?.differences.map(({ rule }) => rule))).toEqual(
      new Set(['ami-release']),
    )
    const again = await production.plan(inputs('photo-prod'), asProven())
    expect(again.findings.filter(({ outcome }) => outcome === 'block')).toEqual([])
    expect(gate(again).passes).toBe(evidence.run)
  })

  test('cannot be followed where EKS no longer offers a version: a finding says which', async () => {
    const production = await published({ addOns: alone })
    const plan = await production.plan(inputs('photo-prod'), asProven())
    expect(plan.findings).toContainEqual(
      expect.objectContaining({
        code: 'AD-030',
        outcome: 'block',
        object: 'add-on coredns',
        expected: expect.stringContaining('v1.12.3-eksbuild.1'),
      }),
    )
    expect(gate(plan).passes).toBeUndefined()
  })

  test('cannot be followed where EKS no longer offers an AMI release: a finding says which', async () => {
    const production = await openScene(asItWas, onProduction)
    const gone = evidence.shape.must.map((item) =>
      item.rule === 'ami-release' ? { ...item, value: '1.33.1-20250101' } : item,
    )
    const shape = { ...evidence.shape, must: gone }
    const plan = await production.plan(inputs('photo-prod'), { name: evidence.run, shape })
    expect(plan.findings).toContainEqual(
      expect.objectContaining({ code: 'DP-040', outcome: 'block', object: 'node group web' }),
    )
  })
})

test('a plan with the releases of another one reaches them', async () => {
  const here = { runbook: upgradeCluster, cluster: 'small' }
  const before = await small()
  const shape = upgradeCluster.shape((await (await openScene(before, here)).plan(inputs('small'))).facts)
  const later = await published({ addOns: onTop, amis: newAmi }, before, here)
  const plan = await later.plan(inputs('small'), { name: 'proven', shape })
  expect(await later.execute(plan)).toMatchObject({ state: 'done', exit: 0 })
  const valueOf = (rule: string, object: string) =>
    shape.must.find((item) => item.rule === rule && item.object === object)?.value
  const coreDns = await later.target.eks.describeAddOn('small', 'coredns')
  expect(coreDns?.version).toBe(valueOf('add-on-version', 'add-on coredns on 1.33'))
  const releases = new Set<string | undefined>()
  for (const name of await later.target.eks.nodeGroupNames('small'))
    releases.add((await later.target.eks.describeNodeGroup('small', name))?.release)
  expect([...releases]).toEqual([valueOf('ami-release', 'nodes of AL2023_x86_64_STANDARD on 1.33')])
})
