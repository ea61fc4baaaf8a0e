import type { Target } from '../fleet/target.ts'
import { makePlan, type Plan } from '../runbook/plan.ts'
import type { AnyRunbook } from '../runbook/runbook.ts'
import type { Cli, Output } from './cli.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import { readInputs } from './inputs.ts'
import { openStore } from './open-store.ts'
import { clusterOf, openTarget, readCliFleet, type OpenTarget } from './open-target.ts'
import { planningOperator } from './operator.ts'
import { packageVersion } from './package-root.ts'
import { openProven, type Proven } from './proven.ts'
import { readingError } from './reading-refusal.ts'
import { loadRunbook } from './runbook-files.ts'
import { unlessStopped } from './unless-stopped.ts'

/** What planning reads from the command line; every other member is an input of the runbook. */
export interface PlanRequest {
  readonly fleet?: string
  readonly output: Output
  readonly state?: string
  /** Evidence whose releases are to be taken. */
  readonly asProven?: string
  readonly [input: string]: unknown
}

/** A plan with the cluster it was made on, still open. */
export interface NewPlan {
  readonly plan: Plan
  readonly opened: OpenTarget
}

/** Plans a runbook from the options given and the fleet's defaults. Throws R002 to R005, R014, R079, and what the survey throws. */
export const newPlan = async (cli: Cli, id: string, request: PlanRequest): Promise<NewPlan> => {
  const runbook = await loadRunbook(id)
  const fleet = readCliFleet(cli, request.fleet)
  const inputs = readInputs(runbook, request, fleet.fleet.defaults[id])
  const proven = await provenBy(cli, request.asProven, { fleet, request })
  const opened = await openTarget(cli, fleet, { name: clusterOf(inputs), output: request.output })
  return planWith(cli, { runbook, opened, inputs, output: request.output, ...proven })
}

/**
 * Plans again what an earlier plan says, against the world as it is now, with the same evidence where it took releases
 * from some. Throws what `newPlan` throws.
 */
export const planAgain = async (
  cli: Cli,
  plan: Plan,
  { request, fleet = readCliFleet(cli, request.fleet) }: Again,
): Promise<NewPlan> => {
  const runbook = await loadRunbook(plan.runbook)
  const proven = await provenBy(cli, plan.asProven, { fleet, request })
  const opened = await openTarget(cli, fleet, {
    name: clusterOf(plan.inputs),
    output: request.output,
    planned: plan.target,
  })
  return planWith(cli, { runbook, opened, inputs: plan.inputs, output: request.output, ...proven })
}

interface Again {
  readonly request: PlanRequest
  /** Default: that of the request. */
  readonly fleet?: FleetFile
}

const provenBy = async (
  cli: Cli,
  name: string | undefined,
  { fleet, request }: { readonly fleet: FleetFile; readonly request: PlanRequest },
): Promise<Pick<Made, 'asProven'>> =>
  name === undefined
    ? {}
    : { asProven: await openProven(await openStore(request.state, cli.terminal), name, fleet) }

interface Made {
  readonly runbook: AnyRunbook<Target>
  readonly opened: OpenTarget
  readonly inputs: unknown
  readonly output: Output
  readonly asProven?: Proven
}

const planWith = async (cli: Cli, made: Made): Promise<NewPlan> => {
  const planning = makePlan({
    runbook: made.runbook,
    target: made.opened.target,
    place: made.opened.place,
    plannedBy: made.opened.caller,
    inputs: made.inputs,
    clock: await cli.clock(),
    signal: cli.signal,
    operator: await planningOperator(cli, made.output),
    tool: packageVersion(),
    ...(made.asProven === undefined ? {} : { asProven: made.asProven }),
  })
  try {
    return { plan: await unlessStopped(cli.signal, planning), opened: made.opened }
  } catch (error) {
    throw readingError(error, { again: 'type the same command' })
  }
}
