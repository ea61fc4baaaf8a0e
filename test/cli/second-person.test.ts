import { beforeEach, describe, expect, test } from 'vitest'
import { keepApproval } from '../../lib/evidence/approval-store.ts'
import { approve } from '../../lib/evidence/approval.ts'
import { seal } from '../../lib/evidence/seal.ts'
import { keepForTeam, secondPerson, type Intended } from '../../lib/cli/second-person.ts'
import type { RunbookError } from '../../lib/runbook/errors.ts'
import { emptyMemory, memoryStore, type MemoryState } from '../../lib/runbook/memory-store.ts'
import { keepPlan } from '../../lib/runbook/plan-store.ts'
import { planDigest } from '../../lib/runbook/plan.ts'
import { fleetOf, now, planOf, staging } from '../evidence/gate-case.ts'
import { freshSigner, trusting } from '../evidence/keys.ts'

const role = (name: string) => `arn:aws:iam::444455556666:role/${name}`
const bob = role('approver')
const signer = freshSigner()
const evidence = { signers: [{ ...trusting('bob', signer), principal: bob }] }
const fleet = fleetOf({ settings: { secondPerson: true }, evidence })
const planned = planOf({ plannedBy: role('deployer') })
const plan = { ...planned, digest: planDigest(planned) }

let state: MemoryState
let intended: Intended
beforeEach(() => {
  state = emptyMemory()
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  intended = {
    plan,
    fleet,
    store: memoryStore(state),
    runner: role('deployer'),
    planner: role('deployer'),
    clock,
  }
})

const approved = async (): Promise<void> => {
  const caller = { by: bob, reason: 'looked at it', nonce: 'a'.repeat(32) }
  const statement = approve(plan, caller, { planners: [], ssoRoles: [], approvalHours: 24, now })
  await keepApproval(intended.store, statement.approval, await seal(statement, signer))
}

const verdict = async (more: Partial<Intended> = {}): Promise<string> => {
  try {
    return (await secondPerson({ ...intended, ...more }))?.approval.by ?? 'nobody asked'
  } catch (error) {
    return (error as RunbookError).code
  }
}

describe('A second person', () => {
  test('is whoever approved, and the approval is used up by the first run alone', async () => {
    await keepPlan(intended.store, plan)
    await approved()
    const found = [await secondPerson(intended), await secondPerson(intended)]
    expect(found.map((each) => each?.approval.by)).toEqual([bob, bob])
    expect(await codeOf(found[0]?.use)).toBe('used')
    expect(await codeOf(found[1]?.use)).toBe('R073')
    expect(await verdict()).toBe('R073')
  })

  test('does not count any more once it expired while the yes stood open', async () => {
    await keepPlan(intended.store, plan)
    await approved()
    let hours = 0
    const clock = { ...intended.clock, now: () => now + hours * 3_600_000 }
    const found = await secondPerson({ ...intended, clock })
    hours = 25
    expect(await codeOf(found?.use)).toBe('R072')
    hours = 23
    expect(await codeOf(found?.use)).toBe('used')
  })

  test('is not asked for where the fleet does not, nor for a cluster that is not gated', async () => {
    expect(await verdict({ fleet: fleetOf() })).toBe('nobody asked')
    expect(await verdict({ plan: { ...plan, target: staging } })).toBe('nobody asked')
  })

  test('is asked for before anybody approved: R070', async () => {
    await keepPlan(intended.store, plan)
    expect(await verdict()).toBe('R070')
  })

  test('cannot be the planner on record, though the file of the plan names another', async () => {
    await keepPlan(intended.store, { ...plan, plannedBy: bob })
    await approved()
    expect(await verdict({ planner: role('somebody') })).toBe('R071')
  })

  test('cannot be the planner of the file, though another is on record', async () => {
    await keepPlan(intended.store, { ...plan, plannedBy: role('somebody') })
    await approved()
    expect(await verdict({ planner: bob })).toBe('R071')
  })

  test('does not count for a plan without record: its planner is not known', async () => {
    await approved()
    expect(await verdict()).toBe('R070')
  })
})

const codeOf = async (use: ((run: string) => Promise<void>) | undefined): Promise<string> => {
  try {
    await use?.('2026-09-23-a1b2')
    return 'used'
  } catch (error) {
    return (error as RunbookError).code
  }
}

describe('A plan is kept for the team', () => {
  const keys = () => [...state.records.keys()]
  const store = () => Promise.resolve(intended.store)

  test('of a gated cluster', async () => {
    await keepForTeam(plan, { fleet: fleetOf(), store })
    expect(keys()).toEqual([`plans/${plan.digest}.json`])
  })

  test('of any cluster where plans need a second person', async () => {
    await keepForTeam({ ...plan, target: staging }, { fleet, store })
    expect(keys()).toHaveLength(1)
  })

  test('but not of staging alone, nor one without steps', async () => {
    await keepForTeam({ ...plan, target: staging }, { fleet: fleetOf(), store })
    await keepForTeam({ ...plan, steps: [] }, { fleet, store })
    expect(keys()).toEqual([])
  })
})
