import { beforeEach, describe, expect, test } from 'vitest'
import { refuseNothingToAccept } from '../../lib/cli/accept-differences.ts'
import { pickUpHammer } from '../../lib/cli/break-glass.ts'
import type { Cli } from '../../lib/cli/cli.ts'
import { openProof } from '../../lib/cli/proof.ts'
import { clearedToGoOn } from '../../lib/cli/resume-clearance.ts'
import { addOnsExample } from '../../lib/changes/examples.ts'
import { evidenceOf } from '../evidence/proven.ts'
import { heldText } from '../../lib/report/comparison-text.ts'
import { execute, resume } from '../../lib/runbook/engine.ts'
import type { Proof } from '../../lib/runbook/engine-options.ts'
import type { BrokenGlass } from '../../lib/runbook/journal-event.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { planDigest } from '../../lib/runbook/plan.ts'
import { fleetOf, planOf } from '../evidence/gate-case.ts'
import { simulate, type Simulation, type StepSpec } from '../runbook/simulation.ts'
import { tool } from '../evidence/proven.ts'

const alice = 'arn:aws:sts::444455556666:assumed-role/deployer/alice'
const reason = 'staging is gone and the site is down'
const fleet = fleetOf({ settings: { breakGlass: ['arn:aws:iam::444455556666:role/deployer'] } })
const clearance = { evidence: '2026-09-01-lost' }
const plain: StepSpec = { takes: 90, troubles: [], pauses: false, undo: 'change' }

let simulation: Simulation
let run: string

/** A run that was cleared by evidence and held its first step against it; it stopped in the second. */
beforeEach(async () => {
  simulation = simulate([plain, { ...plain, troubles: ['credentials'] }, plain])
  const plan = await simulation.plan()
  const proof: Proof = { name: clearance.evidence, compare: () => [] }
  const more = { clearance, proof, toolDigest: tool.digest }
  await simulation.process((options) => execute(plan, options), undefined, more)
  run = (await listRuns(simulation.store))[0]?.id ?? ''
})

const view = () => readRun(simulation.store, run)

describe('A run whose evidence is lost', () => {
  const written: string[] = []
  const cli = { terminal: { stderr: { write: (text: string) => void written.push(text) } } } as unknown as Cli
  const glassOf = (by: string) => pickUpHammer(fleet, { by, reason })
  const resuming = async () => {
    const moved = planOf({ runbook: 'upgrade-add-ons', facts: addOnsExample.facts })
    const plan = { ...moved, digest: planDigest(moved) }
    const file = { file: 'fleet.yaml', fleet }
    return {
      run: { ...(await view()), plan, target: plan.target },
      fleet: file,
      store: memoryStore(),
      by: alice,
    }
  }

  test('does not go on, whatever differences are accepted', async () => {
    await expect(clearedToGoOn(cli, await resuming(), undefined)).rejects.toMatchObject({ code: 'R060' })
    const proving = { clearance, store: memoryStore(), fleet, glass: undefined }
    await expect(openProof(proving)).rejects.toMatchObject({ code: 'R060' })
  })

  test('goes on by breaking the glass, which says what was refused', async () => {
    const glass = glassOf(alice)
    expect(await openProof({ clearance, store: memoryStore(), fleet, glass })).toBeUndefined()
    expect(await clearedToGoOn(cli, await resuming(), glass)).toEqual({
      by: alice,
      reason,
      skipped: 'R060',
    })
    expect(written.join('')).toMatch(/THE GLASS IS BROKEN: .*refused it \(R060\)/)
  })

  test('leaves the glass to those whom the fleet names: R075', () => {
    expect(() => glassOf('arn:aws:iam::444455556666:user/eve')).toThrow(
      expect.objectContaining({ code: 'R075' }) as Error,
    )
  })
})

describe('A run that went on by breaking the glass', () => {
  const brokenGlass: BrokenGlass = { by: alice, reason, skipped: 'R060' }
  const goOn = () =>
    simulation.process((options) => resume(run, options), undefined, { brokenGlass, toolDigest: tool.digest })

  test('has it in its journal and says how many steps were not held', async () => {
    expect(await goOn()).toMatchObject({ state: 'done' })
    const after = await view()
    expect(after.glassBroken).toMatchObject([brokenGlass])
    const [first] = after.steps
    if (!first) throw new Error('the run has no step')
    expect(heldText({ ...after, steps: [first] })).toBe('against 2026-09-01-lost: 1 steps, all alike')
    expect(heldText(after)).toMatch(/^against 2026-09-01-lost: 1 steps, all alike, 2 not held since .*R060/)
  })

  test('is under review and proves nothing', async () => {
    await goOn()
    expect(await view()).toMatchObject({
      clearance: { ...clearance, brokenGlass },
      review: { state: 'open' },
    })
    expect(await evidenceOf(simulation.store, run)).toMatchObject({ brokeGlass: reason })
  })

  test('is not one that went on as usual', async () => {
    await simulation.process((options) => resume(run, options), undefined, { toolDigest: tool.digest })
    const after = await view()
    expect([after.glassBroken, after.review]).toEqual([[], undefined])
    expect(heldText(after)).not.toContain('not held')
  })
})

describe('Differences are accepted', () => {
  const differing = async (): Promise<Proof> => ({
    name: clearance.evidence,
    compare: () => [{ kind: 'finding', object: 'x', expected: 'none', found: 'warn' }],
  })

  test('where a step waits for it', async () => {
    const proof = await differing()
    await simulation.process((options) => resume(run, options), undefined, { proof })
    expect(await view()).toMatchObject({ error: { code: 'R080' } })
    expect(refuseNothingToAccept(await view())).toBeUndefined()
  })

  test('not where none does: R001 with the command that goes on', async () => {
    const found = await view()
    expect(() => refuseNothingToAccept(found)).toThrow(
      expect.objectContaining({ code: 'R001', hint: `eks-runbook resume ${run}` }) as Error,
    )
  })
})
