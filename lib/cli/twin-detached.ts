import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import { makeFolder } from '../runbook/folder-files.ts'
import { launcherPath } from './package-root.ts'
import type { Terminal } from './terminal.ts'

/** How a twin is started. */
export interface TwinStart {
  readonly world: string
  /** 0: any free one. */
  readonly port: number
  /** Virtual seconds a wall second. */
  readonly speed: number
  readonly folder: string
}

/** Set in the process of a detached twin: it tells its parent when it is ready, over the ipc channel. */
export const detachedMark = 'EKS_RUNBOOK_TWIN_DETACHED'

/** Throws R041 for a folder that cannot be written. */
const openLog = (folder: string, log: string): number => {
  try {
    makeFolder(folder)
    return openSync(log, 'w', 0o600)
  } catch (cause) {
    const found = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new RunbookError(
      'R041',
      `Cannot keep a twin in ${folder}: expected a folder to write to, found ${found}`,
      {
        hint: 'give another one: eks-runbook twin start --detach --state <folder>',
        cause,
      },
    )
  }
}

/** Starts a twin that outlives this process; resolves when it serves. Throws R051 with the end of its log. */
export const startDetachedTwin = async (
  start: TwinStart,
  terminal: Terminal,
): Promise<{ readonly endpoint: string; readonly pid: number }> => {
  const log = path.join(start.folder, 'twin.log')
  const output = openLog(start.folder, log)
  const args = ['--world', start.world, '--port', `${start.port}`, '--speed', `${start.speed}`]
  const state = ['--state', path.dirname(start.folder)]
  const child = spawn(process.execPath, [launcherPath(), 'twin', 'start', ...args, ...state], {
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
    env: { ...terminal.env, [detachedMark]: '1' },
  })
  closeSync(output)
  const told = await new Promise<unknown>((resolve) => {
    child.once('message', resolve)
    child.once('exit', () => resolve(undefined))
    child.once('error', (error) => resolve({ failed: error.message }))
  })
  const ready = readySchema.safeParse(told)
  if (!ready.success) throw failed(log)
  child.disconnect()
  child.unref()
  return ready.data
}

/** What the twin says when it serves. */
const readySchema = z.object({ endpoint: z.string(), pid: z.number() })

const failed = (log: string): RunbookError => {
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  const told = lines.find((line) => /^R\d{3} /.test(line))
  const parts = /^(R\d{3}) (.*)\. Hint: (.*)$/.exec(told ?? '')
  if (parts?.[1] === 'R007') return new RunbookError('R007', parts[2] ?? '', { hint: parts[3] ?? '' })
  return new RunbookError(
    'R051',
    parts?.[2] ?? `Cannot start the twin: ${lines.at(-1) ?? 'it ended at once'}`,
    {
      hint: parts?.[3] ?? `read ${log}`,
    },
  )
}
