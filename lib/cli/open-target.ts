import { nameOf } from '../fleet/fleet.ts'
import { findCluster, readFleet, type FleetFile } from '../fleet/read-fleet.ts'
import type { Target } from '../fleet/target.ts'
import type { PlanTarget } from '../runbook/plan.ts'
import type { Inputs } from '../runbook/runbook.ts'
import type { Cli } from './cli.ts'
import { freshRandom } from './operator.ts'

/** A cluster of the fleet with its APIs. */
export interface OpenTarget {
  readonly target: Target
  readonly place: PlanTarget
  /** ARN of the caller. */
  readonly caller: string
}

/** The fleet by `--fleet` and its like. Throws R004. */
export const readCliFleet = (cli: Cli, option: string | undefined): FleetFile =>
  readFleet({ option, env: cli.terminal.env, cwd: cli.terminal.cwd })

/** The cluster that the inputs of a runbook name. */
export const clusterOf = ({ cluster }: Inputs): string => (typeof cluster === 'string' ? cluster : '')

/**
 * Opens a cluster of the fleet. Throws R005 for a cluster that the fleet has not, R014 when the caller is in another
 * account than the fleet says, R030 without credentials, R024 when AWS does not answer.
 */
export const openTarget = async (cli: Cli, fleet: FleetFile, name: string): Promise<OpenTarget> => {
  const { cluster, account } = findCluster(fleet, name)
  const { connect } = await import('../fleet/connect.ts')
  const { target, caller, arn } = await connect({
    cluster: cluster.name,
    account: account.id,
    region: cluster.region,
    environment: cluster.environment,
    profile: account.profile,
    roleArn: account.roleArn,
    clock: await cli.clock(),
    random: freshRandom(),
    signal: cli.signal,
  })
  const { region, environment } = cluster
  return {
    target,
    place: { cluster: nameOf(cluster), account: account.id, region, environment, arn },
    caller,
  }
}
