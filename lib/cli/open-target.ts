import path from 'node:path'
import type { Programs } from '../fleet/cluster-shell.ts'
import type { Connection } from '../fleet/connect.ts'
import { findCluster, readFleet, type FleetFile } from '../fleet/read-fleet.ts'
import { nameOf, type FleetAccount, type FleetCluster } from '../fleet/fleet.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import { tell } from '../runbook/messages.ts'
import type { Plan, PlanTarget } from '../runbook/plan.ts'
import type { Inputs } from '../runbook/runbook.ts'
import type { Cli, Output } from './cli.ts'
import { launcherPath } from './package-root.ts'
import { freshRandom, planningOperator } from './operator.ts'
import { unlessStopped } from './unless-stopped.ts'

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
 * account than the fleet says, R015 when it is not the cluster of the plan, R030 without credentials, R024 when AWS does
 * not answer, R020 when stopped.
 */
export const openTarget = async (
  cli: Cli,
  fleet: FleetFile,
  { name, output, planned }: Opening,
): Promise<OpenTarget> => {
  const place = { file: fleet.file, ...findCluster(fleet, name) }
  const { region, environment } = place.cluster
  if (planned) refuseOtherPlace(planned, { account: place.account.id, region })
  if (output !== undefined) await tellWhatIsTried(cli, place, output)
  const { target, caller, arn } = await contact(cli, place, async (connection) => {
    const { connect } = await import('../fleet/connect.ts')
    return connect(connection)
  })
  if (planned) refuseOtherPlace(planned, { arn })
  return {
    target,
    place: { cluster: nameOf(place.cluster), account: place.account.id, region, environment, arn },
    caller,
  }
}

/**
 * ARN of who calls in the account of the cluster of a plan, by STS alone. `profile` stands for both profile and role of
 * the fleet. Throws R005, R014, R015, R030, R024, R020 as `openTarget` does.
 */
export const openCaller = async (
  cli: Cli,
  fleet: FleetFile,
  { plan, profile }: { readonly plan: Plan; readonly profile: string | undefined },
): Promise<string> => {
  const place = { file: fleet.file, ...findCluster(fleet, clusterOf(plan.inputs)) }
  refuseOtherPlace(plan.target, { account: place.account.id, region: place.cluster.region })
  const { profile: _its, roleArn: _role, ...account } = place.account
  const own = profile === undefined ? place : { ...place, account: { ...account, profile } }
  return await contact(cli, own, async (connection) => {
    const { callerOf } = await import('../fleet/connect.ts')
    return callerOf(connection)
  })
}

interface Opening {
  readonly name: string
  /** Where to tell what is tried. */
  readonly output?: Output
  /** Where the plan was made: the same name must still lead to the same cluster. */
  readonly planned?: PlanTarget
}

/** Compared before AWS is asked where the fleet already tells. */
const refuseOtherPlace = (planned: PlanTarget, found: Partial<PlanTarget>): void => {
  const differs = (['account', 'region', 'arn'] as const).find(
    (key) => found[key] !== undefined && found[key] !== planned[key],
  )
  if (differs === undefined) return
  throw new RunbookError(
    'R015',
    `Cannot go on with ${planned.cluster}: expected ${differs} ${planned[differs]}, as planned, found ${found[differs]}`,
    { hint: `give the fleet in which ${planned.cluster} is ${planned.arn}: --fleet FILE` },
  )
}

interface Place {
  /** Of the fleet. */
  readonly file: string
  readonly cluster: FleetCluster
  readonly account: FleetAccount
}

const tellWhatIsTried = async (cli: Cli, place: Place, output: Output): Promise<void> => {
  const { id: account, profile } = place.account
  tell(await planningOperator(cli, output), 'M062', {
    text: `Asking AWS: ${triedText(place)}`,
    data: { account, region: place.cluster.region, ...(profile === undefined ? {} : { profile }) },
  })
}

const triedText = ({ account, cluster }: Place): string =>
  `account ${account.id} in ${cluster.region}${account.profile === undefined ? '' : ` with profile ${account.profile}`}`

/** No run depends on this first contact yet: its errors say what was tried instead of how to resume. */
const contact = async <R>(
  cli: Cli,
  place: Place,
  open: (connection: Connection) => Promise<R>,
): Promise<R> => {
  const { cluster, account } = place
  try {
    const connecting = open({
      cluster: cluster.name,
      account: account.id,
      region: cluster.region,
      environment: cluster.environment,
      profile: account.profile,
      roleArn: account.roleArn,
      smoke: { checks: cluster.smoke, programs: programsOf(cli, place) },
      clock: await cli.clock(),
      random: freshRandom(),
    })
    return await unlessStopped(cli.signal, connecting)
  } catch (error) {
    throw error instanceof RunbookError ? asFirstContact(error, place, cli.terminal.env) : error
  }
}

/** Programs of the team stand beside fleet.yaml, and log in to the cluster by this tool. */
const programsOf = (cli: Cli, { file }: Place): Programs => ({
  env: cli.terminal.env,
  folder: path.dirname(file),
  token: [process.execPath, launcherPath(), 'kube-token'],
})

const asFirstContact = (error: RunbookError, place: Place, env: Env): RunbookError => {
  const { cluster, account } = place
  const login = account.profile === undefined ? 'aws sso login' : `aws sso login --profile ${account.profile}`
  const hints: { readonly [code: string]: string | undefined } = {
    R030: `${login} (or set AWS_PROFILE), then: eks-runbook fleet check`,
    R024: `check the network${env['AWS_ENDPOINT_URL'] ? ` and AWS_ENDPOINT_URL=${env['AWS_ENDPOINT_URL']}` : ''}, then: eks-runbook fleet check`,
  }
  const hint = hints[error.code]
  if (hint === undefined) return error
  const message = `Cannot open ${nameOf(cluster)} (tried ${triedText(place)}): ${error.message}`
  return new RunbookError(error.code, message, { hint, cause: error })
}

type Env = Cli['terminal']['env']
