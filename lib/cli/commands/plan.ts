import type { Command } from 'commander'
import { planMarkdown, planText } from '../../report/plan-text.ts'
import type { Plan } from '../../runbook/plan.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand, type Output } from '../cli.ts'
import { newCommand } from '../command.ts'
import { addInputOptions, inputOptions } from '../inputs.ts'
import { refusalOf } from '../plan-findings.ts'
import { newPlan } from '../new-plan.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { savePlan } from '../plan-file.ts'
import { errorLine } from '../report-error.ts'
import { chosenRunbook } from '../runbook-files.ts'
import { keepForTeam } from '../second-person.ts'

interface Options extends CommonOptions {
  readonly save?: string
  readonly asProven?: string
  readonly [input: string]: unknown
}

/** `eks-runbook plan RUNBOOK …` */
const plan: MakeCommand = async (cli, argv) => {
  const command = newCommand(
    'plan',
    'Look at the cluster and print the plan with its digest. Changes nothing.',
    {
      example:
        'eks-runbook plan upgrade-cluster --cluster photo-staging --to 1.34 --save plan.json\neks-runbook plan upgrade-cluster --help',
      outputs: ['text', 'json', 'markdown'],
    },
  )
    .argument('<runbook>', 'name of the runbook, see: eks-runbook list')
    .option('--save <file>', 'write the plan to this file, for: eks-runbook run --plan')
    .option('--as-proven <evidence>', 'take add-on and AMI releases from this evidence instead of the newest')
  return (await withInputs(command, argv)).action(async (id: string, options: Options) => {
    const { plan: made } = await newPlan(cli, id, options)
    if (options.save !== undefined) savePlan(cli, options.save, made)
    const { fleet } = readCliFleet(cli, options.fleet)
    await keepForTeam(made, { fleet, store: () => openStore(options.state, cli.terminal) })
    show(cli, made, options)
  })
}

export default plan

/** Adds the inputs of the runbook that the command line names. */
export const withInputs = async (command: Command, argv: readonly string[]): Promise<Command> => {
  const runbook = await chosenRunbook(argv)
  return runbook ? addInputOptions(command, inputOptions(runbook)) : command
}

/** Prints a plan; one that a check stops is still shown, and ends with 3. */
const show = (cli: Cli, made: Plan, { output, save }: Options): void => {
  printPlan(cli, made, output)
  const refusal = refusalOf(made)
  if (refusal) {
    cli.finish(3)
    cli.terminal.stderr.write(`${errorLine(refusal)}\n`)
    return
  }
  if (output !== 'text' || made.steps.length === 0) return
  writeText(
    cli,
    save === undefined
      ? 'To run it, save it: add --save plan.json'
      : `Run it:    eks-runbook run --plan ${save} --approve ${made.digest}`,
  )
}

/** Prints a plan in the form asked for. */
export const printPlan = (cli: Cli, made: Plan, output: Output): void => {
  if (output === 'json') writeJson(cli, made)
  else writeText(cli, output === 'markdown' ? planMarkdown(made) : planText(made))
}
