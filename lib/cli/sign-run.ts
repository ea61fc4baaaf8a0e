import { randomBytes } from 'node:crypto'
import type { Evidence } from '../evidence/evidence.ts'
import { evidenceText, keepEvidence, placeOf } from '../evidence/evidence-store.ts'
import { doneRun, evidenceStatement, makeEvidence } from '../evidence/make-evidence.ts'
import { seal } from '../evidence/seal.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { asRunbookError } from '../runbook/failure.ts'
import { tell } from '../runbook/messages.ts'
import type { Operator } from '../runbook/operator.ts'
import { loadRun } from '../runbook/runs.ts'
import type { StateStore } from '../runbook/store.ts'
import type { Cli } from './cli.ts'
import { openSigner, trustedAs } from './open-signer.ts'
import { packageVersion } from './package-root.ts'
import { loadRunbook } from './runbook-files.ts'
import { toolDigest } from './tool-digest.ts'

/** Where runs and their evidence are, and whose evidence counts. */
export interface SigningRoom {
  readonly store: StateStore
  readonly fleet: Fleet
}

/** Evidence that is kept now. */
export interface SignedRun {
  /** Its name: that of the run. */
  readonly name: string
  /** Where it is kept, for people. */
  readonly place: string
  /** `already`: it was there before, and stays as it was. */
  readonly signed: 'now' | 'already'
  /** The key that signed now, and the name by which the fleet trusts it. */
  readonly key?: { readonly place: string; readonly line: string; readonly trustedAs?: string }
}

/**
 * Makes, signs and keeps the evidence of a run that is done; nothing where there is some already. Throws R008 for no such
 * run, R040 for a damaged journal, R068 for a run that proves nothing, R069 for one by other code, R078 without a key.
 */
export const signRun = async (cli: Cli, run: string, room: SigningRoom): Promise<SignedRun> => {
  const { store, fleet } = room
  const { replay } = await loadRun(store, run)
  const kept = { name: run, place: placeOf(store, run) }
  if ((await evidenceText(store, run)) !== undefined) return { ...kept, signed: 'already' }
  const { view, journal } = doneRun(replay.lines)
  const evidence: Evidence = makeEvidence(view, {
    journal,
    shape: (await loadRunbook(view.runbook)).shape(view.plan.facts),
    tool: { version: packageVersion(), digest: toolDigest() },
    nonce: randomBytes(16).toString('hex'),
  })
  const { signer, place } = await openSigner(cli, fleet)
  const isKept = await keepEvidence(store, run, await seal(evidenceStatement(evidence), signer))
  if (!isKept) return { ...kept, signed: 'already' }
  const name = trustedAs(fleet, signer)
  const key = { place, line: signer.keyLine, ...(name === undefined ? {} : { trustedAs: name }) }
  return { ...kept, signed: 'now', key }
}

/**
 * At the end of a run: the name of its evidence. When it cannot be signed the run stays done, and the operator is told
 * how to sign it later; nothing then.
 */
export const signAtEnd = async (
  cli: Cli,
  run: string,
  room: SigningRoom & { readonly operator: Operator },
): Promise<{ readonly evidence?: string }> => {
  try {
    const signed = await signRun(cli, run, room)
    const { name, place } = signed
    tell(room.operator, 'M074', { text: signedText(signed), data: { evidence: name, place } })
    return { evidence: name }
  } catch (cause) {
    const { code, message, hint: mending } = asRunbookError(cause)
    const hint = `eks-runbook evidence sign ${run}`
    tell(room.operator, 'M075', {
      text: `The run is done, but its evidence could not be signed: ${code} ${message} (${mending}). Then: ${hint}`,
      data: { run, error: { code, message, hint } },
    })
    return {}
  }
}

/** What was signed by which key, and what to do where the fleet does not count it. */
export const signedText = ({ name, place, signed, key }: SignedRun): string => {
  if (signed === 'already') return `Evidence of ${name} was signed before: ${place}`
  const whom = key?.trustedAs ?? 'a key that fleet.yaml does not trust yet (see: eks-runbook evidence key)'
  return `Evidence of ${name} is signed by ${whom}: ${place}`
}
