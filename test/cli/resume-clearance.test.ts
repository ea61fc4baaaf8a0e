import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Cli } from '../../lib/cli/cli.ts'
import { requireClearance, type Resuming } from '../../lib/cli/resume-clearance.ts'
import { keepApproval, readApprovals, useApproval } from '../../lib/evidence/approval-store.ts'
import { approve } from '../../lib/evidence/approval.ts'
import { keepEvidence } from '../../lib/evidence/evidence-store.ts'
import { doneRun, evidenceStatement, makeEvidence } from '../../lib/evidence/make-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import type { RunbookError } from '../../lib/runbook/errors.ts'
import type { Clearance } from '../../lib/runbook/journal-event.ts'
import { emptyMemory, memoryStore, type MemoryState } from '../../lib/runbook/memory-store.ts'
import { planDigest } from '../../lib/runbook/plan.ts'
import type { RunView } from '../../lib/runbook/run-view.ts'
import { loadRun, readRun } from '../../lib/runbook/runs.ts'
import { fleetOf, production, tool } from '../evidence/gate-case.ts'
import { freshSigner, trusting } from '../evidence/keys.ts'
import { cases } from '../runbooks/cases.ts'
import { openScene, settledWorld } from '../runbooks/scene.ts'

const role = (name: string) => `arn:aws:iam::444455556666:role/${name}`
const [alice, bob, eve] = [role('deployer'), role('approver'), role('eve')]
const signer = freshSigner()
const signers = [trusting('ci', signer), { ...trusting('bob', signer), principal: bob }]
const pair = { production: 'photo-prod', staging: 'small' }
const clusters = [
  { name: 'small', account: 'photo-staging', region: 'eu-west-1', environment: 'staging' },
  { name: 'photo-prod', account: 'photo-production', region: 'eu-west-1', environment: 'production' },
]
const fleet = (settings: object, changes: object = {}) => ({
  file: 'fleet.yaml',
  fleet: fleetOf({ clusters, pairs: [pair], settings, evidence: { signers }, ...changes }),
})
const alone = fleet({ breakGlass: [alice] })
const both = fleet({ secondPerson: true })

const staged = emptyMemory()
let onStaging: RunView
let state: MemoryState
beforeAll(async () => {
  const one = cases['upgrade-add-ons']
  if (!one) throw new Error('there is no such case')
  const store = memoryStore(staged)
  const engine = { store, tool: tool.version, toolDigest: tool.digest }
  const world = await settledWorld(one.world, one.change)
  const scene = await openScene(world, { runbook: one.runbook, cluster: one.cluster, engine })
  const { run } = await scene.execute(await scene.plan(one.inputs))
  const { view, journal } = doneRun((await loadRun(store, run)).replay.lines)
  const shape = one.runbook.shape(view.plan.facts)
  const evidence = makeEvidence(view, { journal, shape, tool, nonce: '0'.repeat(32) })
  await keepEvidence(store, run, await seal(evidenceStatement(evidence), signer))
  onStaging = await readRun(store, run)
})
beforeEach(() => {
  state = structuredClone(staged)
})

const hour = 3_600_000
const began = () => Date.parse(onStaging.endedAt ?? '') + hour

/** A run of production as a journal of one line tells it, whoever wrote that line. */
const runOf = (clearance: Clearance | undefined): RunView => {
  const moved = { ...onStaging.plan, target: production, plannedBy: alice }
  const plan = { ...moved, digest: planDigest(moved) }
  const { clearance: _, ...view } = onStaging
  const base = { ...view, id: '2026-09-23-prod', target: production, plan, callers: [alice] }
  return { ...base, startedAt: new Date(began()).toISOString(), ...(clearance && { clearance }) }
}

const cli = {} as Cli
const verdict = async (run: RunView, more: Partial<Resuming> = {}): Promise<string> => {
  try {
    await requireClearance(cli, { run, fleet: alone, store: memoryStore(state), by: alice, ...more })
    return 'goes on'
  } catch (error) {
    return (error as RunbookError).code
  }
}

const proven = (): Clearance => ({ evidence: onStaging.id })

