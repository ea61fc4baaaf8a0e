import { plainText } from '../runbook/plain-text.ts'
import { httpStatus, type HttpAnswer } from './http-status.ts'
import { runCommand, type CommandEnd } from './run-command.ts'
import { withKubeconfig } from './with-kubeconfig.ts'

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

/** Where programs run, and which cluster they see. */
export interface ShellPlace {
  /** Folder that they run in. */
  readonly folder: string
  /** All variables that they see, but KUBECONFIG; asked before each, as what logs in may be renewed. */
  readonly env: () => Promise<{ readonly [name: string]: string }>
  /** What KUBECONFIG leads to while one runs. */
  readonly kubeconfig: object
}

/** Opens the shell of one cluster: no program of it sees another. */
export const openShell = (place: ShellPlace): Shell => ({
  httpStatus,
  runCommand: async (command, patience) => {
    try {
      return await runIn(place, command, patience)
    } catch (error) {
      patience.signal.throwIfAborted()
      return { exit: undefined, said: `not started: ${whyOf(error)}` }
    }
  },
})

const runIn = async (
  { folder, env, kubeconfig }: ShellPlace,
  command: readonly string[],
  patience: Patience,
): Promise<CommandEnd> => {
  const own = await env()
  return await withKubeconfig(kubeconfig, (file) =>
    runCommand(command, {
      ...patience,
      cwd: folder,
      env: { ...own, KUBECONFIG: file },
      mark: `KUBECONFIG=${file}`,
    }),
  )
}

const whyOf = (error: unknown): string =>
  plainText(error instanceof Error ? error.message : '').slice(0, 200) || 'no reason given'
