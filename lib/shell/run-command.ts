import type { ChildProcess } from 'node:child_process'
import { plainText } from '../runbook/plain-text.ts'
import { killFamily } from './kill-family.ts'
import { keepLast, type Kept } from './keep-last.ts'

/** How a program ended. */
export interface CommandEnd {
  /** Undefined where it did not come to an end of its own: not found, killed, too late. */
  readonly exit: number | undefined
  /** The end of what it said, or why it did not end, as one harmless line of 2 kB at most. */
  readonly said: string
}

export interface Running {
  /** Of wall time. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
  /** All that the program sees of it: what of it may be seen is the caller's business. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Folder to run in. */
  readonly cwd: string
  /** `NAME=value` that nothing else has in its environment: what still has it afterwards is of this program, and killed. */
  readonly mark: string
}

/**
 * Runs a program with its arguments as they are: each is quoted by zx, none is read as shell. It has no input. It has
 * ended when it has exited, whoever still holds its output; then, and when the time is up, all that it started is killed.
 */
export const runCommand = async (command: readonly string[], running: Running): Promise<CommandEnd> => {
  const { timeoutSeconds, signal, env } = running
  signal.throwIfAborted()
  const said = keepLast(mostCharacters)
  const late = AbortSignal.timeout(timeoutSeconds * 1000)
  const end = await endOf(command, { ...running, said, stop: AbortSignal.any([signal, late]) })
  signal.throwIfAborted()
  if (late.aborted) return { exit: undefined, said: `no end in ${timeoutSeconds} s` }
  const words = plainText(withoutSecrets(said.text(), env)).slice(-mostCharacters)
  if (typeof end === 'number') return { exit: end, said: words }
  return { exit: undefined, said: [end, words].filter((text) => text !== '').join(': ') }
}

interface Started extends Running {
  readonly said: Kept
  /** Kills it. */
  readonly stop: AbortSignal
}

/** The exit code, or why there is none. */
const endOf = async (command: readonly string[], started: Started): Promise<number | string> => {
  const { env, cwd, said, stop, mark } = started
  const { $, quote } = await import('zx/core')
  const running = $({
    shell: 'bash',
    quote,
    prefix: watcher,
    postfix: ' 3<&-',
    env: { ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    store: { stdout: said.chunks, stderr: said.chunks, stdall: said.nothing },
    // A group of its own, so that its children can be killed with it.
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    preferLocal: false,
  })`${command}`
  const kill = () => killFamily(running.pid, mark)
  if (stop.aborted) kill()
  stop.addEventListener('abort', kill, { once: true })
  try {
    const end = await exitOf(running.child)
    kill()
    // Its last words may still be on their way; what escaped may hold the output open, and nobody waits for that.
    const closed = await Promise.race([running, aborted(AbortSignal.timeout(lastWordsMs))])
    return end ?? whyNotStarted(closed?.cause)
  } finally {
    stop.removeEventListener('abort', kill)
    for (const stream of running.child?.stdio ?? []) stream?.destroy()
  }
}

/**
 * Before the program takes the place of the shell: a watcher in its group, no child of the program's, that ends the
 * group when this process is gone, however it went; the pipe on descriptor 3 tells.
 */
const watcher = '( { read -r _ <&3; kill -KILL -$$; } >/dev/null 2>&1 & ); exec -- '

const exitOf = (child: ChildProcess | undefined): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    if (child?.pid === undefined) return resolve(undefined)
    child.once('error', () => resolve(undefined))
    child.once('exit', (code, signal) => resolve(code ?? `killed by ${signal ?? 'a signal'}`))
  })

/** How long the output of a program that has exited is waited for. Milliseconds of wall time. */
const lastWordsMs = 1_000

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

const whyNotStarted = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'not started: no bash in PATH, or no such folder to run in'
  if (code === 'E2BIG') return 'not started: its arguments are too long for this system (E2BIG)'
  return `not started: ${cause instanceof Error ? plainText(cause.message).slice(0, 200) : 'no reason given'}`
}

const mostCharacters = 2048

/** Values that the program was given to log in with are no words of its own. */
const withoutSecrets = (text: string, env: Running['env']): string =>
  ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'].reduce(
    (rest, name) => rest.replaceAll(env[name] || '\0', '[redacted]'),
    text,
  )
