import type { Command } from 'commander'
import { gatedBy } from '../evidence/gated.ts'
import { fleetDigest } from '../fleet/fleet-digest.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { outcomeText } from '../report/run-text.ts'
import type { EngineOptions, RunOutcome } from '../runbook/engine-options.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Clearance, FleetRules } from '../runbook/journal-event.ts'
import type { Plan } from '../runbook/plan.ts'
import type { RunView } from '../runbook/run-view.ts'
import { readRun } from '../runbook/runs.ts'
import type { StateStore } from '../runbook/store.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import type { Target } from '../fleet/target.ts'
import { pickUpHammer, type Glass } from './break-glass.ts'
import { writeJson, writeText, type Cli, type CommonOptions } from './cli.ts'
import { clusterOf, openTarget, readCliFleet, type OpenTarget } from './open-target.ts'
import { freshRandom, openOperator } from './operator.ts'
import { isGone, thisProcess } from './owner.ts'
import { packageVersion } from './package-root.ts'
import { openProof } from './proof.ts'
import { errorLine } from './report-error.ts'
import { loadRunbook } from './runbook-files.ts'
import { signAtEnd } from './sign-run.ts'
import { toolDigest } from './tool-digest.ts'
import { leaseSeconds } from './wall-clock.ts'

/** Options of the commands that run something. */
export interface EngineRequest extends CommonOptions {
  readonly approve?: string
  readonly takeOver?: boolean
  readonly reason?: string
}

/** Adds `--take-over` and `--reason`. */
export const withTakeOver = (command: Command): Command =>
  command
    .option('--take-over', 'take the stale lock of another run; needs --reason')
    .option('--reason <text>', 'why, for the journal')

/** What is about to be walked. */
export interface Walk {
  readonly plan: Plan
  /** Titles of the steps in the order in which they will be walked. */
  readonly steps: readonly { readonly id: string; readonly title: string }[]
  readonly request: EngineRequest
  readonly store: StateStore
  /** The open target, where planning has opened it already. */
  readonly opened?: OpenTarget
  /** How the gate was passed: journaled with a new run; the evidence that it names is what steps are held against. */
  readonly clearance?: Clearance | undefined
  /** Name of the run that goes on. */
  readonly run?: string
  /** The operator's yes to the differences that stopped the run. */
  readonly acceptDifferences?: { readonly reason: string } | undefined
  /** Why the glass is to be broken for a run that goes on. */
  readonly emergency?: string | undefined
  readonly go: (options: EngineOptions<Target>, glass: Glass | undefined) => Promise<RunOutcome>
}

/** Runs the engine with the renderer that fits, shows how the run ended, and sets the exit code. */
export const walk = async (cli: Cli, walked: Walk): Promise<void> => {
  const { plan, steps, request, store, opened, clearance, acceptDifferences, emergency, go } = walked
  const takeOver = takeOverOf(request)
  const runbook = await loadRunbook(plan.runbook)
  const fleet = readCliFleet(cli, request.fleet)
  const { target, caller } = opened ?? (await openPlanned(cli, fleet, walked))
  const glass =
    emergency === undefined ? undefined : pickUpHammer(fleet.fleet, { by: caller, reason: emergency })
  const proof = await openProof({ clearance, store, fleet: fleet.fleet, glass, run: walked.run })
  const { operator, close } = await openOperator(cli, request.output, steps)
  const engine: EngineOptions<Target> = {
    target,
    runbook,
    store,
    operator,
    clock: await cli.clock(),
    random: freshRandom(),
    signal: cli.signal,
    owner: thisProcess(),
    isGone,
    tool: packageVersion(),
    toolDigest: toolDigest(),
    fleet: rulesOf(fleet.fleet, plan),
    by: caller,
    leaseSeconds: leaseSeconds(cli.terminal.env),
    ...(takeOver && { takeOver }),
    ...(clearance && { clearance }),
    ...(proof && { proof }),
    ...(acceptDifferences && { acceptDifferences }),
  }
  const ended = await closing(close, async () => {
    const outcome = await go(engine, glass)
    if (outcome.state !== 'done' || steps.length === 0) return { outcome }
    return { outcome, ...(await signAtEnd(cli, outcome.run, { store, fleet: fleet.fleet, operator })) }
  })
  await showOutcome(cli, { ...ended, store, request })
}

const openPlanned = (cli: Cli, fleet: FleetFile, { plan, request }: Walk): Promise<OpenTarget> =>
  openTarget(cli, fleet, { name: clusterOf(plan.inputs), output: request.output, planned: plan.target })

const rulesOf = (fleet: Fleet, { target }: Plan): FleetRules => ({
  digest: fleetDigest(fleet),
  gated: gatedBy(fleet, target) !== undefined,
})

const closing = async <R>(close: () => Promise<void>, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } finally {
    await close()
  }
}

/** The run as its journal tells it now. Throws R008. */
export const runView = (store: StateStore, id: string): Promise<RunView> => readRun(store, id, { isGone })

const takeOverOf = ({ takeOver, reason }: EngineRequest): { readonly reason: string } | undefined => {
  if (takeOver !== true) return undefined
  if (reason !== undefined && reason.trim() !== '') return { reason }
  throw new RunbookError('R001', 'Cannot take over a lock: expected --reason, found none', {
    hint: 'add --reason "why the other run will not go on"',
  })
}

interface Ended {
  readonly outcome: RunOutcome
  /** Name of the evidence, where it was signed. */
  readonly evidence?: string
  readonly store: StateStore
  readonly request: EngineRequest
}

const showOutcome = async (cli: Cli, { outcome, evidence, store, request }: Ended): Promise<void> => {
  cli.finish(outcome.exit)
  const { run, state, exit, error } = outcome
  if (request.output === 'json') {
    const told = error ? { error: { code: error.code, message: error.message, hint: error.hint } } : {}
    writeJson(cli, { run, state, exit, ...(evidence === undefined ? {} : { evidence }), ...told })
  } else writeText(cli, `\n${outcomeText(await runView(store, run))}`)
  if (error) cli.terminal.stderr.write(`${errorLine(error)}\n`)
}
