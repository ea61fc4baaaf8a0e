import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageVersion } from '../../lib/cli/package-root.ts'
import { toolDigest } from '../../lib/cli/tool-digest.ts'
import { keepEvidence } from '../../lib/evidence/evidence-store.ts'
import { doneRun, evidenceStatement, makeEvidence } from '../../lib/evidence/make-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import { gateDocument } from '../../lib/report/schemas/gate.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { journalLine } from '../../lib/runbook/journal.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { loadRun } from '../../lib/runbook/runs.ts'
import { freshSigner } from '../evidence/keys.ts'
import { cases } from '../runbooks/cases.ts'
import { openScene, settledWorld } from '../runbooks/scene.ts'
import { runInProcess } from './terminal-double.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gate-'))
afterAll(() => rmSync(folder, { recursive: true }))
const store = folderStore(path.join(folder, 'state'))
const signer = freshSigner()
const file = (name: string) => path.join(folder, name)

const fleet = (signers: readonly string[], pairs = true) => `
accounts:
  - { id: '111122223333', alias: here, regions: [eu-west-1] }
  - { id: '444455556666', alias: there, regions: [eu-west-1] }
environments: [staging, production]
clusters:
  - { name: small, account: here, region: eu-west-1, environment: staging }
  - { name: large, account: there, region: eu-west-1, environment: production }
${pairs ? 'pairs: [{ production: large, staging: small }]' : ''}
evidence:
  maxAgeDays: 365
  signers: [${signers.map((key) => `{ name: ci, key: '${key}' }`).join(', ')}]
`

/** The plan of another cluster that would do what this one does. */
const inProduction = (plan: Plan): Plan => {
  const arn = 'arn:aws:eks:eu-west-1:444455556666:cluster/large'
  const target = {
    cluster: 'large',
    account: '444455556666',
    region: 'eu-west-1',
    environment: 'production',
    arn,
  }
  const moved = { ...plan, target, inputs: { ...plan.inputs, cluster: 'large' } }
  return { ...moved, digest: planDigest(moved) }
}

let plan: Plan
let proven: string

beforeAll(async () => {
  const one = cases['upgrade-add-ons']
  if (!one) throw new Error('there is no such case')
  const engine = { store, tool: packageVersion(), toolDigest: toolDigest() }
  const world = await settledWorld(one.world, one.change)
  const staging = await openScene(world, { runbook: one.runbook, cluster: one.cluster, engine })
  const onStaging = await staging.plan(one.inputs)
  const { run } = await staging.execute(onStaging)
  const { view, journal } = doneRun((await loadRun(store, run)).replay.lines)
  const tool = { version: packageVersion(), digest: toolDigest() }
  const shape = one.runbook.shape(onStaging.facts)
  const evidence = makeEvidence(view, { journal, shape, tool, nonce: '0'.repeat(32) })
  await keepEvidence(store, run, await seal(evidenceStatement(evidence), signer))
  proven = run
  plan = inProduction(onStaging)
  writeFileSync(file('plan.json'), JSON.stringify(plan))
  writeFileSync(file('fleet.yaml'), fleet([signer.keyLine]))
})

const written = () => new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }))

/** The command without any way to AWS. */
const type = (...argv: readonly string[]) =>
  runInProcess([...argv, '--state', path.join(folder, 'state')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
  })

