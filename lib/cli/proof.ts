import { readEvidence } from '../evidence/evidence-store.ts'
import { proofFrom } from '../evidence/proof.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { EngineOptions, Proof } from '../runbook/engine-options.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Clearance } from '../runbook/journal-event.ts'
import type { StateStore } from '../runbook/store.ts'
import type { Cli } from './cli.ts'
import { errorLine } from './report-error.ts'

interface Proving {
  /** How the gate was passed; nothing is held where it names no evidence. */
  readonly clearance: Clearance | undefined
  readonly store: StateStore
  readonly fleet: Fleet
  readonly acceptDifferences: EngineOptions<never>['acceptDifferences'] | undefined
}

/**
 * What the steps of a run are held against. Throws what reading the evidence throws, unless the operator accepts
 * differences: then the rest is held against nothing, which is said on stderr.
 */
export const openProof = async (cli: Cli, proving: Proving): Promise<Proof | undefined> => {
  const { store, clearance, acceptDifferences } = proving
  const { signers, durationFactor: factor } = proving.fleet.evidence
  if (clearance?.evidence === undefined) return undefined
  try {
    const { evidence } = await readEvidence(store, clearance.evidence, signers)
    return proofFrom(evidence, { factor })
  } catch (error) {
    if (!acceptDifferences || !(error instanceof RunbookError)) throw error
    cli.terminal.stderr.write(`${errorLine(error)}\nFrom here on no step is held against staging\n`)
    return undefined
  }
}
