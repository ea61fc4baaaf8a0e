import { plainText } from '../runbook/plain-text.ts'

/** How a program ended. */
export interface CommandEnd {
  /** Undefined where it did not come to an end of its own: not found, killed, too late. */
  readonly exit: number | undefined
  /** The end of what it said, or why it did not end, as one harmless line of 2 kB at most. */
  readonly said: string
}

interface Running {
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
  readonly env: { readonly [name: string]: string | undefined }
}

/**
 * Runs a program with its arguments as they are: each is quoted by zx, none is read as shell. It sees PATH, HOME,
 * KUBECONFIG and what begins with AWS_, has no input, and is killed with its children when the time is up.
 */
export const runCommand = async (command: readonly string[], running: Running): Promise<CommandEnd> => {
  const { timeoutSeconds, signal } = running
  const said = lastOf(mostCharacters)
  const late = AbortSignal.timeout(timeoutSeconds * 1000)
  const exit = await exitOf(command, { ...running, said, stop: AbortSignal.any([signal, late]) })
  signal.throwIfAborted()
  if (late.aborted) return { exit: undefined, said: `no end in ${timeoutSeconds} s` }
  return { exit, said: plainText(said.text()).slice(-mostCharacters) }
}

interface Started extends Running {
  readonly said: Kept
  /** Kills it. */
  readonly stop: AbortSignal
}

const exitOf = async (command: readonly string[], { env, said, stop, timeoutSeconds }: Started) => {
  const { $, quote } = await import('zx/core')
  const running = $({
    shell: 'bash',
    quote,
    // The program takes the place of the shell.
    prefix: 'exec -- ',
    postfix: '',
    env: visible(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    store: { stdout: said.chunks, stderr: said.chunks, stdall: nothing() },
    // A group of its own, so that its children can be killed with it.
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    preferLocal: false,
  })`${command}`
  const kill = () => killGroup(running.pid)
  if (stop.aborted) kill()
  stop.addEventListener('abort', kill, { once: true })
  try {
    // What escaped its group may hold the output open: nobody waits for that.
    const given = AbortSignal.timeout((timeoutSeconds + graceSeconds) * 1000)
    const ended = await Promise.race([running, aborted(given)])
    return ended?.exitCode ?? undefined
  } finally {
    stop.removeEventListener('abort', kill)
  }
}

/** Nothing where it has ended, or never began. */
const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // No such group any more.
  }
}

const graceSeconds = 5

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

const mostCharacters = 2048

const visible = (env: Running['env']): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => value !== undefined && (name.startsWith('AWS_') || seen.includes(name)),
    ),
  )

const seen = ['PATH', 'HOME', 'KUBECONFIG']

/** What zx keeps of an output. */
type Chunks = (string | Buffer)[]

interface Kept {
  readonly chunks: Chunks
  readonly text: () => string
}

/** Keeps the last characters of an output however long it is. */
const lastOf = (characters: number): Kept => {
  const chunks: Chunks = []
  const push = (...more: Chunks): number => {
    const all = [...chunks, ...more].map(String).join('')
    chunks.splice(0, chunks.length, all.slice(-characters))
    return chunks.length
  }
  return { chunks: Object.assign(chunks, { push }), text: () => chunks.map(String).join('') }
}

const nothing = (): Chunks => Object.assign([], { push: () => 0 })
