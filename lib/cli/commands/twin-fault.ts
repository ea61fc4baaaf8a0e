import { Argument, InvalidArgumentError, type Command } from 'commander'
import { faultKinds } from '../../twin/faults.ts'
import type { FaultInForce } from '../../twin/control-server.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin } from '../twin-client.ts'

interface Options extends CommonOptions {
  readonly service?: string
  readonly operation?: string
  readonly object?: string
  readonly times?: number
  readonly skip?: number
  readonly seconds?: number
}

/** `eks-runbook twin fault KIND | list | clear` */
const twinFault: MakeCommand = (cli) =>
  withOptions(
    newCommand('fault', 'Make the twin fail on purpose; `list` shows what is in force, `clear` ends it.', {
      example:
        'eks-runbook twin fault throttle --service eks --times 3\neks-runbook twin fault update-fails --object photo-staging\neks-runbook twin fault clear',
    }),
  ).action(async (kind: string, options: Options) => {
    const folder = twinFolder(options.state, cli.terminal)
    const answer =
      kind === 'list'
        ? await askTwin(folder, 'GET', '/faults')
        : kind === 'clear'
          ? await askTwin(folder, 'DELETE', '/faults')
          : await askTwin(folder, 'POST', '/faults', faultOf(kind, options))
    show(cli, options, answer as { readonly faults: readonly FaultInForce[] })
  })

export default twinFault

const withOptions = (command: Command): Command =>
  command
    .addArgument(
      new Argument('<kind>', 'kind of fault, or list, or clear').choices(['list', 'clear', ...faultKinds]),
    )
    .option('--service <service>', 'only calls of this service: eks, ec2, kubernetes, …')
    .option('--operation <name>', 'only this operation, such as UpdateClusterVersion or CreateEviction')
    .option('--object <name>', 'only calls about an object with this in its name')
    .option('--times <count>', 'how often it strikes; -1: always (default: 1)', wholeNumber)
    .option('--skip <count>', 'matching calls let through first', wholeNumber)
    .option('--seconds <seconds>', 'length, for kinds that have one', wholeNumber)

const faultOf = (kind: string, { service, operation, object, times, skip, seconds }: Options): object => ({
  kind,
  match: { service, operation, object },
  times,
  skip,
  seconds,
})

const show = (cli: Cli, options: Options, { faults }: { readonly faults: readonly FaultInForce[] }): void => {
  if (options.output === 'json') return writeJson(cli, { faults })
  const lines = faults.map(({ fault, struck }) => {
    const match = Object.entries(fault.match ?? {}).map(([name, value]) => ` ${name}=${value}`)
    return `${fault.kind}${match.join('')}: struck ${struck} of ${fault.times === -1 ? 'always' : (fault.times ?? 1)}`
  })
  writeText(cli, lines.length === 0 ? 'No fault is in force.' : lines.join('\n'))
}

const wholeNumber = (text: string): number => {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number')
}
