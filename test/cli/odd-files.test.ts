import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInProcess } from './terminal-double.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'odd-'))
const fleet = `
accounts: [{ id: '111122223333', alias: here, regions: [eu-west-1] }]
environments: [staging]
clusters: [{ name: small, account: here, region: eu-west-1, environment: staging }]
`
beforeAll(() => {
  execFileSync('mkfifo', [path.join(folder, 'pipe')])
  mkdirSync(path.join(folder, 'folder'))
  writeFileSync(path.join(folder, 'fleet.yaml'), fleet)
  writeFileSync(path.join(folder, 'large'), '')
  truncateSync(path.join(folder, 'large'), (16 << 20) + 1)
  writeFileSync(path.join(folder, 'deep'), `${'['.repeat(20_000)}${']'.repeat(20_000)}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const commands: readonly (readonly [string, string, readonly string[]])[] = [
  ['a plan', 'R006', ['gate', 'explain', '--plan']],
  ['a plan to run', 'R006', ['run', '--plan']],
  ['evidence', 'R079', ['evidence', 'verify']],
  ['a fleet', 'R004', ['fleet', 'check', '--fleet']],
  [
    'a world',
    'R007',
    ['rehearse', 'swap-node-group', '--cluster', 'small', '--node-group', 'web', '--world'],
  ],
]
const files = ['pipe', '/dev/zero', 'folder', 'large'] as const

test.each(commands.flatMap(([what, code, argv]) => files.map((file) => [what, file, code, argv] as const)))(
  '%s that is %s is refused at once with %s',
  async (_, file, code, argv) => {
    const state = ['--state', path.join(folder, 'state')]
    const { stderr } = await runInProcess([...argv, file, ...state], { cwd: folder, env: {} })
    expect(stderr).toMatch(new RegExp(`^${code} `, 'm'))
  },
)

test.each([
  ['R006', ['gate', 'explain', '--plan', 'deep']],
  ['R062', ['evidence', 'verify', 'deep']],
  ['R007', ['rehearse', 'swap-node-group', '--cluster', 'small', '--node-group', 'web', '--world', 'deep']],
])('JSON nested without end is %s', async (code, argv) => {
  const state = ['--state', path.join(folder, 'state')]
  const { stderr } = await runInProcess([...argv, ...state], { cwd: folder, env: {} })
  expect(stderr).toMatch(new RegExp(`^${code} `, 'm'))
})
