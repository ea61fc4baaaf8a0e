import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTwin, type RunningTwin } from './running-twin.ts'

const started: { twin?: RunningTwin } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}
beforeAll(async () => {
  started.twin = await startTwin()
})
afterAll(() => started.twin?.stop())

const upgrade = ['upgrade-cluster', '--cluster', 'small', '--to']
/** The last line of stderr, after what was told on the way. */
const lastLine = (stderr: string): string => stderr.trimEnd().split('\n').at(-1) ?? ''
const read = (file: string) => readFileSync(path.join(twin().state, file), 'utf8')

describe('A plan on the twin', () => {
  test('is printed with its digest, saved, and changes nothing', async () => {
    const { code, stdout, stderr } = twin().type([
      'plan',
      ...upgrade,
      '1.33',
      '--save',
      'plan.json',
      '--output',
      'json',
    ])
    expect([code, stderr.split('\n').filter((line) => /^R\d/.test(line))]).toEqual([0, []])
    const plan = JSON.parse(stdout) as { digest: string; steps: unknown[] }
    expect(plan.steps.length).toBeGreaterThan(3)
    expect(JSON.parse(read('plan.json'))).toEqual(plan)
    const { calls } = JSON.parse((await twin().here('twin', 'calls', '--output', 'json')).stdout) as {
      calls: { operation: string; effect: unknown }[]
    }
    expect(calls.map(({ operation }) => operation)).toContain('DescribeCluster')
    expect(calls.filter(({ effect }) => effect !== null)).toEqual([])
  })

  test('to the minor it has is a plan of no steps', () => {
    const { code, stdout } = twin().type(['plan', ...upgrade, '1.32'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Nothing to do/m)])
  })
})

describe('A saved plan is not run, and no run is begun,', () => {
  const edits = { '"steps"': '"stepz"', '1.33': '1.34' }
  test.each([
    ['without a yes', [], 5, /^R009 .*--approve [0-9a-f]{64}$/],
    ['with a wrong digest', ['--approve', 'abc'], 3, /^R012 .*found abc.*--approve [0-9a-f]{64}$/],
  ])('%s', (_, argv, expected, line) => {
    const { code, stderr } = twin().type(['run', '--plan', 'plan.json', ...argv])
    expect([code, lastLine(stderr)]).toEqual([expected, expect.stringMatching(line)])
    expect(existsSync(path.join(twin().state, 'runs'))).toBe(false)
  })

  test.each([
    ['a file is in its place', 'plan.json/state', /^R041 .*a part of the path is a file\. Hint: .*--state$/],
  ])('with a state folder that cannot be written: %s', (_, state, line) => {
    const { digest } = JSON.parse(read('plan.json')) as { digest: string }
    const { code, stderr } = twin().type([
      'run',
      '--plan',
      'plan.json',
      '--approve',
      digest,
      '--state',
      state,
    ])
    expect([code, lastLine(stderr)]).toEqual([1, expect.stringMatching(line)])
    const { stdout } = twin().type(['twin', 'calls', '--output', 'json'])
    const { calls } = JSON.parse(stdout) as { calls: { effect: unknown }[] }
    expect(calls.filter(({ effect }) => effect !== null)).toEqual([])
  })

  test.each(Object.entries(edits))('edited: %s became %s', (from, to) => {
    writeFileSync(path.join(twin().state, 'edited.json'), read('plan.json').replace(from, to))
    const { code, stderr } = twin().type(['run', '--plan', 'edited.json', '--approve', 'abc'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^R006 .*eks-runbook plan.*\n$/)])
    expect(existsSync(path.join(twin().state, 'runs'))).toBe(false)
  })
})

describe('A target that cannot be is refused with one line and nothing is saved:', () => {
  test.each([
    ['an unknown cluster', ['--cluster', 'smal', '--to', '1.33'], 2, /^R005 .*did you mean small\?/],
    ['an unknown runbook', [], 2, /^R002 .*did you mean upgrade-cluster\?/],
    ['a version that is none', ['--cluster', 'small', '--to', 'banana'], 2, /^R003 .*banana/],
    ['a lower version', ['--cluster', 'small', '--to', '1.31'], 2, /^R003 .*1\.32 or above.*found 1\.31/],
    [
      'a version too far',
      ['--cluster', 'small', '--to', '1.41'],
      2,
      /^R003 .*expected at most 1\.36.*found 1\.41/,
    ],
  ])('%s', (what, argv, expected, line) => {
    const runbook = what === 'an unknown runbook' ? 'upgrade-clustr' : 'upgrade-cluster'
    const { code, stderr } = twin().type(['plan', runbook, ...argv])
    expect([code, lastLine(stderr)]).toEqual([expected, expect.stringMatching(line)])
    expect(readdirSync(twin().state).filter((name) => name.endsWith('.new'))).toEqual([])
  })
})

describe('What AWS is asked with must be right:', () => {
  test('an account that is not the one of the fleet', () => {
    const fleet = readFileSync(twin().env['EKS_RUNBOOK_FLEET'] ?? '', 'utf8')
    writeFileSync(path.join(twin().state, 'other.yaml'), fleet.replaceAll('111122223333', '999999999999'))
    const { code, stderr } = twin().type(['plan', ...upgrade, '1.33', '--fleet', 'other.yaml'])
    expect([code, lastLine(stderr)]).toEqual([
      3,
      expect.stringMatching(/^R014 .*999999999999.*111122223333.*$/),
    ])
  })

  test('no credentials', () => {
    const { code, stderr } = twin().type(['plan', ...upgrade, '1.33'], {
      AWS_CONFIG_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    })
    expect([code, lastLine(stderr)]).toEqual([
      5,
      expect.stringMatching(/^R030 .*111122223333.*aws sso login.*$/),
    ])
  })
})

describe('An API that does not answer', () => {
  const deaf = createServer(() => undefined)
  beforeAll(async () => {
    deaf.listen(0, '127.0.0.1')
    await once(deaf, 'listening')
  })
  afterAll(() => void deaf.close())
  const endpointOf = (port: number) => ({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` })

  test('is given up on within five seconds of real time, saying what was tried', () => {
    const since = performance.now()
    const env = { ...endpointOf(1), EKS_RUNBOOK_CLOCK: '' }
    const { code, stderr } = twin().type(['plan', ...upgrade, '1.33', '--save', 'never.json'], env)
    expect(performance.now() - since).toBeLessThan(5_000)
    expect([code, lastLine(stderr)]).toEqual([
      4,
      expect.stringMatching(
        /^R024 Cannot open small .*111122223333.*ECONNREFUSED.*http:\/\/127\.0\.0\.1:1,.*$/,
      ),
    ])
    expect(existsSync(path.join(twin().state, 'never.json'))).toBe(false)
  })

  test('is left at once by Ctrl-C while planning, with 4 and nothing saved', async () => {
    const { port } = deaf.address() as AddressInfo
    const ended = await twin().interrupt(['plan', ...upgrade, '1.33', '--save', 'never.json'], {
      isTime: once(deaf, 'connection'),
      env: endpointOf(port),
    })
    expect([ended.code, lastLine(ended.stderr)]).toEqual([
      4,
      expect.stringMatching(/^R020 .*nothing was begun/),
    ])
    expect(existsSync(path.join(twin().state, 'never.json'))).toBe(false)
  })
})
