import { spawn, spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runInProcess } from './terminal-double.ts'

type Env = { readonly [name: string]: string | undefined }

/** How a process of the tool ended. */
export interface Typed {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A twin of the small world, or another, with a state folder of its own, and the tool as a person would call it there. */
export interface RunningTwin {
  readonly state: string
  readonly pid: number
  readonly env: { readonly [name: string]: string }
  /** A command in this process, without the twin's settings: for `twin …`. */
  readonly here: (...argv: readonly string[]) => Promise<Typed & { readonly code: number }>
  /** A process of its own with the twin's settings. */
  readonly type: (argv: readonly string[], env?: Env) => Typed
  /** As `type`, with a SIGINT when it is time. */
  readonly interrupt: (argv: readonly string[], when: Interruption) => Promise<Typed>
  readonly stop: () => Promise<void>
}

/** A moment: something happened elsewhere, or the text is on the screen. */
export type Moment = Promise<unknown> | string

export interface Interruption {
  readonly isTime: Moment
  /** Done when it is time, before the first SIGINT. */
  readonly before?: () => Promise<void>
  /** Goes on sending them: those that come right after the first count as one with it. */
  readonly insists?: true
  readonly env?: Env
}

const launcher = path.resolve('lib/cli/eks-runbook.cjs')

export const startTwin = async (speed = '240', file = 'examples/worlds/small.yaml'): Promise<RunningTwin> => {
  const state = mkdtempSync(path.join(tmpdir(), 'twin-'))
  const here = (...argv: readonly string[]) => runInProcess([...argv, '--state', state], { env: process.env })
  const world = ['--world', file, '--speed', speed]
  const { code, stdout, stderr } = await here('twin', 'start', '--detach', ...world, '--output', 'json')
  if (code !== 0) throw new Error(stderr)
  const { pid } = JSON.parse(stdout) as { pid: number }
  const { env } = JSON.parse((await here('twin', 'env', '--output', 'json')).stdout) as {
    env: { [name: string]: string }
  }
  const settings = { cwd: state, env: { ...process.env, ...env, EKS_RUNBOOK_STATE: state } }
  return {
    state,
    pid,
    env,
    here,
    type: (argv, more = {}) => {
      const all = { ...settings, env: { ...settings.env, ...more } }
      const typed = spawnSync(process.execPath, [launcher, ...argv], {
        encoding: 'utf8',
        timeout: 20_000,
        killSignal: 'SIGKILL',
        ...all,
      })
      return { code: typed.status, stdout: typed.stdout, stderr: typed.stderr }
    },
    interrupt: async (argv, { isTime, before, insists = false, env: more = {} }) => {
      const all = { ...settings, env: { ...settings.env, ...more } }
      const child = spawn(process.execPath, [launcher, ...argv], {
        ...all,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const closed = once(child, 'close') as Promise<[number | null]>
      const printed = { stdout: '', stderr: '' }
      const shown = new EventEmitter()
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (chunk: Buffer) => {
          printed[name] += chunk.toString()
          shown.emit('more')
        })
      const come = async (moment: Moment): Promise<unknown> => {
        if (typeof moment !== 'string') return moment
        while (!`${printed.stdout}${printed.stderr}`.includes(moment))
          await Promise.race([
            once(shown, 'more'),
            closed.then(() => Promise.reject(new Error(`never said: ${moment}`))),
          ])
        return undefined
      }
      await come(isTime)
      await before?.()
      child.kill('SIGINT')
      const insisting = insists ? setInterval(() => child.kill('SIGINT'), 50) : undefined
      const [code] = await closed
      clearInterval(insisting)
      return { code, ...printed }
    },
    stop: async () => {
      await here('twin', 'stop')
      rmSync(state, { recursive: true, force: true })
    },
  }
}
