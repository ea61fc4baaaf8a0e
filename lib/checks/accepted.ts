import type { Json } from '../runbook/json.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Regression } from './regression.ts'

/** Name of the note, with the step of the baseline, that tells what somebody let stay worse than it. */
export const acceptedNote = 'accepted'

/** A yes to findings that stopped a run. Plain data. */
export type Acceptance = {
  /** A code, such as `RG-001`, for all of it; or code and object, such as `RG-001 Deployment shop/cart`. */
  readonly finding: string
  /** ARN of who said so. */
  readonly by: string
  readonly reason: string
}

/** Codes that may be accepted: what is worse than at the baseline, and the checks of the team. */
export const isAcceptable = (finding: string): boolean => /^(RG|SM)-\d{3}( .+)?$/.test(finding)

/** The note with more said yes to. */
export const withAcceptances = (
  note: Json | undefined,
  more: readonly Acceptance[],
): readonly Acceptance[] => [...acceptancesFrom(note), ...more]

/** What somebody said yes to is told as a warning, with who and why; it stops nothing. Pure. */
export const lettingStay = (worse: readonly Regression[], note: Json | undefined): readonly Regression[] => {
  const acceptances = acceptancesFrom(note)
  return worse.map((one) => {
    if (one.outcome !== 'block') return one
    const yes = acceptances.find(
      ({ finding }) => finding === one.code || finding === `${one.code} ${plainText(one.object)}`,
    )
    if (!yes) return one
    const by = yes.by === '' ? '' : ` by ${yes.by}`
    return { ...one, outcome: 'warn', found: `${one.found} (accepted${by}: ${yes.reason})` }
  })
}

const acceptancesFrom = (note: Json | undefined): readonly Acceptance[] =>
  // Notes are what this program wrote, under the journal's chain of hashes.
  note === undefined ? [] : (note as unknown as readonly Acceptance[])
