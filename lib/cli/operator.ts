import { randomInt } from 'node:crypto'
import { createJsonOperator, createPlainOperator } from '../report/plain-operator.ts'
import type { Clock } from '../runbook/clock.ts'
import type { Operator } from '../runbook/operator.ts'
import { seededRandom, type Random } from '../runbook/random.ts'
import type { Cli, Output } from './cli.ts'
import type { Sink } from './terminal.ts'

/** An operator with its end: nothing else may be written before `close`. */
export interface OpenOperator {
  readonly operator: Operator
  readonly close: () => Promise<void>
}

/**
 * The renderer that fits: JSON lines on stderr for `--output json`, a drawing on a live terminal, else plain lines.
 * `steps` are those that will be walked, in order.
 */
export const openOperator = async (
  cli: Cli,
  output: Output,
  steps: readonly { readonly id: string; readonly title: string }[],
): Promise<OpenOperator> => {
  const clock = await cli.clock()
  if (output === 'json') return quiet(createJsonOperator(surroundings(cli, clock, cli.terminal.stderr)))
  const around = surroundings(cli, clock, cli.terminal.stdout)
  if (!cli.terminal.lively || steps.length === 0) return quiet(createPlainOperator(around))
  const { createTerminalOperator } = await import('../report/terminal-operator.ts')
  const operator = createTerminalOperator({ ...around, steps, stdout: process.stdout })
  return { operator, close: operator.close }
}

/** What is told while planning: to stderr, so that stdout holds the plan alone. */
export const planningOperator = async (cli: Cli, output: Output): Promise<Operator> => {
  const around = surroundings(cli, await cli.clock(), cli.terminal.stderr)
  return output === 'json' ? createJsonOperator(around) : createPlainOperator(around)
}

/** Asks a person for a yes; false where nobody can answer. */
export const askPerson = async (cli: Cli, question: string): Promise<boolean> => {
  if (!cli.terminal.interactive) return false
  const { confirm } = await import('@inquirer/prompts')
  // Ctrl-D ends the input: nothing is left to wait for, and Node would end the process as if all were done.
  const ended = new AbortController()
  const end = () => ended.abort()
  process.once('beforeExit', end)
  const signal = AbortSignal.any([cli.signal, ended.signal])
  try {
    return await confirm({ message: question, default: false }, { output: process.stderr, signal })
  } catch (error) {
    if (!(error instanceof Error && leftThePrompt.has(error.name))) throw error
    cli.terminal.stderr.write('\n')
    return false
  } finally {
    process.off('beforeExit', end)
  }
}

/** Ctrl-C and Ctrl-D at the question are a no. */
const leftThePrompt = new Set(['ExitPromptError', 'AbortPromptError'])

/** Chance of a real run: differs each time. */
export const freshRandom = (): Random => seededRandom(randomInt(2 ** 32))

const surroundings = (cli: Cli, clock: Clock, sink: Sink) => ({
  write: sink.write,
  clock,
  ask: (question: string) => askPerson(cli, question),
})

const quiet = (operator: Operator): OpenOperator => ({ operator, close: () => Promise.resolve() })
