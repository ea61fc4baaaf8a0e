import { describe, expect, test } from 'vitest'
import { doneRun, evidenceStatement, makeEvidence } from '../../lib/evidence/make-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import { openEvidence } from '../../lib/evidence/read-evidence.ts'
import { repair, resume, undo } from '../../lib/runbook/engine.ts'
import { loadRun, readRun } from '../../lib/runbook/runs.ts'
import { freshSigner, trusting } from './keys.ts'
import { evidenceOf, nonce, plain, shape, tool, walked } from './proven.ts'

const by = 'arn:aws:sts::111111111111:assumed-role/deployer/ci'

describe('Evidence of a run that is done', () => {
  test('says what ran where, when, by whom and how each step went', async () => {
    const { run, store, plan } = await walked([plain, { ...plain, undo: 'nothing' }], {
      toolDigest: tool.digest,
      by,
    })
    const view = await readRun(store, run)
    const evidence = await evidenceOf(store, run)
    expect(evidence).toMatchObject({
      schema: 1,
      run,
      nonce,
      runbook: 'switch-all-on',
      tool,
      target: { cluster: 'web', account: '111111111111', environment: 'staging' },
      inputs: { count: 2 },
      plan: { digest: (await plan()).digest, plannedBy: 'arn:aws:iam::111111111111:role/deployer' },
      shape,
      state: 'done',
      startedAt: view.startedAt,
      endedAt: view.endedAt,
      by,
      resumes: 0,
    })
    expect(evidence.steps).toMatchObject([
      { id: 'a', counterpart: 'a', outcome: 'done', looksOnly: false, expectedSeconds: 60 },
      { id: 'b', looksOnly: true, findings: [{ when: 'before', code: 'SIM-001', outcome: 'pass' }] },
    ])
    expect(evidence.steps[0]?.seconds).toBeGreaterThanOrEqual(90)
    expect(evidence).not.toHaveProperty('brokeGlass')
  })

  test('ends its chain at the line that says so', async () => {
    const { run, store } = await walked([plain])
    const { lines } = (await loadRun(store, run)).replay
    const last = lines.at(-1)
    expect(last?.event).toMatchObject({ type: 'run-ended', state: 'done' })
    expect((await evidenceOf(store, run)).journal).toEqual({ lines: lines.length, head: last?.hash })
  })

  test('is the same after a repair that followed', async () => {
    const { run, store, process } = await walked([{ ...plain, pauses: true }])
    const before = await evidenceOf(store, run)
    await process((options) => repair(run, options))
    expect(await evidenceOf(store, run)).toEqual(before)
  })

  test('tells of glass that was broken', async () => {
    const clearance = { brokenGlass: { by, reason: 'the site is down', skipped: 'R060' } }
    const { run, store } = await walked([plain], { toolDigest: tool.digest, clearance })
    expect((await evidenceOf(store, run)).brokeGlass).toBe('the site is down')
  })

  test('is read back as it was signed', async () => {
    const { run, store } = await walked([plain])
    const evidence = await evidenceOf(store, run)
    const signer = freshSigner()
    const text = await seal(evidenceStatement(evidence), signer)
    expect(openEvidence(text, { signers: [trusting('release', signer)], name: run })).toEqual({
      evidence,
      signer: { name: 'release' },
      keyId: signer.keyId,
    })
  })
})

test('Evidence is refused when any one byte of its file is another', async () => {
  const { run, store } = await walked([plain])
  const signer = freshSigner()
  const bytes = Buffer.from(await seal(evidenceStatement(await evidenceOf(store, run)), signer))
  const signers = [trusting('release', signer)]
  const codeOf = (text: string): unknown => {
    try {
      return openEvidence(text, { signers })
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  const accepted = [...bytes.keys()].filter((at) => {
    const flipped = Buffer.from(bytes)
    flipped.writeUInt8((bytes[at] ?? 0) ^ 1, at)
    return codeOf(flipped.toString()) !== 'R062'
  })
  expect(accepted).toEqual([])
  expect(codeOf(bytes.toString())).toMatchObject({ evidence: { run } })
})

describe('No evidence is made', () => {
  test('of a run that stopped', async () => {
    const { run, store } = await walked([{ ...plain, troubles: ['refused'] }])
    await expect(evidenceOf(store, run)).rejects.toMatchObject({ code: 'R068' })
  })

  test('of a run that was undone since, nor of one that is being undone', async () => {
    const { run, store, process } = await walked([plain, { ...plain, undo: 'irreversible' }, plain])
    await process((options) => undo(run, options))
    await expect(evidenceOf(store, run)).rejects.toMatchObject({
      code: 'R068',
      message: expect.stringContaining('undone since'),
    })
  })

  test('of a run of no steps', async () => {
    const { run, store } = await walked([])
    await expect(evidenceOf(store, run)).rejects.toMatchObject({ code: 'R068' })
  })

  test('of a view that leaves a step out', async () => {
    const { run, store } = await walked([plain, plain])
    const { view, journal } = doneRun((await loadRun(store, run)).replay.lines)
    const cut = { ...view, steps: view.steps.slice(1) }
    expect(() => makeEvidence(cut, { journal, shape, tool, nonce })).toThrow('expected 2 steps that are done')
    expect(makeEvidence(view, { journal, shape, tool, nonce }).steps).toHaveLength(2)
  })

  test.each([
    ['other code', 'e'.repeat(64)],
    ['code that is not on record', undefined],
  ])('of a run by %s', async (_what, toolDigest) => {
    const { run, store } = await walked([plain], toolDigest === undefined ? {} : { toolDigest })
    await expect(evidenceOf(store, run)).rejects.toMatchObject({ code: 'R069' })
  })

  test('of a run that other code began', async () => {
    const { run, store, process } = await walked([{ ...plain, troubles: ['refused'] }], {
      toolDigest: 'e'.repeat(64),
    })
    await process((options) => resume(run, options), undefined, { toolDigest: tool.digest })
    expect((await readRun(store, run)).state).toBe('done')
    await expect(evidenceOf(store, run)).rejects.toMatchObject({ code: 'R069' })
  })
})
