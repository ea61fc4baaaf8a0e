import type { Clock } from '../../lib/runbook/clock.ts'
import { runCli } from '../../lib/cli/run-cli.ts'
import type { Terminal } from '../../lib/cli/terminal.ts'

/** Runs a command line in this process, against a terminal that only remembers. */
export const runInProcess = async (
  argv: readonly string[],
  options: {
    readonly env?: { readonly [name: string]: string | undefined }
    readonly cwd?: string
    readonly clock?: Clock
    readonly signal?: AbortSignal
  } = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
  const out: string[] = []
  const err: string[] = []
  const terminal: Terminal = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: (text) => void err.push(text) },
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    interactive: false,
    lively: false,
  }
  const code = await runCli(argv, terminal, {
    signal: options.signal ?? new AbortController().signal,
    ...(options.clock ? { clock: options.clock } : {}),
  })
  return { code, stdout: out.join(''), stderr: err.join('') }
}
