import { Command, CommanderError } from 'commander'
import { suggest } from '../fleet/did-you-mean.ts'
import type { Clock } from '../runbook/clock.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Cli, ExitCode } from './cli.ts'
import { commandTable } from './command-table.ts'
import { packageVersion } from './package-root.ts'
import { reportError } from './report-error.ts'
import type { Terminal } from './terminal.ts'
import { chooseClock } from './wall-clock.ts'

/** Where a command line runs. */
export interface CliOptions {
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Called before a command that changes a cluster: from then on the process may end only in order. */
  readonly onChanging?: () => void
}

/** Runs one command line; the answer is the exit code. Nothing escapes: every error is told as style 18 wants. */
export const runCli = async (
  argv: readonly string[],
  terminal: Terminal,
  options: CliOptions,
): Promise<number> => {
  let exit: ExitCode = 0
  const cli: Cli = {
    terminal,
    commands: commandTable,
    signal: options.signal,
    clock: async () => options.clock ?? chooseClock(terminal.env),
    finish: (code) => void (exit = code),
  }
  try {
    await dispatch(cli, argv, options)
    return exit
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return reportError(terminal, argv, options.signal.aborted ? asStop(error) : error)
  }
}

/** What an aborted command threw; an error of ours says more than that it was stopped. */
const asStop = (error: unknown): RunbookError =>
  error instanceof RunbookError
    ? error
    : new RunbookError(
        'R020',
        'Cannot finish the command: expected to be left alone, found a stop by the operator',
        {
          hint: 'type it again; of a run that was begun: eks-runbook runs',
          cause: error,
        },
      )

const dispatch = async (cli: Cli, argv: readonly string[], options: CliOptions): Promise<void> => {
  const { name, before, after } = splitCommand(argv)
  const entry = commandTable.find((item) => item.name === name)
  if (!entry) {
    await top(cli, name).parseAsync(name === undefined ? ['--help', ...before] : [...before], {
      from: 'user',
    })
    return
  }
  if (entry.changes === true) options.onChanging?.()
  const { default: makeCommand } = await entry.load()
  const args = [...after, ...before]
  const command = await makeCommand(cli, args)
  const program = quietly(cli, new Command('eks-runbook'))
  program.addCommand(adopt(cli, command))
  await program.parseAsync([entry.name, ...args], { from: 'user' })
}

const valueOptions = new Set(['--state', '--fleet', '--output'])

/** Finds the command; common options may stand before it. */
const splitCommand = (argv: readonly string[]) => {
  let at = 0
  while (argv[at]?.startsWith('-')) at += valueOptions.has(argv[at] ?? '') ? 2 : 1
  return { name: argv[at], before: argv.slice(0, at), after: argv.slice(at + 1) }
}

const top = (cli: Cli, name: string | undefined): Command => {
  if (name !== undefined && name !== 'help') {
    const names = commandTable.map((entry) => entry.name)
    throw new RunbookError('R001', `Cannot understand the command line: expected a command, found ${name}`, {
      hint: `${suggest(name, names)} (see: eks-runbook --help)`,
    })
  }
  const program: Command = quietly(cli, new Command('eks-runbook'))
    .description('Runbooks for Amazon EKS that prove themselves before they touch production')
    .version(packageVersion())
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    .action((): void => program.outputHelp())
    .addHelpText('after', topExample)
  for (const { name: command, summary } of commandTable) program.command(command).description(summary)
  return program
}

const topExample = `
Example:
  eks-runbook plan upgrade-cluster --cluster photo-staging --to 1.34 --save plan.json
  eks-runbook run --plan plan.json --approve <digest>

Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 refused by a check, 4 stopped and resumable,
5 waiting for approval or credentials.
`

/** Sends what commander prints through the terminal, and its exits through exceptions. */
const quietly = (cli: Cli, command: Command): Command =>
  command
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageError(error, command)
    })
    .configureOutput({
      writeOut: (text) => cli.terminal.stdout.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => 100,
      getOutHasColors: () => false,
    })

const adopt = (cli: Cli, command: Command): Command => {
  quietly(cli, command)
  for (const child of command.commands) adopt(cli, child)
  return command
}

const usageError = (error: CommanderError, command: Command): RunbookError => {
  const words = wordsOf(command)
  const help = [...words, '--help'].join(' ')
  if (error.code === 'commander.help')
    return new RunbookError(
      'R001',
      `Cannot understand the command line: expected a word after ${words.slice(1).join(' ')}, found none`,
      { hint: help },
    )
  const [what = '', more = ''] = error.message.replace(/^error: /, '').split('\n')
  const advice = more.replace(/^\((.*)\)$/, '$1')
  return new RunbookError('R001', `Cannot understand the command line: ${what.replace(/\.$/, '')}`, {
    hint: `${advice === '' ? '' : `${advice.replace('Did', 'did')} `}See: ${help}`,
  })
}

/** A command as it is typed: `eks-runbook twin publish ami`. */
const wordsOf = (command: Command): readonly string[] => [
  ...(command.parent ? wordsOf(command.parent) : []),
  command.name(),
]
