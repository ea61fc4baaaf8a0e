import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepEvidence } from '../../lib/evidence/evidence-store.ts'
import { evidenceStatement } from '../../lib/evidence/make-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import { comparisonDocument } from '../../lib/report/schemas/comparison.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { freshSigner } from '../evidence/keys.ts'
import { evidenceOf, plain, tool, walked } from '../evidence/proven.ts'
import { runInProcess } from './terminal-double.ts'

const state = mkdtempSync(path.join(tmpdir(), 'compare-'))
afterAll(() => rmSync(state, { recursive: true }))

const folder = folderStore(state)
const signer = freshSigner()
const fleet = path.join(state, 'fleet.yaml')
const names = { staging: '', production: '' }

/** Keeps the journal, the signed evidence, or both in the state folder. */
const keptRun = async (takes: number, seed: number, kept: readonly ('journal' | 'evidence')[]) => {
  const more = { random: seededRandom(seed), toolDigest: tool.digest }
  const { store, run } = await walked([plain, { ...plain, takes }], more)
  const journal = (await store.log(`runs/${run}/journal.jsonl`).read()) ?? ''
  const sealed = await seal(evidenceStatement(await evidenceOf(store, run)), signer)
  const lines = journal.trimEnd().split('\n')
  if (kept.includes('journal')) (await folder.log(`runs/${run}/journal.jsonl`).create(lines))?.close()
  if (kept.includes('evidence')) await keepEvidence(folder, run, sealed)
  writeFileSync(path.join(state, `${run}.evidence.json`), sealed)
  return run
}

const fleetOf = (key: string) => `
environments: [staging, production]
accounts:
  - { alias: photo, id: '111111111111', regions: [eu-west-1] }
clusters:
  - { name: web, account: photo, region: eu-west-1, environment: staging }
evidence:
  signers:
    - { name: pipeline, key: '${key}' }
`

beforeAll(async () => {
  writeFileSync(fleet, fleetOf(signer.keyLine))
  names.staging = await keptRun(90, 5, ['evidence'])
  names.production = await keptRun(300, 6, ['journal'])
})

const compare = (...argv: readonly string[]) =>
  runInProcess(['compare', ...argv, '--state', state, '--fleet', fleet], { cwd: state })

describe('compare', () => {
  test('lays evidence and a run side by side: outcome, both durations and the factor, as its schema says', async () => {
    const { code, stdout } = await compare(names.staging, names.production, '--output', 'json')
    expect(code).toBe(0)
    const { a, b, steps, inputs } = comparisonDocument.parse(JSON.parse(stdout))
    expect([a, b]).toMatchObject([
      { run: names.staging, from: 'evidence', state: 'done' },
      { run: names.production, from: 'journal', state: 'done' },
    ])
    expect(steps).toMatchObject([
      { counterpart: 'a', same: true },
      { counterpart: 'b', a: { outcome: 'done' }, b: { outcome: 'done' }, same: true },
    ])
    expect(steps[1]?.factor).toBeGreaterThan(2)
    expect(inputs).toEqual([{ name: 'count', a: 2, b: 2, same: true }])
  })

  test('prints both for people and for a ticket', async () => {
    const { stdout } = await compare(names.staging, names.production)
    expect(stdout).toContain(`a  ${names.staging}: switch-all-on on web (staging), done in `)
    expect(stdout).toMatch(/= +Switch b on +1m\d\ds +\dm\d\ds +\d\.\d\d/)
    expect(stdout).toContain('0 of 1 inputs and versions differ, 0 of 2 steps went otherwise')
    const markdown = await compare(names.staging, names.production, '--output', 'markdown')
    expect(markdown.stdout).toMatch(/\| Switch b on \| 1m\d\ds \| \dm\d\ds \| \d\.\d\d \|/)
  })

  test('takes a file of evidence for a run', async () => {
    const file = `./${names.staging}.evidence.json`
    const { code, stdout } = await compare(file, names.production, '--output', 'json')
    expect(code).toBe(0)
    expect(comparisonDocument.parse(JSON.parse(stdout)).a).toMatchObject({ run: names.staging })
  })

  test('compares two runs without a fleet file', async () => {
    const { production } = names
    const { code, stdout } = await runInProcess(['compare', production, production, '--state', state], {
      cwd: path.join(state, 'runs'),
    })
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 of 2 steps went otherwise')])
  })

  test('refuses a name that is neither a run nor evidence', async () => {
    const { code, stderr } = await compare('2026-01-01-0000', names.production)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^R008 Cannot compare "2026-01-01-0000": expected a run or its evidence/)
  })

  test('refuses evidence that nobody of the fleet signed', async () => {
    const other = path.join(state, 'other-fleet.yaml')
    writeFileSync(other, fleetOf(freshSigner().keyLine))
    const argv = ['compare', names.staging, names.production, '--state', state, '--fleet', other]
    const { code, stderr } = await runInProcess(argv)
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^R063 /)])
  })
})
