import type { Target } from '../fleet/target.ts'
import { makePlan, type Plan } from '../runbook/plan.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import type { AnyRunbook } from '../runbook/runbook.ts'
import type { Cli, Output } from './cli.ts'
import { readInputs } from './inputs.ts'
import { clusterOf, openTarget, readCliFleet, type OpenTarget } from './open-target.ts'
import { planningOperator } from './operator.ts'
import { packageVersion } from './package-root.ts'
import { loadRunbook } from './runbook-files.ts'
import { unlessStopped } from './unless-stopped.ts'

/** What planning reads from the command line; every other member is an input of the runbook. */
export interface PlanRequest {
  readonly fleet?: string
  readonly output: Output
  readonly [input: string]: unknown
}

/** A plan with the cluster it was made on, still open. */
export interface NewPlan {
  readonly plan: Plan
  readonly opened: OpenTarget
}

/** Plans a runbook from the options given and the fleet's defaults. Throws R002 to R005, R014, and what the survey throws. */
export const newPlan = async (cli: Cli, id: string, request: PlanRequest): Promise<NewPlan> => {
  const runbook = await loadRunbook(id)
  const fleet = readCliFleet(cli, request.fleet)
  const inputs = readInputs(runbook, request, fleet.fleet.defaults[id])
  const opened = await openTarget(cli, fleet, { name: clusterOf(inputs), output: request.output })
  return planWith(cli, { runbook, opened, inputs, output: request.output })
}

/** Plans again what an earlier plan says, against the world as it is now. */
export const planAgain = async (
  cli: Cli,
  plan: Plan,
  { request, proven }: { readonly request: PlanRequest; readonly proven?: Proven },
): Promise<NewPlan> => {
  const runbook = await loadRunbook(plan.runbook)
  const fleet = readCliFleet(cli, request.fleet)
  const opened = await openTarget(cli, fleet, {
    name: clusterOf(plan.inputs),
    output: request.output,
    planned: plan.target,
  })
  const made = { runbook, opened, inputs: plan.inputs, output: request.output }
  return planWith(cli, proven === undefined ? made : { ...made, asProven: proven })
}

interface Made {
  readonly runbook: AnyRunbook<Target>
  readonly opened: OpenTarget
  readonly inputs: unknown
  readonly output: Output
  readonly asProven?: Proven
}

/** Evidence whose releases are taken. */
export type Proven = { readonly name: string; readonly shape: PlanShape }

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
  return { plan: await unlessStopped(cli.signal, planning), opened: made.opened }
}