describe('gate explain', () => {
  test('passes by the evidence there is, offline, and names the next command', async () => {
    const before = written()
    const { code, stdout } = await type('gate', 'explain', '--plan', 'plan.json')
    expect(code).toBe(0)
    expect(stdout).toContain(`passes by ${proven}`)
    expect(stdout).toContain(`eks-runbook run --plan plan.json --approve ${plan.digest}`)
    expect(written()).toEqual(before)
  })

  test('names a version that moved since, and the command that takes the proven one', async () => {
    const text = JSON.stringify(plan.facts)
    const version = /"to":"(v1\.1[^"]*)"/.exec(text)?.[1] ?? ''
    const moved = {
      ...plan,
      facts: JSON.parse(text.replaceAll(version, 'v1.99.0-eksbuild.1')) as Plan['facts'],
    }
    writeFileSync(file('moved.json'), JSON.stringify({ ...moved, digest: planDigest(moved) }))
    const { code, stdout } = await type('gate', 'explain', '--plan', 'moved.json')
    expect(code).toBe(3)
    expect(stdout).toContain(
      `add-on coredns on 1.32 (add-on-version): expected ${version}, found v1.99.0-eksbuild.1`,
    )
    expect(stdout).toContain(
      `eks-runbook plan upgrade-add-ons --cluster large --as-proven ${proven} --save moved.json`,
    )
  })

  test('prints what its JSON Schema says', async () => {
    for (const name of ['plan.json', 'moved.json']) {
      const { stdout } = await type('gate', 'explain', '--plan', name, '--output', 'json')
      const document: unknown = JSON.parse(stdout)
      expect(gateDocument.strict().parse(document)).toEqual(document)
    }
  })

  test('trusts no evidence whose signer the fleet does not name', async () => {
    writeFileSync(file('untrusting.yaml'), fleet([freshSigner().keyLine]))
    const { code, stdout } = await type(
      'gate',
      'explain',
      '--plan',
      'plan.json',
      '--fleet',
      'untrusting.yaml',
    )
    expect(code).toBe(3)
    expect(stdout).toContain('R063')
  })

  test('shows the pair to add where the fleet has none', async () => {
    writeFileSync(file('unpaired.yaml'), fleet([signer.keyLine], false))
    const { code, stdout } = await type('gate', 'explain', '--plan', 'plan.json', '--fleet', 'unpaired.yaml')
    expect(code).toBe(3)
    expect(stdout).toContain('pairs: [{ production: large, staging: small }]')
  })

  test('refuses a plan with the facts of another version', async () => {
    const old = { ...plan, facts: {} }
    writeFileSync(file('old.json'), JSON.stringify({ ...old, digest: planDigest(old) }))
    const { code, stderr } = await type('gate', 'explain', '--plan', 'old.json')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^R006 /)
  })

  test('refuses an edited plan', async () => {
    writeFileSync(file('edited.json'), readFileSync(file('plan.json'), 'utf8').replaceAll('large', 'other'))
    expect((await type('gate', 'explain', '--plan', 'edited.json')).stderr).toMatch(/^R006 /)
  })

  test('trusts no journal that was cut at a whole line', async () => {
    const journal = path.join(folder, 'state', 'runs', proven, 'journal.jsonl')
    const whole = readFileSync(journal, 'utf8')
    writeFileSync(journal, `${whole.trimEnd().split('\n').slice(0, -1).join('\n')}\n`)
    const { code, stdout } = await type('gate', 'explain', '--plan', 'plan.json')
    writeFileSync(journal, whole)
    expect(code).toBe(3)
    expect(stdout).toContain('R067')
  })
})

describe('One odd record', () => {
  const kept = (...names: readonly string[]) => path.join(folder, 'state', ...names)
  const explain = () => type('gate', 'explain', '--plan', 'plan.json')

  const odd: readonly (readonly [string, string, () => void])[] = [
    ['a file', 'evidence/a.json', () => writeFileSync(kept('evidence', 'a.json'), '{}')],
    ['an empty folder', 'evidence/b.json', () => mkdirSync(kept('evidence', 'b.json'))],
    [
      'a folder for a version',
      'evidence/c.json',
      () => mkdirSync(kept('evidence', 'c.json', 'v0000000001'), { recursive: true }),
    ],
    ['a file next to it', 'evidence/README', () => writeFileSync(kept('evidence', 'README'), 'x')],
  ]
  test.each(odd)('of evidence blocks no other: %s', async (_, name, put) => {
    put()
    const [{ code, stdout }, list] = [await explain(), await type('evidence', 'list')]
    rmSync(kept(name), { recursive: true })
    expect([code, list.code]).toEqual([0, 0])
    expect(stdout).toContain(`passes by ${proven}`)
    expect(list.stdout).toMatch(new RegExp(`^${proven} +yes`, 'm'))
  })

  test('of a newer version is told of the one evidence, and blocks no other', async () => {
    const newer = `2026-01-01-${proven.slice(11)}`
    const { lines } = (await loadRun(store, proven)).replay
    const { view, journal } = doneRun(lines)
    const made = makeEvidence(view, {
      journal,
      shape: { must: [], may: [] },
      tool: { version: packageVersion(), digest: toolDigest() },
      nonce: '1'.repeat(32),
    })
    await keepEvidence(store, newer, await seal(evidenceStatement({ ...made, run: newer }), signer))
    mkdirSync(kept('runs', newer))
    const [first] = lines
    if (first?.event.type !== 'run-started') throw new Error('the journal does not begin')
    const line = journalLine({ ...first, event: { ...first.event, version: 99 } })
    writeFileSync(kept('runs', newer, 'journal.jsonl'), `${line.raw}\n`)
    const asked = await type('gate', 'explain', '--plan', 'plan.json', '--output', 'json')
    const list = await type('evidence', 'list')
    for (const name of [`evidence/${newer}.json`, `runs/${newer}`]) rmSync(kept(name), { recursive: true })
    expect(asked.code).toBe(0)
    expect(asked.stdout).toContain('R042')
    expect(list.stdout).toMatch(new RegExp(`^${newer} +no .*R042`, 'm'))
  })
})

describe('plan --as-proven', () => {
  test('refuses evidence that is not there, before it asks AWS', async () => {
    const { code, stderr } = await type(
      'plan',
      'upgrade-add-ons',
      '--cluster',
      'large',
      '--as-proven',
      'nothing',
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/^R079 /)
  })
})
