import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wallClock } from '../../lib/cli/wall-clock.ts'
import { pausedAndGivenBack, startDrain, type Drain } from './drain.ts'

const started: { drain?: Drain } = {}
const drain = (): Drain => {
  if (started.drain) return started.drain
  throw new Error('no twin')
}
beforeAll(async () => {
  started.drain = await startDrain()
})
afterAll(() => started.drain?.twin.stop())

/** Runs a command whose reader leaves when the text is on the screen, else at once; the answer is the exit code. */
const leave = async (
  argv: readonly string[],
  { at, hangUp }: { readonly at?: string; readonly hangUp?: (child: ChildProcess) => Promise<void> } = {},
): Promise<number | null> => {
  const { twin } = drain()
  const child = spawn(process.execPath, [path.resolve('lib/cli/eks-runbook.cjs'), ...argv], {
    cwd: twin.state,
    env: { ...process.env, ...twin.env, EKS_RUNBOOK_STATE: twin.state },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let seen = ''
  while (at !== undefined && !seen.includes(at)) seen += String((await once(child.stdout, 'data'))[0])
  await hangUp?.(child)
  child.stdout.destroy()
  child.stderr.destroy()
  return (await exited)[0]
}

const openPauses = () =>
  drain()
    .shown()
    .pauses.filter(({ state }) => state !== 'restored')

describe('Who reads the output leaves:', () => {
  test('a run in a drain gives all back and ends with 4', async () => {
    const code = await leave(drain().run, { at: drain().evicting })
    expect([code, drain().shown().state, openPauses()]).toEqual([4, 'stopped', []])
    expect(await drain().changes()).toEqual(pausedAndGivenBack)
  })

  test('the terminal too, which says so more than once: the run ends as well', async () => {
    const hangUp = async (child: ChildProcess) => {
      child.kill('SIGHUP')
      await wallClock.sleep(0.2)
      child.kill('SIGHUP')
    }
    const code = await leave(['resume', drain().shown().id], { at: drain().evicting, hangUp })
    expect([code, drain().shown().state, openPauses()]).toEqual([4, 'stopped', []])
    expect((await drain().changes()).at(-1)).toBe('ResumeProcesses')
  })

  test('a command that changes a cluster is stopped before it goes on, and does not pass for done', async () => {
    expect([await leave(['resume', drain().shown().id]), drain().shown().state]).toEqual([4, 'stopped'])
  })

  test('a command that only reads leaves quietly with 0', async () => {
    expect(await leave(['show', drain().shown().id])).toBe(0)
  })
})
