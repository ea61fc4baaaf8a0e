import type { FleetAccount, FleetCluster } from '../../fleet/fleet.ts'
import type { Target } from '../../fleet/target.ts'
import type { Operator } from '../../runbook/operator.ts'
import { makePlan, type Plan } from '../../runbook/plan.ts'
import type { AnyRunbook, Inputs } from '../../runbook/runbook.ts'
import { nameOf } from '../../fleet/fleet.ts'
import { prepareTwin, type RefusedManifest } from '../../twin/prepare.ts'
import { packageVersion } from '../package-root.ts'
import type { Proven } from '../proven.ts'
import { unlessStopped } from '../unless-stopped.ts'
import { runnerOf, type FoundWorld } from './find-world.ts'
import { findCluster, openStage, type Beginning } from './stage.ts'
import { operatorSeconds } from './walk-once.ts'

/** How far delays are from their usual length where the world does not say: from 85 % to 115 %. */
export const usualVariation = 0.15

/** A world that settled, and what the twin would not take of it. */
export interface Prepared {
  readonly beginning: Beginning
  readonly refused: readonly RefusedManifest[]
}

interface Place {
  readonly cluster: FleetCluster
  readonly account: FleetAccount
}

/** Lets the world settle, once for all seeds. Throws R082 when the world has not the cluster of that account and region. */
export const prepare = async ({ world }: FoundWorld, place: Place): Promise<Prepared> => {
  const variation = world.variation === 0 ? usualVariation : world.variation
  const { snapshot, refused } = await prepareTwin({ ...world, variation })
  const { name: cluster, region, environment, smoke } = place.cluster
  const { id: account } = place.account
  const profile = runnerOf(world, place)
  const beginning = { snapshot, cluster, account, region, environment, profile, smoke }
  findCluster(beginning)
  return { beginning, refused }
}

export interface Planning {
  readonly runbook: AnyRunbook<Target>
  readonly inputs: Inputs
  readonly place: Place
  readonly seed: number
  readonly signal: AbortSignal
  readonly operator: Operator
  /** Evidence whose releases are taken. */
  readonly asProven?: Proven
}

/** Plans on a copy of the world. Throws what planning throws. */
export const planThere = async (beginning: Beginning, planning: Planning): Promise<Plan> => {
  const stage = await openStage(beginning, { seed: planning.seed, faults: [] })
  const { target, time, caller } = stage
  const { account, region, arn } = target
  const making = makePlan({
    ...planning,
    target,
    place: {
      cluster: nameOf(planning.place.cluster),
      account,
      region,
      environment: planning.place.cluster.environment,
      arn,
    },
    clock: time.clock,
    plannedBy: caller,
    tool: packageVersion(),
  })
  return await unlessStopped(planning.signal, time.run(making))
}

/** What a rehearsal in this world rests on, a sentence each. */
export const assumptions = ({ world, imported }: FoundWorld, { refused }: Prepared): readonly string[] => {
  const variation = world.variation === 0 ? usualVariation : world.variation
  const [first] = refused
  return [
    `durations of AWS are the twin's, ${Math.round(variation * 100)} % around their usual length`,
    imported
      ? 'pods take as long to be Ready as the import saw, others as the twin guesses'
      : 'pods take as long to be Ready as timings of the world file say',
    `after a stop somebody needs ${operatorSeconds / 60} minutes to go on`,
    'http and command checks of the team are not made',
    ...(first === undefined
      ? []
      : [`${refused.length} objects are left out, such as ${first.object}: ${first.message}`]),
  ]
}
