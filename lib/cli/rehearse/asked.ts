import type { FleetFile } from '../../fleet/read-fleet.ts'
import type { Target } from '../../fleet/target.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { stepsDigest, type Plan } from '../../runbook/plan.ts'
import type { AnyRunbook, Inputs } from '../../runbook/runbook.ts'
import type { StateStore } from '../../runbook/store.ts'
import type { Cli } from '../cli.ts'
import { readInputs } from '../inputs.ts'
import { planned } from '../planned.ts'
import { openProven, type Proven } from '../proven.ts'
import { loadRunbook } from '../runbook-files.ts'

/** What the command line asks to rehearse. */
export interface AskedFor {
  readonly runbook: AnyRunbook<Target>
  readonly inputs: Inputs
  readonly asProven?: Proven
  /** The plan whose steps are to be rehearsed, and no others. */
  readonly plan?: Plan
}

export interface Asking {
  readonly fleet: FleetFile
  readonly store: StateStore
  /** `--plan`: a file, or the digest of a plan that the team keeps. */
  readonly plan?: string
  /** `--as-proven`: name of evidence. */
  readonly asProven?: string
  readonly [input: string]: unknown
}

/**
 * A runbook with inputs, or what a plan was made of: its inputs and the evidence of its releases. Throws R001 without
 * either or with both, R002, R003, R006 and R081 for the plan, R062, R063, R066, R067, R079 for the evidence.
 */
export const askedFor = async (cli: Cli, id: string | undefined, asking: Asking): Promise<AskedFor> => {
  const { fleet, store, plan: name } = asking
  if (id !== undefined && name === undefined) {
    const runbook = await loadRunbook(id)
    const inputs = readInputs(runbook, asking, fleet.fleet.defaults[id])
    return { runbook, inputs, ...(await provenBy(asking.asProven, asking)) }
  }
  if (name === undefined || id !== undefined || asking.asProven !== undefined) throw notOne()
  const plan = await planned(cli, name, store)
  const runbook = await loadRunbook(plan.runbook)
  return { runbook, inputs: plan.inputs, plan, ...(await provenBy(plan.asProven, asking)) }
}

const provenBy = async (
  name: string | undefined,
  { fleet, store }: Asking,
): Promise<Pick<AskedFor, 'asProven'>> =>
  name === undefined ? {} : { asProven: await openProven(store, name, fleet) }

const notOne = (): RunbookError =>
  new RunbookError(
    'R001',
    'Cannot understand the command line: expected either a runbook with its inputs or --plan, which has them, found otherwise',
    {
      hint: 'eks-runbook rehearse --plan plan.json, or: eks-runbook rehearse upgrade-cluster --cluster <cluster>',
    },
  )

/** Throws R082 where the world gives other steps than the plan that was to be rehearsed has. */
export const refuseOtherSteps = (there: Plan, { plan }: AskedFor, world: string): void => {
  if (plan === undefined || stepsDigest(there) === stepsDigest(plan)) return
  const { cluster } = plan.target
  const at = plan.steps.findIndex(
    (step, index) => JSON.stringify(step) !== JSON.stringify(there.steps[index]),
  )
  const [expected, found] = [plan, there].map(({ steps }) => steps[Math.max(at, 0)]?.title ?? 'no more steps')
  throw new RunbookError(
    'R082',
    `Cannot rehearse plan ${plan.digest.slice(0, 12)}: expected its steps in the world of ${world}, found ${found} where the plan has ${expected}`,
    {
      hint: `eks-runbook import --cluster ${cluster} --save FILE, then rehearse with --world FILE; when ${cluster} has changed, plan again first`,
    },
  )
}
