import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { processIsAlive } from '../../lib/cli/owner.ts'

const launcher = path.resolve('lib/cli/eks-runbook.cjs')
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const folder = mkdtempSync(path.join(tmpdir(), 'launcher-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A Node older than the one needed, where this machine has one. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (file) =>
    existsSync(file) &&
    Number(/^v(\d+)/.exec(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 99) < 24,
)

test('--version is answered before anything is imported', () => {
  const bare = path.join(folder, 'bare')
  mkdirSync(path.join(bare, 'lib/cli'), { recursive: true })
  copyFileSync(launcher, path.join(bare, 'lib/cli/eks-runbook.cjs'))
  writeFileSync(path.join(bare, 'package.json'), '{"version":"7.7.7"}')
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(bare, 'lib/cli/eks-runbook.cjs'), '--version'],
    { encoding: 'utf8' },
  )
  expect([status, stdout]).toEqual([0, '7.7.7\n'])
})

test('The launcher through a link finds its package, and passes the exit code on', () => {
  const link = path.join(folder, 'eks-runbook')
  symlinkSync(launcher, link)
  const { status, stdout, stderr } = spawnSync(process.execPath, [link, 'paln'], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^R001 .*did you mean plan\?/)
})

describe.skipIf(oldNode === undefined)('On an old Node (skipped where there is none)', () => {
  const old = oldNode ?? ''

  test('--version is answered', () => {
    expect(spawnSync(old, [launcher, '--version'], { encoding: 'utf8' }).stdout).toBe(`${version}\n`)
  })

  test('the pinned Node 24 is found, its output and exit code passed on', () => {
    const { status, stderr } = spawnSync(old, [launcher, 'paln'], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/^R001 .*did you mean plan\?/)
  })

  test('without a Node 24 one line says what to type', () => {
    const lonely = path.join(folder, 'lonely/lib/cli')
    mkdirSync(lonely, { recursive: true })
    copyFileSync(launcher, path.join(lonely, 'eks-runbook.cjs'))
    const { status, stderr } = spawnSync(old, [path.join(lonely, 'eks-runbook.cjs'), 'list'], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^R051 .*expected Node\.js 24 or newer.*Hint: npx .*node@24/)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  /** A package whose main tells its process id and waits. */
  const waiting = async (): Promise<{ readonly parent: ChildProcess; readonly child: number }> => {
    const place = path.join(folder, `waiting-${Math.random()}/lib/cli`)
    mkdirSync(place, { recursive: true })
    copyFileSync(launcher, path.join(place, 'eks-runbook.cjs'))
    symlinkSync(path.resolve('node_modules'), path.join(place, '../../node_modules'))
    writeFileSync(path.join(place, '../../package.json'), '{"version":"1.0.0","type":"module"}')
    writeFileSync(
      path.join(place, 'main.ts'),
      `export const main = async (): Promise<void> => {
        process.on('SIGTERM', () => process.exit(7))
        setInterval(() => undefined, 1000)
        console.log(process.pid)
      }`,
    )
    const parent = spawn(old, [path.join(place, 'eks-runbook.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [data] = (await once(parent.stdout, 'data')) as [Buffer]
    return { parent, child: Number(data.toString()) }
  }

  test('the child is gone as soon as its parent is killed', async () => {
    const { parent, child } = await waiting()
    expect(processIsAlive(child)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(processIsAlive(child)).toBe(false), { timeout: 5_000, interval: 10 })
  })

  test('signals reach the child, and its exit code comes back', async () => {
    const { parent } = await waiting()
    parent.kill('SIGTERM')
    expect(await once(parent, 'exit')).toEqual([7, null])
  })
})
