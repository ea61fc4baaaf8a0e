import { beforeAll, describe, expect, test } from 'vitest'
import { clearRun } from '../../lib/cli/clear-run.ts'
import type { Cli } from '../../lib/cli/cli.ts'
import { packageVersion } from '../../lib/cli/package-root.ts'
import { toolDigest } from '../../lib/cli/tool-digest.ts'
import { keepEvidence } from '../../lib/evidence/evidence-store.ts'
import { doneRun, evidenceStatement, makeEvidence } from '../../lib/evidence/make-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { EngineOptions } from '../../lib/runbook/engine-options.ts'
import type { RunbookError } from '../../lib/runbook/errors.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { loadRun } from '../../lib/runbook/runs.ts'
import { fleetOf, production } from '../evidence/gate-case.ts'
import { freshSigner, trusting } from '../evidence/keys.ts'
import { cases, type Case } from '../runbooks/cases.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'

const signer = freshSigner()
const tool = { version: packageVersion(), digest: toolDigest() }
const engine = { tool: tool.version, toolDigest: tool.digest }
const fleet = fleetOf({
  clusters: [
    { name: 'small', account: 'photo-staging', region: 'eu-west-1', environment: 'staging' },
    { name: 'photo-prod', account: 'photo-production', region: 'eu-west-1', environment: 'production' },
  ],
  pairs: [{ production: 'photo-prod', staging: 'small' }],
  evidence: { signers: [trusting('ci', signer)] },
})

let one: Case
let proven: Moment
let run: string
let plan: Plan
let ended: number

beforeAll(async () => {
  const found = cases['upgrade-add-ons']
  if (!found) throw new Error('there is no such case')
  one = found
  const world = await settledWorld(one.world, one.change)
  const scene = await openScene(world, { runbook: one.runbook, cluster: one.cluster, engine })
  const onStaging = await scene.plan(one.inputs)
  run = (await scene.execute(onStaging)).run
  proven = scene.moment()
  const store = memoryStore(proven.memory)
  const { view, journal } = doneRun((await loadRun(store, run)).replay.lines)
  const shape = one.runbook.shape(onStaging.facts)
  const evidence = makeEvidence(view, { journal, shape, tool, nonce: '0'.repeat(32) })
  await keepEvidence(store, run, await seal(evidenceStatement(evidence), signer))
  ended = Date.parse(view.endedAt ?? '')
  const moved = { ...onStaging, target: production, inputs: { ...onStaging.inputs, cluster: 'photo-prod' } }
  plan = { ...moved, digest: planDigest(moved) }
})

/** The claim of a run that was cleared an hour after staging; `meanwhile` happens before it is claimed. */
const claimed = async (meanwhile: {
  readonly days?: number
  readonly change?: (at: Moment) => Promise<Moment>
}): Promise<string> => {
  const memory = structuredClone(proven.memory)
  const open = { now: ended + 3_600_000 }
  const clock = { now: () => open.now, sleep: () => Promise.resolve() }
  const cli = { clock: async () => clock } as unknown as Cli
  const caller = 'arn:aws:iam::444455556666:role/deployer'
  const { clearance, into } = await clearRun(cli, {
    plan,
    fleet: { file: 'fleet.yaml', fleet },
    store: memoryStore(memory),
    runner: caller,
    planner: caller,
    clock,
    called: 'plan.json',
    emergency: undefined,
    yes: { digest: plan.digest, given: plan.digest, deed: 'run it', command: 'eks-runbook run' },
  })
  expect(clearance).toEqual({ evidence: run })
  open.now += (meanwhile.days ?? 0) * 86_400_000
  const after = await meanwhile.change?.({ ...proven, memory })
  if (after) Object.assign(memory, after.memory)
  const operator = { tell: () => undefined, confirm: async () => false }
  try {
    await into({ operator } as unknown as EngineOptions<Target>).claim?.('2026-09-23-prod')
    return 'claimed'
  } catch (error) {
    return (error as RunbookError).code
  }
}

const undone = async (at: Moment): Promise<Moment> => {
  const scene = await openScene(at, { runbook: one.runbook, cluster: one.cluster, engine })
  await scene.undo(run)
  return scene.moment()
}

describe('While the yes stood open', () => {
  test('nothing happened: the run is claimed', async () => {
    expect(await claimed({ days: 1 })).toBe('claimed')
  })

  test('the evidence expired: R064', async () => {
    expect(await claimed({ days: 14 })).toBe('R064')
  })

  test('staging was undone: R067 or R068', async () => {
    expect(await claimed({ change: undone })).toMatch(/^R06[78]$/)
  })
})
