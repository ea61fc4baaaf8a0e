import { describe, expect, test } from 'vitest'
import { openProof } from '../../lib/cli/proof.ts'
import { evidenceDefaults, type Fleet } from '../../lib/fleet/fleet.ts'
import type { PlannedStep } from '../../lib/runbook/plan.ts'
import { readRun } from '../../lib/runbook/runs.ts'
import type { StateStore } from '../../lib/runbook/store.ts'
import { freshSigner, trusting } from '../evidence/keys.ts'
import { keep, plain, walked } from '../evidence/proven.ts'
import { runInProcess } from './terminal-double.ts'

const signer = freshSigner()

/** Only what is read of a fleet here. */
const fleet = (evidence: Partial<Fleet['evidence']> = {}) =>
  ({ evidence: { ...evidenceDefaults, signers: [trusting('pipeline', signer)], ...evidence } }) as Fleet

const proven = async () => {
  const { store, run } = await walked([plain, plain])
  await keep(store, run, { signer })
  return { store, run }
}

/** A step of the run as it went, but so many times longer, and as it was planned. */
const slower = async (store: StateStore, run: string, times: number) => {
  const { steps, plan } = await readRun(store, run)
  const [view, planned] = [steps[0], plan.steps[0]]
  if (!view?.startedAt || !view.endedAt || !planned) throw new Error('the run has no step that is done')
  const took = Date.parse(view.endedAt) - Date.parse(view.startedAt)
  const endedAt = new Date(Date.parse(view.startedAt) + took * times).toISOString()
  return [{ ...view, endedAt }, planned satisfies PlannedStep] as const
}

describe('openProof', () => {
  test('holds steps against the evidence that cleared the run, by the factor of the fleet', async () => {
    const { store, run } = await proven()
    const shared = { clearance: { evidence: run }, store, glass: undefined }
    const usual = await openProof({ ...shared, fleet: fleet() })
    const patient = await openProof({ ...shared, fleet: fleet({ durationFactor: 5 }) })
    expect(usual?.name).toBe(run)
    expect(usual?.compare(...(await slower(store, run, 1)))).toEqual([])
    expect(usual?.compare(...(await slower(store, run, 4)))).toMatchObject([{ kind: 'duration' }])
    expect(patient?.compare(...(await slower(store, run, 4)))).toEqual([])
  })

  test('holds nothing where no evidence cleared the run', async () => {
    const { store } = await proven()
    const shared = { store, fleet: fleet(), glass: undefined }
    expect(await openProof({ ...shared, clearance: undefined })).toBeUndefined()
    const brokenGlass = { by: 'arn', reason: 'the shop is down', skipped: 'R060' }
    expect(await openProof({ ...shared, clearance: { brokenGlass } })).toBeUndefined()
  })

  test('refuses evidence that is gone or that nobody trusts any more', async () => {
    const { store, run } = await proven()
    const shared = { store, glass: undefined }
    const gone = openProof({ ...shared, fleet: fleet(), clearance: { evidence: 'gone' }, run: 'r1' })
    await expect(gone).rejects.toMatchObject({
      code: 'R060',
      hint: 'bring back evidence/gone.json, or: eks-runbook resume r1 --break-glass --reason TEXT',
    })
    const distrusted = fleet({ signers: [trusting('other', freshSigner())] })
    const untrusted = openProof({ ...shared, fleet: distrusted, clearance: { evidence: run } })
    await expect(untrusted).rejects.toMatchObject({ code: 'R063' })
  })

  test('goes on without it where the glass is broken, and tells what was skipped', async () => {
    const { store } = await proven()
    const glass = { by: 'arn', reason: 'the shop is down', skipped: [] }
    const clearance = { evidence: 'gone' }
    expect(await openProof({ store, fleet: fleet(), clearance, glass })).toBeUndefined()
    expect(glass.skipped).toEqual(['R060'])
  })
})

test('resume accepts no differences without a reason', async () => {
  for (const reason of [[], ['--reason', ' ']]) {
    const { code, stderr } = await runInProcess(['resume', 'x', '--accept-differences', ...reason])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^R001 .*expected --reason/)])
  }
})
