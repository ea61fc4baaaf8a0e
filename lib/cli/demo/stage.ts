import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Cli } from '../cli.ts'
import { launcherPath } from '../package-root.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { askTwin } from '../twin-client.ts'
import { broken } from './expect.ts'

/** Where the demo plays: commands are real processes of this tool, against a twin of its own. */
export interface Stage {
  readonly say: (text: string) => void
  /** Shows the command as one would type it, then runs it with the terminal handed over. Answers its exit code. */
  readonly type: (...words: readonly string[]) => Promise<number | null>
  /** As `type`. Throws R099 when it ends with another exit code than this. */
  readonly expect: (code: number, ...words: readonly string[]) => Promise<void>
  /** As `expect`, showing only the last lines of a long output. */
  readonly expectBriefly: (code: number, ...words: readonly string[]) => Promise<void>
  /** As `type`, without waiting: the process is the caller's. */
  readonly begin: (...words: readonly string[]) => ChildProcess
  /** Runs the command with `--output json` out of sight and answers its document. */
  readonly ask: (...words: readonly string[]) => Promise<unknown>
  /** Adds to the environment of all later commands. */
  readonly setEnv: (env: { readonly [name: string]: string }) => void
  readonly speed: string
  /** A JSON file that a command saved. */
  readonly readJson: (file: string) => unknown
  /** Asks the twin itself, without a process. */
  readonly askTwin: (control: string) => Promise<unknown>
  /** A killed process may have left the cursor hidden. */
  readonly showCursor: () => void
}

export const openStage = (
  cli: Cli,
  { folder, speed }: { readonly folder: string; readonly speed: string },
): Stage => {
  // State and signing key of its own: nothing of the user's is touched.
  const own = { EKS_RUNBOOK_STATE: folder, XDG_CONFIG_HOME: path.join(folder, 'config') }
  const scene: { env: NodeJS.ProcessEnv } = { env: { ...cli.terminal.env, ...own } }
  const say = (text: string) => cli.terminal.stdout.write(`${text}\n`)
  const begin = (...words: readonly string[]) => {
    say(`\n$ eks-runbook ${words.map(quoted).join(' ')}`)
    return spawn(process.execPath, [launcherPath(), ...words], {
      env: scene.env,
      cwd: folder,
      stdio: 'inherit',
    })
  }
  return {
    say,
    begin,
    type: async (...words) => exitCodeOf(begin(...words)),
    expect: async (code, ...words) => {
      const found = await exitCodeOf(begin(...words))
      if (found !== code) throw broken(`${words[0] ?? ''} ended with ${String(found)} instead of ${code}`)
    },
    expectBriefly: async (code, ...words) => {
      say(`\n$ eks-runbook ${words.map(quoted).join(' ')}`)
      const { code: found, out, complaints } = await outputOf(words, scene.env, folder)
      say(lastLines(`${complaints}${out}`))
      if (found !== code) throw broken(`${words[0] ?? ''} ended with ${String(found)} instead of ${code}`)
    },
    ask: (...words) => answerOf(words, scene.env, folder),
    setEnv: (env) => void (scene.env = { ...scene.env, ...env }),
    speed,
    readJson: (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')),
    askTwin: (control) => askTwin(path.join(folder, 'twin'), 'GET', control),
    showCursor: () => {
      if (cli.terminal.lively) cli.terminal.stdout.write('\u001B[?25h')
    },
  }
}

const exitCodeOf = async (child: ChildProcess): Promise<number | null> => {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

const quoted = (word: string): string => (/^[\w./:=,-]+$/.test(word) ? word : `'${word}'`)

const lastLines = (text: string): string =>
  ['  …', ...text.trimEnd().split('\n').slice(-3)].filter((line) => line.trim() !== '').join('\n')

const outputOf = async (words: readonly string[], env: NodeJS.ProcessEnv, cwd: string) => {
  const child = spawn(process.execPath, [launcherPath(), ...words], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const complaints: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: Buffer.concat(out).toString(), complaints: Buffer.concat(complaints).toString() }
}

const answerOf = async (words: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<unknown> => {
  const { code, out, complaints } = await outputOf([...words, '--output', 'json'], env, cwd)
  if (code === 0) return JSON.parse(out)
  throw new RunbookError(
    'R099',
    `Cannot go on with the demo: ${words.join(' ')} ended with ${String(code)}`,
    { hint: complaints.trim().slice(0, 2000) },
  )
}
