import { describe, expect, test } from 'vitest'
import {
  checkJournal,
  evidenceText,
  keepEvidence,
  listEvidence,
  readEvidence,
} from '../../lib/evidence/evidence-store.ts'
import { evidenceStatement } from '../../lib/evidence/make-evidence.ts'
import { openEvidence } from '../../lib/evidence/read-evidence.ts'
import { seal } from '../../lib/evidence/seal.ts'
import type { Evidence } from '../../lib/evidence/evidence.ts'
import { undo } from '../../lib/runbook/engine.ts'
import { journalLine } from '../../lib/runbook/journal.ts'
import type { JournalLine } from '../../lib/runbook/journal-event.ts'
import { asJson } from '../../lib/runbook/plan.ts'
import type { Simulation } from '../runbook/simulation.ts'
import { freshSigner, trusting } from './keys.ts'
import { evidenceOf, keep, plain, walked } from './proven.ts'

const signer = freshSigner()
const signers = [trusting('release', signer)]

const logOf = ({ state }: Simulation, run: string) => {
  const log = state.logs.get(`runs/${run}/journal.jsonl`)
  if (!log) throw new Error('there is no journal')
  return log
}

/** Links and hashes are made again: what an insider can do who writes to the store. */
const rewritten = (text: string, change: (event: JournalLine['event']) => JournalLine['event']): string => {
  let prev = ''
  const lines = text
    .trimEnd()
    .split('\n')
    .map((raw) => {
      const { seq, at, epoch, event } = JSON.parse(raw) as JournalLine
      const line = journalLine({ seq, at, epoch, prev, event: change(event) })
      prev = line.hash
      return `${line.raw}\n`
    })
  return lines.join('')
}

describe('Evidence in a store', () => {
  test('is read by the name of its run and listed', async () => {
    const { store, run } = await walked([plain])
    const evidence = await keep(store, run, { signer })
    expect(await listEvidence(store)).toEqual([run])
    expect(await readEvidence(store, run, signers)).toMatchObject({ evidence, signer: { name: 'release' } })
    await expect(checkJournal(store, evidence)).resolves.toBeUndefined()
  })

  test('is never replaced', async () => {
    const { store, run } = await walked([plain])
    await keep(store, run, { signer })
    const kept = await evidenceText(store, run)
    expect(await keepEvidence(store, run, 'other')).toBe(false)
    expect(await evidenceText(store, run)).toBe(kept)
  })

  test.each(['nothing', '../locks/x', '', 'UPPER'])('is not found under the name %j', async (name) => {
    const { store } = await walked([plain])
    await expect(readEvidence(store, name, signers)).rejects.toMatchObject({ code: 'R079' })
  })

  test('is refused as a copy under another name', async () => {
    const { store, run } = await walked([plain])
    await keep(store, run, { signer, name: 'run-2' })
    await expect(readEvidence(store, 'run-2', signers)).rejects.toMatchObject({ code: 'R066' })
  })
})

