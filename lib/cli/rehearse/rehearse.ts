import {
  predict,
  type FaultProfile,
  type RehearsalResult,
  type RehearsedRun,
} from '../../evidence/rehearsal-result.ts'
import { asRecord } from '../../runbook/failure.ts'
import { tell } from '../../runbook/messages.ts'
import type { Operator } from '../../runbook/operator.ts'
import { stepsDigest } from '../../runbook/plan.ts'
import { seededRandom } from '../../runbook/random.ts'
import { refusalOf } from '../plan-findings.ts'
import { placeFaults, type Undisturbed } from './fault-profiles.ts'
import { chooseBudget } from './hold-budget.ts'
import { rehearseSeed, type Rehearsing, type Seed } from './rehearse-seed.ts'
import type { Stage } from './stage.ts'

/** A rehearsal as asked for. */
export interface Rehearsal extends Omit<Rehearsing, 'onResume'> {
  readonly faults: FaultProfile
  /** The first seed; the others follow. */
  readonly seed: number
  readonly times: number
  readonly operator: Operator
  /** Where the world came from, for people. */
  readonly world: string
  readonly assumed: readonly string[]
}

/**
 * Runs the plan on copies of the world, a seed each, one after the other. With faults a first run without them says
 * what is there to strike; when already that one stops, it is the result. A stop by the operator ends it after the
 * run that it stopped.
 */
export const rehearse = async (rehearsal: Rehearsal): Promise<RehearsalResult> => {
  const refusal = refusalOf(rehearsal.plan)
  const runs = refusal === undefined ? await rehearseAll(rehearsal) : []
  const predicted = predict(runs)
  const { plan } = rehearsal
  return {
    runbook: plan.runbook,
    title: plan.title,
    cluster: plan.target.cluster,
    world: rehearsal.world,
    faults: rehearsal.faults,
    stepsDigest: stepsDigest(plan),
    steps: plan.steps.length,
    findings: plan.findings,
    ...(refusal === undefined ? {} : { refused: asRecord(refusal) }),
    runs,
    ...(predicted === undefined ? {} : { predicted }),
    assumed: rehearsal.assumed,
    interrupted: rehearsal.signal.aborted,
  }
}

/** Always the same: what is there to strike does not depend on the seeds asked for, so that one alone repeats what it did. */
const undisturbedSeed = 1

const rehearseAll = async (rehearsal: Rehearsal): Promise<readonly RehearsedRun[]> => {
  const { faults, seed, times, signal } = rehearsal
  const seeds = Array.from({ length: times }, (_, index) => seed + index)
  if (faults === 'none') return await rehearseEach(rehearsal, seeds, (one) => ({ seed: one, faults: [] }))
  tellRun(rehearsal, 'Without faults first: what is there to strike')
  const { run, undisturbed, stage } = await rehearseOne(rehearsal, { seed: undisturbedSeed, faults: [] })
  if (run.ended !== 'done' || signal.aborted) return [run]
  return await rehearseEach(rehearsal, seeds, (one) => troubled(rehearsal, one, { undisturbed, stage }))
}

const rehearseEach = async (
  rehearsal: Rehearsal,
  seeds: readonly number[],
  seedOf: (seed: number) => Seed,
): Promise<readonly RehearsedRun[]> => {
  const runs: RehearsedRun[] = []
  for (const [index, seed] of seeds.entries()) {
    if (rehearsal.signal.aborted) break
    tellRun(rehearsal, `Seed ${seed}, ${index + 1} of ${seeds.length}`)
    const { run } = await rehearseOne(rehearsal, seedOf(seed))
    runs.push(run)
    if (run.ended === 'stopped' && rehearsal.faults === 'none') break
  }
  return runs
}

const rehearseOne = (rehearsal: Rehearsal, seed: Seed) =>
  rehearseSeed(
    {
      ...rehearsal,
      onResume: ({ code, message, injected }) =>
        tellRun(
          rehearsal,
          `Seed ${seed.seed}: ${code} ${message}${injected === undefined ? '' : ` (injected: ${injected})`}; resumed as an operator would`,
        ),
    },
    seed,
  )

const troubled = (
  { faults }: Rehearsal,
  seed: number,
  { undisturbed, stage }: { readonly undisturbed: Undisturbed; readonly stage: Stage },
): Seed => {
  const random = seededRandom(seed)
  const placed = placeFaults(faults, undisturbed, random)
  const held = faults === 'harsh' ? chooseBudget(stage, undisturbed.evictionSeconds, random) : undefined
  return { seed, faults: placed, ...(held === undefined ? {} : { heldBudget: held }) }
}

const tellRun = ({ operator, plan, faults }: Rehearsal, text: string): void =>
  tell(operator, 'M064', { text, data: { runbook: plan.runbook, cluster: plan.target.cluster, faults } })
