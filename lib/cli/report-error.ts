import { errorCodes, RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Terminal } from './terminal.ts'

/**
 * Tells an error: one line on stderr, with `--output json` also the document on stdout. Returns the exit code.
 * A defect of the tool is R099; its stack is shown under EKS_RUNBOOK_DEBUG=1 only.
 */
export const reportError = (terminal: Terminal, argv: readonly string[], error: unknown): number => {
  const known = error instanceof RunbookError ? error : asDefect(error)
  const told = { code: known.code, message: plainText(known.message), hint: plainText(known.hint) }
  if (wantsJson(argv)) terminal.stdout.write(`${JSON.stringify({ error: told }, null, 2)}\n`)
  terminal.stderr.write(`${errorLine(told)}\n`)
  if (terminal.env['EKS_RUNBOOK_DEBUG'] === '1' && error instanceof Error)
    terminal.stderr.write(`${stackOf(error)}\n`)
  return errorCodes[known.code].exit
}

/** `R012 Cannot …: expected …, found …. Hint: …` */
export const errorLine = (error: {
  readonly code: string
  readonly message: string
  readonly hint: string
}): string => `${error.code} ${error.message.replace(/\.$/, '')}. Hint: ${error.hint}`

const asDefect = (error: unknown): RunbookError =>
  new RunbookError('R099', `Cannot go on: ${error instanceof Error ? error.message : String(error)}`, {
    hint: 'run it again with EKS_RUNBOOK_DEBUG=1 and report the output',
    cause: error,
  })

const stackOf = (error: Error): string =>
  error.cause instanceof Error
    ? `${error.stack ?? ''}\ncaused by ${stackOf(error.cause)}`
    : (error.stack ?? '')

const wantsJson = (argv: readonly string[]): boolean =>
  argv.some((word, index) => word === '--output=json' || (word === '--output' && argv[index + 1] === 'json'))