describe('A signature is not enough', () => {
  const opened = async (evidence: Evidence, change: Partial<ReturnType<typeof evidenceStatement>>) => {
    const text = await seal({ ...evidenceStatement(evidence), ...change }, signer)
    return openEvidence(text, { signers })
  }

  test.each<[string, (evidence: Evidence) => Partial<ReturnType<typeof evidenceStatement>>]>([
    ['for an approval', () => ({ predicateType: 'urn:eks-runbook:approval:v1' })],
    ['for evidence of a later version', (evidence) => ({ predicate: asJson({ ...evidence, schema: 2 }) })],
    ['for a run that failed', (evidence) => ({ predicate: asJson({ ...evidence, state: 'failed' }) })],
    ['for another subject', ({ journal }) => ({ subject: { name: 'run-2', sha256: journal.head } })],
    ['for another journal', ({ run }) => ({ subject: { name: run, sha256: 'f'.repeat(64) } })],
  ])('%s', async (_what, change) => {
    const { store, run } = await walked([plain])
    const evidence = await evidenceOf(store, run)
    await expect(opened(evidence, change(evidence))).rejects.toMatchObject({ code: 'R062' })
    await expect(opened(evidence, {})).resolves.toMatchObject({ evidence })
  })

  test('of a principal for the run of another', async () => {
    const by = 'arn:aws:sts::111111111111:assumed-role/deployer/ci'
    const { store, run } = await walked([plain], { toolDigest: 'd'.repeat(64), by })
    const text = await seal(evidenceStatement(await evidenceOf(store, run)), signer)
    const signedBy = (principal: string) => () =>
      openEvidence(text, { signers: [{ ...trusting('release', signer), principal }] })
    expect(signedBy('arn:aws:iam::111111111111:role/other')).toThrow(
      expect.objectContaining({ code: 'R063' }),
    )
    expect(signedBy('arn:aws:iam::111111111111:role/deployer')).not.toThrow()
    const other = { ...trusting('other', signer), principal: 'arn:aws:iam::111111111111:role/other' }
    const shared = { signers: [other, trusting('machine', signer)] }
    expect(openEvidence(text, shared).signer).toEqual({ name: 'machine' })
  })
})

describe('The journal in the store', () => {
  const proven = async () => {
    const simulation = await walked([plain, plain])
    const evidence = await evidenceOf(simulation.store, simulation.run)
    const log = logOf(simulation, simulation.run)
    const codeNow = () =>
      checkJournal(simulation.store, evidence).then(
        () => 'accepted',
        (error: { code?: string }) => error.code,
      )
    return { ...simulation, evidence, log, codeNow }
  }

  test('is refused when its last line is gone, though each line left is valid', async () => {
    const { log, codeNow } = await proven()
    expect(await codeNow()).toBe('accepted')
    log.text = log.text.slice(0, log.text.trimEnd().lastIndexOf('\n') + 1)
    expect(await codeNow()).toBe('R067')
  })

  test('is refused when it was written anew with another content', async () => {
    const { log, codeNow } = await proven()
    log.text = rewritten(log.text, (event) => event)
    expect(await codeNow()).toBe('accepted')
    log.text = rewritten(log.text, (event) =>
      event.type === 'run-started' ? { ...event, by: 'arn:aws:iam::111111111111:role/else' } : event,
    )
    expect(await codeNow()).toBe('R067')
  })

  test('is refused when a byte of it is another', async () => {
    const { log, codeNow } = await proven()
    log.text = log.text.replace('Switch a on', 'Switch A on')
    expect(await codeNow()).toBe('R067')
  })

  test('is refused when it is missing', async () => {
    const { state, run, codeNow } = await proven()
    state.logs.delete(`runs/${run}/journal.jsonl`)
    expect(await codeNow()).toBe('R067')
  })

  test('is refused once the run was undone', async () => {
    const { process, run, codeNow } = await proven()
    await process((options) => undo(run, options))
    expect(await codeNow()).toBe('R067')
  })

  test.each<[string, (evidence: Evidence) => Evidence]>([
    ['plan', (evidence) => ({ ...evidence, plan: { ...evidence.plan, digest: 'a'.repeat(64) } })],
    ['cluster', (evidence) => ({ ...evidence, target: { ...evidence.target, arn: 'another' } })],
  ])('is refused as that of another %s', async (_what, change) => {
    const { store, evidence } = await proven()
    await expect(checkJournal(store, change(evidence))).rejects.toMatchObject({ code: 'R066' })
  })

  test('is refused as that of another run when it was copied', async () => {
    const { store, state, log, evidence } = await proven()
    state.logs.set('runs/run-2/journal.jsonl', { ...log })
    await expect(checkJournal(store, { ...evidence, run: 'run-2' })).rejects.toMatchObject({ code: 'R066' })
  })
})
