import { httpStatus, type HttpAnswer } from './http-status.ts'
import { runCommand, type CommandEnd } from './run-command.ts'

/** How long to wait for one try. */
export interface Patience {
  /** Of the wall clock: what is waited for is outside of the program. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

/** What reaches beyond AWS and Kubernetes: addresses and programs of the team. */
export interface Shell {
  /** Status of a GET; never rejects but with the signal's reason. */
  readonly httpStatus: (url: string, patience: Patience) => Promise<HttpAnswer>
  /** Runs a program to its end; never rejects but with the signal's reason. */
  readonly runCommand: (command: readonly string[], patience: Patience) => Promise<CommandEnd>
}

/** `env`: where the variables that programs may see are taken from. */
export const openShell = (env: { readonly [name: string]: string | undefined }): Shell => ({
  httpStatus,
  runCommand: (command, patience) => runCommand(command, { ...patience, env }),
})
