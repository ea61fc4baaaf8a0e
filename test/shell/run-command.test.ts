import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openShell } from '../../lib/shell/shell.ts'

const own = {
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'eu-west-1',
  AWS_SECRET_ACCESS_KEY: 'kept-to-itself',
}
const shell = (env: { readonly [name: string]: string } = own, folder = tmpdir()) =>
  openShell({ folder, env: async () => env, kubeconfig: { 'current-context': 'photo' } })
const { runCommand } = shell()
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

  test('sees only the variables of its place, and that place as its folder', async () => {
    const { said } = await runCommand(['env'], patience())
    expect(said).toContain('AWS_REGION=eu-west-1')
    expect(said).not.toMatch(/HOME=|NODE_|VITEST/)
    expect(await runCommand(['pwd', '-P'], patience())).toMatchObject({ said: tmpdir() })
  })

  test('that prints what it logs in with is not quoted', async () => {
    const { said } = await runCommand(['sh', '-c', 'echo "<$AWS_SECRET_ACCESS_KEY>"'], patience())
    expect(said).toBe('<[redacted]>')
  })

  test('has a kubeconfig of its own that nobody else may read, gone afterwards', async () => {
    const line = 'stat -c %a "$KUBECONFIG" "${KUBECONFIG%/*}"; cat "$KUBECONFIG"; echo " $KUBECONFIG"'
    const { said } = await runCommand(['sh', '-c', line], patience())
    expect(said).toMatch(/^600 700 \{"current-context":"photo"\} \//)
    expect(existsSync(path.dirname(said.split(' ').at(-1) ?? ''))).toBe(false)
  })

  test.each<[string, Promise<unknown>, string]>([
    ['a signal', runCommand(['sh', '-c', 'echo bye; kill -9 $$'], patience()), 'killed by SIGKILL: bye'],
    ['arguments without end', runCommand(['echo', 'x'.repeat(200_000)], patience()), 'too long'],
    ['no bash', shell({ PATH: '/nonexistent' }).runCommand(['true'], patience()), 'no bash'],
    ['no folder', shell(own, '/nonexistent').runCommand(['true'], patience()), 'no such folder'],
  ])('has a reason where %s kept it from its end', async (_what, end, said) =>
    expect(await end).toEqual({ exit: undefined, said: expect.stringContaining(said) }),
  )

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
    await gone(readFileSync(file, 'utf8').trim())
  })

  test.each([
    ['holds its output', 'sleep 30 & echo $!'],
    ['is quiet', 'sleep 30 >/dev/null 2>&1 & echo $!'],
    ['has left its group', 'setsid sleep 30 & echo $!'],
  ])('has ended when it has exited; a child that %s ends with it', async (_what, line) => {
    const { exit, said } = await runCommand(['sh', '-c', line], patience(5))
    expect([exit, said]).toEqual([0, expect.stringMatching(/^\d+$/)])
    await gone(said)
  })

  test('waits for all of its children and finds none that is not its own', async () => {
    const line = 'print wait() == -1 ? "none" : "one"'
    expect(await runCommand(['perl', '-e', line], patience(5))).toEqual({ exit: 0, said: 'none' })
  })

  test('ends when this tool is killed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'shell-'))
    const file = path.join(folder, 'pid')
    const tool = `
      import { openShell } from ${JSON.stringify(new URL('../../lib/shell/shell.ts', import.meta.url).href)}
      const shell = openShell({ folder: '/', env: async () => process.env, kubeconfig: {} })
      await shell.runCommand(['sh', '-c', 'echo $$ > ${file}; sleep 30'], { timeoutSeconds: 30, signal: new AbortController().signal })`
    const running = spawn(process.execPath, ['--input-type=module', '-e', tool], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder },
    })
    for (let tries = 0; tries < 200 && !(existsSync(file) && statSync(file).size > 0); tries += 1)
      await wait(20)
    running.kill('SIGKILL')
    await gone(readFileSync(file, 'utf8').trim())
  })

  test('is killed when the operator stops, and the stop goes on', async () => {
    const stop = new AbortController()
    const running = runCommand(['sleep', '30'], { timeoutSeconds: 30, signal: stop.signal })
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(running).rejects.toThrow('stopped')
  })
})

/** Ends within a second. */
const gone = async (pid: string): Promise<void> => {
  for (let tries = 0; tries < 50 && isAlive(pid); tries += 1) await wait(20)
  expect(isAlive(pid)).toBe(false)
}

/** A zombie has ended as well: nobody in here waits for it. */
const isAlive = (pid: string): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
