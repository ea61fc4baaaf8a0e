import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { isWorthKeeping, keepRehearsal, listRehearsals, rehearsalOf } from '../../lib/evidence/rehearsal.ts'
import { quantile, type RehearsalResult, type RehearsedRun } from '../../lib/evidence/rehearsal-result.ts'
import { localSigner } from '../../lib/evidence/signer.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { seededRandom } from '../../lib/runbook/random.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const signer = localSigner(pem, 'a test key')
const signers = [{ name: 'ops', key: signer.keyLine }]

const run = (seed: number, ended: 'done' | 'stopped'): RehearsedRun => ({
  seed,
  ended,
  seconds: 100 * seed,
  steps: [],
  resumes: [],
  nodes: { peakExtra: 0, extraInstanceHours: 0 },
  evictions: 0,
  budgets: [],
  requests: { aws: {}, kubernetes: {} },
  faults: [],
})

const result: RehearsalResult = {
  runbook: 'upgrade-cluster',
  title: 'Upgrade',
  cluster: 'photo-prod',
  world: 'worlds/photo-prod.yaml',
  faults: 'usual',
  stepsDigest: 'a'.repeat(64),
  steps: 3,
  findings: [],
  runs: [run(1, 'done'), run(2, 'done')],
  assumed: [],
  interrupted: false,
}

const record = rehearsalOf(result, {
  cluster: 'arn:aws:eks:eu-west-1:444455556666:cluster/photo-prod',
  inputs: { cluster: 'photo-prod', to: '1.34', skip: undefined },
  world: { origin: 'file', name: 'worlds/photo-prod.yaml', sha256: 'c'.repeat(64) },
  tool: { version: '1.0.0', digest: 'b'.repeat(64) },
  now: Date.parse('2026-09-23T07:00:00Z'),
  random: seededRandom(1),
})

test('A record says which steps ended with which seeds, and what they are expected to take', () => {
  expect(record).toMatchObject({
    inputs: { cluster: 'photo-prod', to: '1.34' },
    ended: { done: 2, of: 2 },
    seeds: [1, 2],
    predicted: { p50: 100, p90: 200 },
  })
})

test('A record that was kept is listed with what it says', async () => {
  const store = memoryStore()
  await keepRehearsal(store, record, signer)
  expect(await listRehearsals(store, signers)).toEqual([{ name: record.id, rehearsal: record }])
})

test('A record that was edited, copied under another name or signed by a stranger is listed with its error', async () => {
  const store = memoryStore()
  const key = await keepRehearsal(store, record, signer)
  const { text = '' } = (await store.read(key)) ?? {}
  await store.create('rehearsals/copy.json', text)
  await store.create('rehearsals/edited.json', text.replace('"sig":"', '"sig":"A'))
  const kept = await listRehearsals(store, signers)
  const codes = kept.flatMap((one) => ('error' in one ? [[one.name, one.error.code]] : []))
  expect(codes).toEqual([
    ['copy', 'R066'],
    ['edited', 'R062'],
  ])
  const strange = await listRehearsals(store, [])
  expect(strange.map((one) => 'error' in one && one.error.code)).toContain('R063')
})

test('Only what ended done with every seed, without harsh faults and undisturbed, is worth keeping', () => {
  expect(isWorthKeeping(result)).toBe(true)
  expect(isWorthKeeping({ ...result, faults: 'harsh' })).toBe(false)
  expect(isWorthKeeping({ ...result, interrupted: true })).toBe(false)
  expect(isWorthKeeping({ ...result, runs: [] })).toBe(false)
  expect(isWorthKeeping({ ...result, runs: [run(1, 'done'), run(2, 'stopped')] })).toBe(false)
  expect(isWorthKeeping({ ...result, refused: { code: 'R010', message: 'no', hint: 'mend' } })).toBe(false)
})

test('A quantile is the smallest value that so many do not exceed', () => {
  expect(quantile([30, 10, 20, 50, 40], 0.5)).toBe(30)
  expect(quantile([30, 10, 20, 50, 40], 0.9)).toBe(50)
  expect(quantile([], 0.5)).toBeNaN()
})
