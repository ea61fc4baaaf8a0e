import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { machineKey } from '../../lib/cli/signing-key.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { checkPlan, planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { startTwin, type RunningTwin, type Typed } from './running-twin.ts'

/** Two people with a machine, a key and an IAM role each; what they share is a bucket. */
const people = { alice: 'production', bob: 'production-approver' } as const
type Person = keyof typeof people

const started: { twin?: RunningTwin; digest?: string; broken?: string } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}

const homeOf = (person: Person) => path.join(twin().state, person)
const machineOf = (person: Person) => ({ XDG_CONFIG_HOME: homeOf(person), XDG_STATE_HOME: homeOf(person) })

const as = (person: Person, ...argv: readonly string[]): Promise<Typed> => {
  const settings = {
    ...machineOf(person),
    AWS_PROFILE: people[person],
    EKS_RUNBOOK_STATE: 's3://shop-production-runbooks/team',
    EKS_RUNBOOK_FLEET: path.join(twin().state, 'fleet.yaml'),
  }
  const env = { ...process.env, ...twin().env, ...settings }
  return new Promise((resolve) => {
    const command = [path.resolve('lib/cli/eks-runbook.cjs'), ...argv]
    const child = execFile(process.execPath, command, { cwd: homeOf(person), env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

const keyOf = (person: Person): string => {
  const silent = { write: () => undefined }
  const terminal = { stdout: silent, stderr: silent, interactive: false, lively: false }
  return machineKey({ ...terminal, env: machineOf(person), cwd: homeOf(person) }).signer.keyLine
}

const fleetText = () => `
accounts:
  - { id: '111122223333', alias: staging, regions: [eu-west-1], profile: staging }
  - { id: '444455556666', alias: production, regions: [eu-west-1], profile: production }
environments: [staging, production]
clusters:
  - { name: shop-staging, account: staging, region: eu-west-1, environment: staging }
  - { name: shop-prod, account: production, region: eu-west-1, environment: production }
  - { name: till-prod, account: production, region: eu-west-1, environment: production }
pairs:
  - { production: shop-prod, staging: shop-staging }
  - { production: till-prod, staging: shop-staging }
settings: { secondPerson: true, breakGlass: ['arn:aws:iam::444455556666:role/deployer'] }
evidence:
  durationFactor: 100
  signers:
    - { name: alice, key: '${keyOf('alice')}' }
    - { name: bob, key: '${keyOf('bob')}', principal: 'arn:aws:iam::444455556666:role/approver' }
`

/** The digest of a new plan. */
const plan = async (cluster: string): Promise<string> => {
  const saved = ['--save', `${cluster}.json`, '--output', 'json']
  const { stdout } = await as('alice', 'plan', 'upgrade-add-ons', '--cluster', cluster, ...saved)
  return (JSON.parse(stdout) as { digest: string }).digest
}

beforeAll(async () => {
  started.twin = await startTwin('600', 'test/cli/two-accounts.yaml')
  for (const person of ['alice', 'bob'] as const) mkdirSync(homeOf(person))
  writeFileSync(path.join(twin().state, 'fleet.yaml'), fleetText())
  const clusters = ['shop-staging', 'shop-prod', 'till-prod']
  const [staging = '', production = '', till = ''] = await Promise.all(clusters.map(plan))
  started.digest = production
  const glass = ['--break-glass', '--reason', 'the tills are down', '--output', 'json']
  const [proven, broken] = await Promise.all([
    as('alice', 'run', '--plan', 'shop-staging.json', '--approve', staging),
    as('alice', 'run', '--plan', 'till-prod.json', '--approve', till, ...glass),
  ])
  expect([proven.code, proven.stdout]).toEqual([0, expect.stringContaining('is signed by alice')])
  expect([broken.code, broken.stderr]).toEqual([0, expect.stringContaining('GLASS IS BROKEN: till-prod')])
  started.broken = (JSON.parse(broken.stdout) as { run: string }).run
})
afterAll(() => started.twin?.stop())

const digest = () => started.digest ?? ''
const run = () => as('alice', 'run', '--plan', 'shop-prod.json', '--approve', digest())
const approve = (person: Person, ...more: readonly string[]) =>
  as(person, 'approve', digest(), '--reason', 'CHG-1042', '--yes', '--profile', people[person], ...more)

const review = (person: Person) =>
  as(person, 'review', started.broken ?? '', '--reason', 'read it', '--profile', people[person])

test('Without a second person a run waits with 5, and oneself is not one: R071', async () => {
  const [alone, approved, reviewed] = await Promise.all([run(), approve('alice'), review('alice')])
  expect([alone.code, alone.stderr]).toEqual([5, expect.stringMatching(/^R070 .*eks-runbook approve/m)])
  expect([approved.code, approved.stderr]).toEqual([3, expect.stringMatching(/^R071 /m)])
  expect([reviewed.code, reviewed.stderr]).toEqual([3, expect.stringMatching(/^R071 .*who broke the glass/m)])
})

test('The other approves on another machine, and one of two runs uses it; the other reviews', async () => {
  const [{ code, stdout, stderr }, reviewed] = await Promise.all([
    approve('bob', '--output', 'json'),
    review('bob'),
  ])
  expect([reviewed.code, reviewed.stderr]).toEqual([0, ''])
  expect([code, stderr]).toEqual([0, expect.stringContaining('upgrade-add-ons')])
  const approval = JSON.parse(stdout) as { nonce: string }
  const ends = (await Promise.all([run(), run()])).toSorted((a, b) => Number(a.code) - Number(b.code))
  expect(ends.map((end) => end.code)).toEqual([0, 3])
  expect(ends[0]?.stdout).toContain(
    `approval ${approval.nonce} by arn:aws:sts::444455556666:assumed-role/approver/`,
  )
  expect(ends[1]?.stderr).toMatch(/^R0(11|13|73) /m)
})

/** A plan of alice in a state folder where somebody edited the record. */
const edited = async (state: string, edit: (plan: Plan) => Plan): Promise<string> => {
  const folder = path.join(twin().state, state)
  const saved = ['--cluster', 'shop-prod', '--save', `${state}.json`, '--state', folder]
  await as('alice', 'plan', 'upgrade-add-ons', ...saved)
  const store = folderStore(folder)
  const kept = checkPlan(JSON.parse(readFileSync(path.join(homeOf('alice'), `${state}.json`), 'utf8')))
  const changed = edit(kept)
  const stored = await store.read(`plans/${changed.digest}.json`)
  const text = JSON.stringify(changed)
  if (stored) await store.replace(`plans/${changed.digest}.json`, text, stored.version)
  else await store.create(`plans/${changed.digest}.json`, text)
  const yes = ['--reason', 'CHG-1042', '--yes', '--profile', people.bob, '--state', folder]
  const { code, stdout, stderr } = await as('bob', 'approve', changed.digest, ...yes)
  return `${code}\n${stdout}\n${stderr}`
}

test('Who approves sees the plan as the cluster gives it now, not what the record says of it', async () => {
  const finding = { code: 'C999', outcome: 'warn', object: 'nothing', expected: 'a', found: 'b' } as const
  const findings = [{ ...finding, hint: '', source: '' }]
  const [shown, refused] = await Promise.all([
    edited('told', (plan) => ({ ...plan, title: 'Look at a cluster', findings })),
    edited('other', (plan) => {
      const other = { ...plan, facts: {}, steps: plan.steps.slice(1) }
      return { ...other, digest: planDigest(other) }
    }),
  ])
  expect(shown).toMatch(/^0\n/)
  expect(shown).not.toMatch(/Look at a cluster|C999/)
  expect(refused).toMatch(/^3\n[^]*^R011 Cannot approve/m)
})

test('A run tells by which rules it began, as fleet check tells of the file', async () => {
  const [shown, checked] = await Promise.all([
    as('bob', 'show', started.broken ?? '', '--output', 'json'),
    as('bob', 'fleet', 'check', '--output', 'json'),
  ])
  const { digest: rules } = JSON.parse(checked.stdout) as { digest: string }
  expect(JSON.parse(shown.stdout)).toMatchObject({ fleet: { digest: rules, gated: true } })
})

test('Both see the same runs', async () => {
  const [one, other] = await Promise.all([
    as('alice', 'runs', '--output', 'json'),
    as('bob', 'runs', '--output', 'json'),
  ])
  expect(one).toEqual(other)
  const { runs } = JSON.parse(other.stdout) as {
    runs: { cluster: string; state: string; review?: string }[]
  }
  const told = runs.map((one) => `${one.cluster} ${one.state} ${one.review ?? 'no review'}`)
  expect(new Set(told)).toEqual(
    new Set(['shop-prod done no review', 'shop-staging done no review', 'till-prod done closed']),
  )
})
