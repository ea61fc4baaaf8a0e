import { InvalidArgumentError, Option } from 'commander'
import { faultProfiles, type FaultProfile, type RehearsalResult } from '../../evidence/rehearsal-result.ts'
import { findCluster } from '../../fleet/read-fleet.ts'
import { errorCodes, RunbookError } from '../../runbook/errors.ts'
import { rehearsalMarkdown, rehearsalText } from '../../report/rehearsal-text.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { clusterOf, readCliFleet } from '../open-target.ts'
import { openStore } from '../open-store.ts'
import { planningOperator } from '../operator.ts'
import type { Keeping } from '../rehearse/keep.ts'
import { errorLine } from '../report-error.ts'
import { withInputs } from './plan.ts'

interface Options extends CommonOptions {
  readonly plan?: string
  readonly asProven?: string
  readonly world?: string
  readonly seed: number
  readonly faults: FaultProfile
  readonly times: number
  readonly [input: string]: unknown
}

/** `eks-runbook rehearse RUNBOOK …`: the whole runbook on a twin in this process, in virtual time. */
const rehearseCommand: MakeCommand = async (cli, argv) => {
  const command = newCommand(
    'rehearse',
    'Run a runbook on a twin of the cluster, in virtual time. Changes nothing.',
    {
      example:
        'eks-runbook rehearse --plan plan.json\neks-runbook rehearse upgrade-cluster --cluster photo-prod --to 1.34\neks-runbook rehearse upgrade-cluster --cluster photo-prod --to 1.34 --world worlds/photo-prod.yaml --faults harsh',
      outputs: ['text', 'json', 'markdown'],
    },
  )
    .argument('[runbook]', 'name of the runbook, where no plan is given')
    .option('--plan <file>', 'plan that was saved, or its digest: rehearse just its steps')
    .option('--as-proven <evidence>', 'take add-on and AMI releases from this evidence, as plan does')
    .option(
      '--world <file>',
      'world file that stands for the cluster (else world: of the fleet, else an import)',
    )
    .option(
      '--seed <number>',
      'chance of the first run; the others take the numbers after it',
      wholeNumber,
      1,
    )
    .addOption(
      new Option('--faults <profile>', 'which troubles happen').choices([...faultProfiles]).default('none'),
    )
    .option('--times <number>', 'how many runs, a seed each', count, 5)
  return (await withInputs(command, argv)).action(async (id: string | undefined, options: Options) => {
    const { result, keeping } = await rehearsal(cli, id, options)
    const kept = await keepOrSay(cli, result, keeping)
    show(cli, kept, options)
  })
}

export default rehearseCommand

const rehearsal = async (cli: Cli, id: string | undefined, options: Options) => {
  const [{ askedFor, refuseOtherSteps }, { findWorld }, begin, { rehearse }] = await Promise.all([
    import('../rehearse/asked.ts'),
    import('../rehearse/find-world.ts'),
    import('../rehearse/begin.ts'),
    import('../rehearse/rehearse.ts'),
  ])
  const { assumptions, planThere, prepare } = begin
  const { output, seed, faults, times, state, world: file } = options
  const { signal } = cli
  const fleet = readCliFleet(cli, options.fleet)
  const store = await openStore(state, cli.terminal)
  const asked = await askedFor(cli, id, { ...options, fleet, store })
  const { runbook, inputs } = asked
  const cluster = clusterOf(inputs)
  const place = findCluster(fleet, cluster)
  const found = await findWorld(cli, { fleet, cluster, file, output })
  const prepared = await prepare(found, place)
  const operator = await planningOperator(cli, output)
  const { beginning } = prepared
  const plan = await planThere(beginning, { ...asked, place, seed, signal, operator })
  refuseOtherSteps(plan, asked, found.from)
  const about = { world: found.from, assumed: assumptions(found, prepared) }
  const result = await rehearse({ beginning, runbook, plan, signal, operator, seed, faults, times, ...about })
  return { result, keeping: { fleet, cluster, inputs, world: found, state, operator } }
}

/** What was rehearsed is told also where its record cannot be kept; the exit code then is that of the error. */
const keepOrSay = async (cli: Cli, result: RehearsalResult, keeping: Keeping): Promise<RehearsalResult> => {
  const { keepRecord } = await import('../rehearse/keep.ts')
  try {
    const record = await keepRecord(cli, result, keeping)
    return record === undefined ? result : { ...result, record }
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error
    cli.finish(errorCodes[error.code].exit)
    cli.terminal.stderr.write(`${errorLine(error)}\n`)
    return result
  }
}

/** 0: every run ended; 3: the plan or a run was stopped; 4: somebody stopped the rehearsal. */
const show = (cli: Cli, result: RehearsalResult, { output }: Options): void => {
  if (output === 'json') writeJson(cli, result)
  else writeText(cli, output === 'markdown' ? rehearsalMarkdown(result) : rehearsalText(result))
  if (result.interrupted) cli.finish(4)
  else if (result.refused || result.runs.some(({ ended }) => ended === 'stopped')) cli.finish(3)
}

const wholeNumber = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number')
}

const count = (text: string): number => {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a number from 1 to 999')
}
