import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openShell } from '../../lib/shell/shell.ts'

const { runCommand } = openShell({ PATH: process.env['PATH'], AWS_REGION: 'eu-west-1', TOKEN: 'secret' })
const patience = (timeoutSeconds = 10) => ({ timeoutSeconds, signal: new AbortController().signal })

describe('a program', () => {
  test('is told by its exit code and the end of what it said', async () => {
    expect(await runCommand(['sh', '-c', 'echo out; echo err >&2; exit 3'], patience())).toEqual({
      exit: 3,
      said: expect.stringMatching(/^(out err|err out)$/),
    })
  })

  test('gets its arguments as they are: no part of them is read as shell', async () => {
    const nasty = ['$(touch x)', '`id`', "a'b", 'c;d', '-n', '*', '\n', '$HOME', '']
    const { exit, said } = await runCommand(['printf', '<%s>', ...nasty], patience())
    expect(exit).toBe(0)
    expect(said).toBe(nasty.map((word) => `<${word === '\n' ? ' ' : word}>`).join(''))
  })

  test('may have a name that looks like an option of the shell', async () => {
    expect(await runCommand(['-c', 'id'], patience())).toMatchObject({ exit: 127 })
  })

  test('sees only PATH, HOME, KUBECONFIG and what begins with AWS_', async () => {
    const { said } = await runCommand(['env'], patience())
    expect(said).toContain('AWS_REGION=eu-west-1')
    expect(said).not.toMatch(/TOKEN|NODE_|VITEST/)
  })

  test('that is not there has an exit code and a reason', async () => {
    expect(await runCommand(['no-such-program-here'], patience())).toMatchObject({
      exit: 127,
      said: expect.stringContaining('not found'),
    })
  })

  test('that says too much is remembered by its last 2 kB, without what would move a terminal', async () => {
    const { said } = await runCommand(
      ['sh', '-c', 'yes abc | head -c 300000; printf "\\033[31mend"'],
      patience(),
    )
    expect(said.length).toBeLessThanOrEqual(2048)
    expect(said).toMatch(/abc end$|abcend$/)
  })

  test('that takes too long is killed with its children', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'shell-'))
    const file = path.join(folder, 'pid')
    const line = `(trap '' TERM; sh -c 'echo $$ > ${file}; exec sleep 30') & wait`
    expect(await runCommand(['sh', '-c', line], patience(1))).toEqual({
      exit: undefined,
      said: 'no end in 1 s',
    })
    const pid = readFileSync(file, 'utf8').trim()
    for (let tries = 0; tries < 50 && isAlive(pid); tries += 1) await wait(20)
    expect(isAlive(pid)).toBe(false)
  })

  test('is killed when the operator stops, and the stop goes on', async () => {
    const stop = new AbortController()
    const running = runCommand(['sleep', '30'], { timeoutSeconds: 30, signal: stop.signal })
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(running).rejects.toThrow('stopped')
  })
})

/** A zombie has ended as well: nobody in here waits for it. */
const isAlive = (pid: string): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
