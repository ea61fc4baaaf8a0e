import { evidenceText, readEvidence } from '../evidence/evidence-store.ts'
import { proofFrom } from '../evidence/proof.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Proof } from '../runbook/engine-options.ts'
import type { Clearance } from '../runbook/journal-event.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { StateStore } from '../runbook/store.ts'
import { unlessBroken, type Glass } from './break-glass.ts'

interface Proving {
  /** How the gate was passed; nothing is held where it names no evidence. */
  readonly clearance: Clearance | undefined
  readonly store: StateStore
  readonly fleet: Fleet
  readonly glass: Glass | undefined
  /** Name of the run that goes on; left out for a new one. */
  readonly run?: string | undefined
}

/**
 * What the steps of a run are held against. Throws R060 where the evidence is gone, and what reading it throws (R062
 * to R067), unless the glass is broken: then the rest is held against nothing.
 */
export const openProof = async (proving: Proving): Promise<Proof | undefined> => {
  const { store, clearance, fleet, glass, run } = proving
  const { signers, durationFactor: factor } = fleet.evidence
  const name = clearance?.evidence
  if (name === undefined) return undefined
  const signed = await unlessBroken(glass, async () => {
    if ((await evidenceText(store, name)) === undefined) throw goneEvidence(name, run)
    return await readEvidence(store, name, signers)
  })
  return signed && proofFrom(signed.evidence, { factor })
}

/** The name is that of a clearance, so nobody has mistyped it. */
const goneEvidence = (name: string, run: string | undefined): RunbookError => {
  const hint = `bring back evidence/${plainText(name)}.json`
  return new RunbookError(
    'R060',
    `Cannot hold the steps against staging: expected the evidence ${plainText(name)}, found none`,
    {
      hint: run === undefined ? hint : `${hint}, or: eks-runbook resume ${run} --break-glass --reason TEXT`,
    },
  )
}
