import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { startTwin, type RunningTwin } from './running-twin.ts'

const started: { twin?: RunningTwin; plan?: Plan; run?: string } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}
const at = (...names: string[]) => path.join(twin().state, ...names)

beforeAll(async () => {
  started.twin = await startTwin()
  twin().type(['plan', 'upgrade-cluster', '--cluster', 'small', '--to', '1.33', '--save', 'plan.json'])
  started.plan = JSON.parse(readFileSync(at('plan.json'), 'utf8')) as Plan
  const { digest } = started.plan
  await twin().interrupt(['run', '--plan', 'plan.json', '--approve', digest], {
    isTime: 'eks:UpdateClusterVersion',
  })
  const { runs } = JSON.parse(twin().type(['runs', '--output', 'json']).stdout) as { runs: { id: string }[] }
  started.run = runs[0]?.id ?? ''
  const fleet = (account: string, region: string) => `
accounts: [{ id: '${account}', alias: live, regions: [${region}] }]
environments: [production]
clusters: [{ name: prod, as: small, account: live, region: ${region}, environment: production }]
`
  writeFileSync(at('other-account.yaml'), fleet('444455556666', 'eu-west-1'))
  writeFileSync(at('other-region.yaml'), fleet('111122223333', 'eu-west-2'))
})
afterAll(() => started.twin?.stop())

const calls = async (): Promise<number> => {
  const { stdout } = await twin().here('twin', 'calls', '--output', 'json')
  return (JSON.parse(stdout) as { calls: unknown[] }).calls.length
}

test.each([
  ['resume', 'other-account.yaml', 'expected account 111122223333, as planned, found 444455556666'],
  ['resume', 'other-region.yaml', 'expected region eu-west-1, as planned, found eu-west-2'],
  ['undo', 'other-account.yaml', 'expected account 111122223333, as planned, found 444455556666'],
  ['repair', 'other-account.yaml', 'expected account 111122223333, as planned, found 444455556666'],
])('%s with %s is refused with 3 before any lock or call', async (command, fleet, told) => {
  const { run = '', plan } = started
  const journal = readFileSync(at('runs', run, 'journal.jsonl'), 'utf8')
  const before = await calls()
  const yes = command === 'undo' ? ['--approve', plan?.digest ?? ''] : []
  const { code, stderr } = twin().type([command, run, ...yes, '--fleet', fleet])
  expect([code, stderr]).toEqual([
    3,
    expect.stringMatching(/^R015 Cannot go on with small: .*--fleet FILE\n$/),
  ])
  expect(stderr).toContain(told)
  expect(readFileSync(at('runs', run, 'journal.jsonl'), 'utf8')).toBe(journal)
  expect(await calls()).toBe(before)
})

test('A saved plan of another cluster of that name is refused with 3 before anything is surveyed', () => {
  const { plan } = started
  if (!plan) throw new Error('no plan')
  const elsewhere = { ...plan, target: { ...plan.target, arn: `${plan.target.arn}-of-old` } }
  const digest = planDigest(elsewhere)
  writeFileSync(at('elsewhere.json'), JSON.stringify({ ...elsewhere, digest }))
  const { code, stderr } = twin().type(['run', '--plan', 'elsewhere.json', '--approve', digest])
  expect([code, stderr]).toEqual([
    3,
    expect.stringMatching(/^R015 .*expected arn \S+small-of-old, as planned, found \S+small\. /m),
  ])
  expect(stderr).not.toContain('Reading small')
})
