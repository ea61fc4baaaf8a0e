import { execute } from '../../runbook/engine.ts'
import { RunbookError } from '../../runbook/errors.ts'
import type { Plan } from '../../runbook/plan.ts'
import { isDigest } from '../../runbook/plan-store.ts'
import type { StateStore } from '../../runbook/store.ts'
import type { Approval } from '../approval.ts'
import { glassReason, withBreakGlass, type GlassRequest } from '../break-glass.ts'
import { writeJson, type Cli, type MakeCommand } from '../cli.ts'
import { clearRun } from '../clear-run.ts'
import { newCommand } from '../command.ts'
import { walk, withTakeOver, type EngineRequest, type Walk } from '../engine-run.ts'
import { newPlan, planAgain, type NewPlan } from '../new-plan.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { planned } from '../planned.ts'
import { refusalOf } from '../plan-findings.ts'
import { refuseOtherPlan } from '../same-plan.ts'
import { printPlan, withInputs } from './plan.ts'

interface Options extends EngineRequest, GlassRequest {
  readonly plan?: string
  readonly [input: string]: unknown
}

/** `eks-runbook run RUNBOOK …` and `eks-runbook run --plan FILE` */
const run: MakeCommand = async (cli, argv) => {
  const command = newCommand('run', 'Run a plan that somebody approved.', {
    example:
      'eks-runbook run --plan plan.json --approve <digest>\neks-runbook run upgrade-cluster --cluster photo-staging --to 1.34',
  })
    .argument('[runbook]', 'name of the runbook, where no plan file is given')
    .option('--plan <file>', 'plan that was saved, or its digest; refused when the world no longer gives it')
    .option('--approve <digest>', 'the digest of the plan, as the yes')
  const withAll = await withInputs(withBreakGlass(withTakeOver(command)), argv)
  return withAll.action(async (id: string | undefined, options: Options) => {
    const emergency = glassReason(options)
    const store = await openStore(options.state, cli.terminal)
    const { plan, opened, planner } =
      options.plan === undefined
        ? await planNow(cli, id, options)
        : await sameAsSaved(cli, { name: options.plan, store }, options)
    const refusal = refusalOf(plan)
    if (refusal) throw refusal
    if (plan.steps.length === 0) {
      if (options.output === 'json') writeJson(cli, { run: null, state: 'done', exit: 0 })
      return
    }
    const { clearance, into } = await clearRun(cli, {
      plan,
      planner,
      store,
      emergency,
      runner: opened.caller,
      fleet: readCliFleet(cli, options.fleet),
      clock: await cli.clock(),
      called: options.plan ?? 'plan.json',
      yes: yesTo(plan, options, argv),
    })
    const go: Walk['go'] = (engine) => execute(plan, into(engine))
    await walk(cli, { plan, steps: plan.steps, request: options, store, opened, clearance, go })
  })
}

export default run

const yesTo = (plan: Plan, { approve }: Options, argv: readonly string[]): Approval => ({
  digest: plan.digest,
  given: approve,
  deed: `run ${plan.runbook} on ${plan.target.cluster}`,
  command: commandOf(argv),
})

/** A plan that may run, with the ARN of who planned it. */
interface Ready extends NewPlan {
  readonly planner: string
}

/** Plans and shows the plan; on stderr where stdout holds the one JSON document. */
const planNow = async (cli: Cli, id: string | undefined, options: Options): Promise<Ready> => {
  if (id === undefined)
    throw new RunbookError(
      'R001',
      'Cannot understand the command line: expected a runbook or --plan, found neither',
      {
        hint: 'eks-runbook run --help',
      },
    )
  const made = await newPlan(cli, id, options)
  showPlan(cli, made.plan, options)
  return { ...made, planner: made.opened.caller }
}

interface Saved {
  /** A file, or the digest of a plan that the team keeps. */
  readonly name: string
  readonly store: StateStore
}

/** The saved plan, once the world has been seen to give it still. Throws R006, R011, R081. */
const sameAsSaved = async (cli: Cli, { name, store }: Saved, options: Options): Promise<Ready> => {
  const saved = await planned(cli, name, store)
  const file = isDigest(name) ? 'plan.json' : name
  const made = await planAgain(cli, saved, { request: options })
  const fresh = made.plan
  refuseOtherPlan(fresh, { saved, deed: `run ${name}`, file })
  const { plannedBy, plannedAt } = saved
  const plan = { ...fresh, plannedBy, plannedAt }
  if (options.approve === plan.digest) showSame(cli, name, plan, options)
  else showPlan(cli, plan, options)
  return { ...made, plan, planner: plannedBy }
}

/** Who gives the digest has read the plan: it is not shown once more. */
const showSame = (cli: Cli, file: string, { steps, target }: Plan, { output }: Options): void => {
  const sink = output === 'json' ? cli.terminal.stderr : cli.terminal.stdout
  sink.write(`${target.cluster} still gives the plan of ${file}: ${steps.length} steps, as approved\n\n`)
}

const showPlan = (cli: Cli, plan: Plan, { output }: Options): void => {
  const sink = output === 'json' ? cli.terminal.stderr : cli.terminal.stdout
  printPlan({ ...cli, terminal: { ...cli.terminal, stdout: sink } }, plan, 'text')
}

const commandOf = (argv: readonly string[]): string => {
  const at = argv.indexOf('--approve')
  const rest = at === -1 ? argv : argv.toSpliced(at, 2)
  return ['eks-runbook run', ...rest].join(' ')
}
