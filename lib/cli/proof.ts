import { readEvidence } from '../evidence/evidence-store.ts'
import { proofFrom } from '../evidence/proof.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Proof } from '../runbook/engine-options.ts'
import type { Clearance } from '../runbook/journal-event.ts'
import type { StateStore } from '../runbook/store.ts'
import { unlessBroken, type Glass } from './break-glass.ts'

interface Proving {
  /** How the gate was passed; nothing is held where it names no evidence. */
  readonly clearance: Clearance | undefined
  readonly store: StateStore
  readonly fleet: Fleet
  readonly glass: Glass | undefined
}

/**
 * What the steps of a run are held against. Throws what reading the evidence throws (R062 to R067, R079), unless the
 * glass is broken: then the rest is held against nothing.
 */
export const openProof = async ({ store, clearance, fleet, glass }: Proving): Promise<Proof | undefined> => {
  const { signers, durationFactor: factor } = fleet.evidence
  const name = clearance?.evidence
  if (name === undefined) return undefined
  const signed = await unlessBroken(glass, () => readEvidence(store, name, signers))
  return signed && proofFrom(signed.evidence, { factor })
}
