import { checkJournal, readEvidence } from '../evidence/evidence-store.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import type { StateStore } from '../runbook/store.ts'

/** Evidence whose releases are taken. */
export interface Proven {
  readonly name: string
  readonly shape: PlanShape
}

/**
 * The releases that held, from the evidence of that name. Throws R079 when there is none, R062, R063, R066, R067 when it
 * cannot be trusted.
 */
export const openProven = async (store: StateStore, name: string, { fleet }: FleetFile): Promise<Proven> => {
  const { evidence } = await readEvidence(store, name, fleet.evidence.signers)
  await checkJournal(store, evidence)
  return { name, shape: evidence.shape }
}