describe('A run of production goes on', () => {
  test('by the evidence that it names, however old it is by now', async () => {
    expect(await verdict(runOf(proven()))).toBe('goes on')
  })

  test.each<[string, string, () => RunView]>([
    ['that says nothing of the gate', 'R060', () => runOf(undefined)],
    ['of evidence that is not there', 'R060', () => runOf({ evidence: '2026-09-01-none' })],
    ['of a plan that the evidence does not prove', 'R061', otherPlan],
    ['that began before its evidence was there', 'R076', tooEarly],
    ['that began when its evidence was too old', 'R064', tooLate],
  ])('but not one %s: %s', async (_, code, run) => {
    expect(await verdict(run())).toBe(code)
  })

  test('but not by evidence that nobody trusts, or of a cluster that is not the paired one', async () => {
    const strange = fleet({}, { evidence: { signers: [trusting('ci', freshSigner())] } })
    const other = {
      name: 'other-staging',
      account: 'photo-staging',
      region: 'eu-west-1',
      environment: 'staging',
    }
    const unpaired = fleet({}, { clusters: [...clusters, other], pairs: [{ ...pair, staging: other.name }] })
    expect(await verdict(runOf(proven()), { fleet: strange })).toBe('R063')
    expect(await verdict(runOf(proven()), { fleet: unpaired })).toBe('R065')
  })

  test('without any of this where the cluster needs no evidence', async () => {
    const free = fleet({}, { environments: ['staging'], clusters: clusters.slice(0, 1), pairs: [] })
    expect(await verdict(onStaging, { fleet: free })).toBe('goes on')
  })
})

const otherPlan = (): RunView => {
  const run = runOf(proven())
  const facts = JSON.parse(
    JSON.stringify(run.plan.facts).replaceAll(/"to":"v1[^"]*"/g, '"to":"v1.99.0-eksbuild.1"'),
  )
  const plan = { ...run.plan, facts }
  return { ...run, plan: { ...plan, digest: planDigest(plan) } }
}
const at = (ms: number): RunView => ({ ...runOf(proven()), startedAt: new Date(ms).toISOString() })
const tooEarly = () => at(began() - 3 * hour)
const tooLate = () => at(began() + 15 * 24 * hour)

describe('Where the glass was broken', () => {
  const broken = (by: string) => runOf({ brokenGlass: { by, reason: 'the site is down', skipped: 'R060' } })

  test('it goes on in the hands of those who may break it', async () => {
    expect(await verdict(broken(alice))).toBe('goes on')
  })

  test('nobody else goes on with it, and nobody else can have broken it: R075', async () => {
    expect(await verdict(broken(alice), { by: eve })).toBe('R075')
    expect(await verdict(broken(eve))).toBe('R075')
  })
})

describe('Where a second person is asked for, a run goes on', () => {
  const nonce = 'a'.repeat(32)
  const approved = (more: Clearance = {}): RunView => {
    const approval = { by: bob, at: new Date(began()).toISOString(), reason: 'CHG-7', name: nonce }
    return runOf({ ...proven(), approval, ...more })
  }
  const sign = async (user: string | undefined, by = bob) => {
    const store = memoryStore(state)
    const { plan } = approved()
    const rules = { planners: [], ssoRoles: [], approvalHours: 24, now: began() - hour / 2 }
    const statement = approve(plan, { by, reason: 'CHG-7', nonce }, rules)
    await keepApproval(store, statement.approval, await seal(statement, signer))
    if (user !== undefined)
      await useApproval(store, statement.approval, {
        run: user,
        by: alice,
        at: new Date(began()).toISOString(),
      })
    return await readApprovals(store, plan.digest)
  }

  test('by the approval that it used up', async () => {
    await sign(approved().id)
    expect(await verdict(approved(), { fleet: both })).toBe('goes on')
  })

  test.each([
    ['another run used up', '2026-09-23-other'],
    ['no run used up', undefined],
  ])('but not by one that %s: R073', async (_, user) => {
    await sign(user)
    expect(await verdict(approved(), { fleet: both })).toBe('R073')
  })

  test('but not where it names none, or one that nobody signed: R070', async () => {
    expect(await verdict(approved(), { fleet: both })).toBe('R070')
    await sign(approved().id)
    expect(await verdict(runOf(proven()), { fleet: both })).toBe('R070')
  })

  test('but not by one of the planner: R071', async () => {
    await sign(approved().id, alice)
    expect(await verdict(approved(), { fleet: both })).toBe('R071')
  })

  test('but not by one of somebody with the key of another: R063', async () => {
    await sign(approved().id, eve)
    expect(await verdict(approved(), { fleet: both })).toBe('R063')
  })
})
