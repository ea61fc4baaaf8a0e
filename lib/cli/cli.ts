import type { Command } from 'commander'
import type { Clock } from '../runbook/clock.ts'
import type { Json } from '../runbook/json.ts'
import type { Terminal } from './terminal.ts'

/** What a command works with. */
export interface Cli {
  readonly terminal: Terminal
  /** All commands, in the order of the help. */
  readonly commands: readonly CommandEntry[]
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
  /** The one clock of this process (wall-clock.ts). Throws R001 for an EKS_RUNBOOK_CLOCK that may not hold here. */
  readonly clock: () => Promise<Clock>
  /** Exit code of the process, unless an error is thrown: 0 done, 1 failed, 2 usage, 3 refused, 4 stopped, 5 waiting. */
  readonly finish: (code: ExitCode) => void
}

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5

/** A command of the first level; its file is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** It changes a cluster. */
  readonly changes?: true
  readonly load: () => Promise<{ readonly default: MakeCommand }>
}

/** A command: `argv` is what stands after its name. */
export type MakeCommand = (cli: Cli, argv: readonly string[]) => Command | Promise<Command>

/** Options of every command. */
export interface CommonOptions {
  readonly state?: string
  readonly fleet?: string
  readonly output: Output
}

export type Output = 'text' | 'json' | 'markdown'

/** Writes the one document of `--output json`. */
export const writeJson = (cli: Cli, document: Json | object): void =>
  cli.terminal.stdout.write(`${JSON.stringify(document, null, 2)}\n`)

/** Writes text for people, ended by a newline. */
export const writeText = (cli: Cli, text: string): void =>
  cli.terminal.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
