import { listenForInterrupts } from './interrupts.ts'
import { reportError } from './report-error.ts'
import { runCli } from './run-cli.ts'
import { processTerminal } from './terminal.ts'

/** The process: runs the command line, lets the output drain, exits. */
export const main = async (argv: readonly string[]): Promise<void> => {
  const terminal = processTerminal()
  process.on('uncaughtException', (error) => process.exit(reportError(terminal, argv, error)))
  const { signal, stop } = listenForInterrupts(terminal, () => process.exit(130))
  let loseOutput = leaveOnClosedPipe
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => loseOutput(error))
  const stopInOrder = () => stop('The output is lost: stopping at the next safe point.')
  const code = await runCli(argv, terminal, { signal, onChanging: () => void (loseOutput = stopInOrder) })
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  process.exit(code)
}

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write('', () => resolve()))

/** Whoever read us has left (`| head`): there is nobody to tell. Of a command that only reads nothing is left undone. */
const leaveOnClosedPipe = (error: NodeJS.ErrnoException): void => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
}
