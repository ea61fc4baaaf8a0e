import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshSigner } from '../evidence/keys.ts'
import { runInProcess } from './terminal-double.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'usage-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('A command line that cannot be understood ends with 2 and names the way out:', () => {
  test.each([
    ['an unknown command', ['paln'], /^R001 .*expected a command, found paln\. Hint: did you mean plan\?/],
    [
      'an unknown option',
      ['list', '--outptu', 'json'],
      /^R001 .*unknown option '--outptu'\. Hint: did you mean --output\?/i,
    ],
    ['a form of output that does not exist', ['list', '--output', 'xml'], /^R001 .*xml.*text, json/],
    ['an argument too many', ['list', 'all'], /^R001 .*too many arguments/],
    ['an unknown subcommand', ['fleet', 'chekc'], /^R001 .*chekc/],
    ['a shell nobody knows', ['completion', 'csh'], /^R001 .*csh/],
    ['a speed of zero', ['twin', 'start', '--speed', '0'], /^R001 .*expected a number above 0/],
    ['an unknown fault', ['twin', 'fault', 'throtle'], /^R001 .*throtle/],
    [
      'an unknown runbook',
      ['explain', 'upgrade-clutser'],
      /^R002 .*upgrade-clutser.*did you mean upgrade-cluster\?/,
    ],
  ])('%s', async (_, argv, expected) => {
    const { code, stdout, stderr } = await runInProcess(argv)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(expected)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})

test('With --output json an error is one JSON document on stdout', async () => {
  const { code, stdout } = await runInProcess(['twin', 'status', '--state', folder, '--output', 'json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'R050',
      message: expect.stringContaining('Cannot reach the twin'),
      hint: 'eks-runbook twin start --detach',
    },
  })
})

test('An error cannot move the cursor or forge a line', async () => {
  const { stderr } = await runInProcess(['list\u001b[2J\nDONE'])
  expect(stderr.trimEnd()).not.toMatch(/[\p{Cc}]/u)
})

describe('A defect of the tool', () => {
  const twin = createServer((_, response) => response.end('{"surprise":1'))
  const state = path.join(folder, 'defect')
  beforeAll(async () => {
    twin.listen(0, '127.0.0.1')
    await once(twin, 'listening')
    const { port } = twin.address() as AddressInfo
    mkdirSync(path.join(state, 'twin'), { recursive: true })
    writeFileSync(
      path.join(state, 'twin/twin.json'),
      JSON.stringify({ pid: 1, port, secret: 'x', endpoint: '', env: {} }),
    )
  })
  afterAll(() => void twin.close())

  test('is R099 in one line, without a stack', async () => {
    const { code, stderr } = await runInProcess(['twin', 'status', '--state', state])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^R099 Cannot go on: .*EKS_RUNBOOK_DEBUG=1/)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('shows its stack under EKS_RUNBOOK_DEBUG=1', async () => {
    const { stderr } = await runInProcess(['twin', 'status', '--state', state], {
      env: { EKS_RUNBOOK_DEBUG: '1' },
    })
    expect(stderr).toMatch(/\n +at /)
  })
})

describe('Help', () => {
  test('without a command lists the commands and the exit codes', async () => {
    const { code, stdout } = await runInProcess([])
    expect(code).toBe(0)
    expect(stdout).toContain('upgrade-cluster --cluster photo-staging')
    expect(stdout).toContain('Exit codes: 0 done')
  })

  test.each([
    'list',
    'explain',
    'plan',
    'run',
    'resume',
    'undo',
    'repair',
    'runs',
    'show',
    'report',
    'fleet check',
    'completion',
    'kube-token',
    'twin start',
    'twin env',
    'twin calls',
    'twin fault',
    'twin status',
    'twin stop',
  ])('of %s shows a worked example', async (command) => {
    const { code, stdout } = await runInProcess([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Example:\n  `)
    expect(stdout).toContain(`eks-runbook ${command}`)
  })
})

describe('fleet check', () => {
  const good = path.join(folder, 'good.yaml')
  const broken = path.join(folder, 'broken.yaml')
  const text = `accounts: [{ id: '111122223333', alias: stage, regions: [eu-west-1] }]
environments: [staging]
clusters: [{ name: photo, account: stage, region: eu-west-1, environment: staging }]
`
  writeFileSync(good, text)
  writeFileSync(broken, text.replace('alias', 'alais').replace('region: eu', 'regoin: eu'))

  test('says what the fleet holds', async () => {
    const { code, stdout } = await runInProcess(['fleet', 'check', '--fleet', good])
    expect(code).toBe(0)
    expect(stdout).toContain('holds together: 1 account, 1 cluster, 0 pairs.')
  })

  test('warns of a second person whom no key names, and not where one does', async () => {
    const warning = /^Warning: settings\.secondPerson .*no approval can count/
    const key = freshSigner().keyLine
    const asking = (signer: string): string => {
      const file = path.join(folder, 'asking.yaml')
      const rules = `settings: { secondPerson: true }\nevidence: { signers: [{ name: bob, key: '${key}'${signer} }] }\n`
      writeFileSync(file, `${text}${rules}`)
      return file
    }
    const check = async (signer: string) =>
      (await runInProcess(['fleet', 'check', '--fleet', asking(signer)])).stderr
    expect(await check('')).toMatch(warning)
    expect(await check(", principal: 'arn:aws:iam::111122223333:role/approver'")).toBe('')
  })

  test('takes --fleet before the command too', async () => {
    expect((await runInProcess(['--fleet', good, 'fleet', 'check'])).code).toBe(0)
  })

  test('names every problem with its line and fix, and ends with 2', async () => {
    const { code, stdout, stderr } = await runInProcess(['fleet', 'check'], {
      env: { EKS_RUNBOOK_FLEET: broken },
    })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /R004 Cannot use .*broken\.yaml:1:\d+ \(accounts\[0\]\.alais\).*did you mean alias\?/,
    )
    expect(stderr).toMatch(/broken\.yaml:3:\d+ \(clusters\[0\]\.regoin\).*Fix: did you mean region\?/)
  })

  test('without a fleet file says where it looked', async () => {
    const { code, stderr } = await runInProcess(['fleet', 'check'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toContain(path.join(folder, 'fleet.yaml'))
  })
})
