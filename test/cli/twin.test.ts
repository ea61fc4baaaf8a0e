import { EKS } from '@aws-sdk/client-eks'
import { fromIni } from '@aws-sdk/credential-providers'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processIsAlive } from '../../lib/cli/owner.ts'
import { runInProcess } from './terminal-double.ts'

const state = mkdtempSync(path.join(tmpdir(), 'twin-'))
const started: { pid: number; env: { [name: string]: string } } = { pid: 0, env: {} }

const run = (...argv: readonly string[]) => runInProcess([...argv, '--state', state], { env: process.env })

/** A client as `twin env` sets it up. */
const eksOf = ({ AWS_ENDPOINT_URL, AWS_REGION, AWS_CONFIG_FILE, AWS_PROFILE }: typeof started.env) =>
  new EKS({
    endpoint: AWS_ENDPOINT_URL ?? '',
    region: AWS_REGION ?? '',
    credentials: fromIni({ configFilepath: AWS_CONFIG_FILE ?? '', profile: AWS_PROFILE ?? '' }),
  })

beforeAll(async () => {
  const { code, stdout, stderr } = await run(
    'twin',
    'start',
    '--detach',
    '--world',
    'examples/worlds/small.yaml',
    '--output',
    'json',
  )
  expect([code, stderr]).toEqual([0, ''])
  started.pid = (JSON.parse(stdout) as { pid: number }).pid
  started.env = (
    JSON.parse((await run('twin', 'env', '--output', 'json')).stdout) as { env: { [name: string]: string } }
  ).env
})
afterAll(async () => {
  await run('twin', 'stop')
  expect(processIsAlive(started.pid)).toBe(false)
  rmSync(state, { recursive: true })
})

test('twin env prints exports of the settings that clients read, and nothing else', async () => {
  const { stdout } = await run('twin', 'env')
  const names = [
    'AWS_CONFIG_FILE',
    'AWS_PROFILE',
    'AWS_ENDPOINT_URL',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'KUBECONFIG',
    'NODE_EXTRA_CA_CERTS',
    'AWS_CA_BUNDLE',
    'EKS_RUNBOOK_FLEET',
    'EKS_RUNBOOK_CLOCK',
  ]
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => /^export (\w+)='[^']*'$/.exec(line)?.[1]),
  ).toEqual(names)
  expect(started.env['AWS_ENDPOINT_URL']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

test('What the twin writes is private', () => {
  expect(statSync(path.join(state, 'twin')).mode & 0o777).toBe(0o700)
  for (const name of ['twin.json', 'twin.log', 'aws-config', 'kubeconfig', 'fleet.yaml'])
    expect([name, statSync(path.join(state, 'twin', name)).mode & 0o777]).toEqual([name, 0o600])
})

test('A second twin in the same folder is refused', async () => {
  const { code, stderr } = await run('twin', 'start', '--detach')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^R051 .*found one running.*twin stop/)])
})

test('A world with a wrong key is refused with its line and fix, and no twin is left', async () => {
  const world = readFileSync('examples/worlds/small.yaml', 'utf8').replace(/^seed:/m, 'sead:')
  writeFileSync(path.join(state, 'wrong.yaml'), world)
  const folder = path.join(state, 'wrong')
  const start = ['twin', 'start', '--detach', '--world', path.join(state, 'wrong.yaml'), '--state', folder]
  const { code, stdout, stderr } = await runInProcess(start, { env: process.env })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^R007 .*wrong\.yaml:\d+:\d+ \(sead\).*did you mean seed\?.*\n$/)
  expect(existsSync(path.join(folder, 'twin/twin.json'))).toBe(false)
})

test('twin status tells the world and its time', async () => {
  const { stdout } = await run('twin', 'status')
  expect(stdout).toMatch(/World small at 2026-09-\d\dT.* clusters small;/)
})

test('A fault is put in force and cleared', async () => {
  expect((await run('twin', 'fault', 'throttle', '--service', 'ssm', '--times', '2')).stdout).toBe(
    'throttle service=ssm: struck 0 of 2\n',
  )
  expect((await run('twin', 'fault', 'clear')).stdout).toBe('No fault is in force.\n')
})

test('A published version is offered from then on', async () => {
  const version = 'v1.12.9-eksbuild.1'
  const offered = async () => {
    const asked = await eksOf(started.env).describeAddonVersions({ addonName: 'coredns' })
    return asked.addons?.[0]?.addonVersions?.map(({ addonVersion }) => addonVersion)
  }
  expect(await offered()).not.toContain(version)
  const publish = ['twin', 'publish', 'add-on', 'coredns', version, '--minors', '1.32,1.33']
  expect((await run(...publish, '--default-of', '1.33')).stdout).toBe(
    `coredns ${version} for 1.32, 1.33, default of 1.33\n`,
  )
  expect(await offered()).toContain(version)
})

test('A published AMI is listed, and nonsense is refused with the next command', async () => {
  const publish = (release: string) =>
    run('twin', 'publish', 'ami', 'AL2023_x86_64_STANDARD', '1.33', release)
  expect((await publish('1.34.1-20261101')).stderr).toMatch(/^R001 .*eks-runbook twin publish ami/)
  expect((await publish('1.33.6-20261101')).code).toBe(0)
  const { stdout } = await run('twin', 'publish', 'list', '--output', 'json')
  expect(JSON.parse(stdout)).toMatchObject({ amis: [{ release: '1.33.6-20261101', recommended: true }] })
})

test.each([
  [['publish', 'add-on', 'coredns'], 'publish add-on --help'],
  [['publish', 'ami'], 'publish ami --help'],
  [['publish', 'everything'], 'publish --help'],
  [['publish'], 'publish --help'],
])('%j is refused with the help of just that command', async (words, help) => {
  const { code, stderr } = await run('twin', ...words)
  expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(`eks-runbook twin ${help}\\n$`))])
})

test('The fleet of the world holds together', async () => {
  const { code, stdout } = await runInProcess(['fleet', 'check'], { env: started.env })
  expect([code, stdout]).toEqual([0, expect.stringContaining('small')])
})

test('A twin whose folder cannot be made is refused with R041', async () => {
  const file = path.join(state, 'a-file')
  writeFileSync(file, '')
  const { code, stderr } = await runInProcess(['twin', 'start', '--detach', '--state', file], {
    env: process.env,
  })
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^R041 .*expected a folder to write to, found ENOTDIR/),
  ])
})
