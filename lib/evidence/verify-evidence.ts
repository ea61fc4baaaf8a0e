import { formatSeconds } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Evidence } from './evidence.ts'
import { openEvidence, type SignedEvidence } from './read-evidence.ts'
import type { TrustedSigner } from './verify-seal.ts'

/** One thing that was looked at. */
export interface EvidenceCheck {
  readonly what: 'signature' | 'steps' | 'age' | 'journal'
  /** `not made`: there was nothing to hold it against. */
  readonly outcome: 'ok' | 'refused' | 'not made'
  readonly found: string
}

/** What became of evidence that was looked at. Plain data. */
export interface EvidenceReport {
  readonly valid: boolean
  readonly checks: readonly EvidenceCheck[]
  /** What was signed; left out where the signature does not hold. */
  readonly signed?: SignedEvidence
  /** Why it does not count: of the first check that refuses it. */
  readonly error?: RunbookError
}

export interface EvidenceRules {
  readonly signers: readonly TrustedSigner[]
  readonly maxAgeDays: number
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** The name it is kept under, where it is kept. */
  readonly name?: string
  /** Holds it against its journal: what was found; undefined when there is no journal here. Throws R066, R067. */
  readonly journal: (evidence: Evidence) => Promise<string | undefined>
}

/** The report of evidence that cannot even be read. */
export const unreadable = (error: RunbookError): EvidenceReport => ({
  valid: false,
  checks: [refused('signature', error)],
  error,
})

/**
 * Looks at everything that can be said of evidence without a plan. What stands against it (R062 to R068, R076) or its
 * journal (R040 to R042) is a value; other errors are thrown.
 */
export const verifyEvidence = async (text: string, rules: EvidenceRules): Promise<EvidenceReport> => {
  const signed = await attempt('signature', () => openEvidence(text, rules))
  if (!('value' in signed)) return { valid: false, checks: [signed.check], error: signed.error }
  const { evidence } = signed.value
  const rest = [
    await attempt('steps', () => stepsOf(evidence)),
    await attempt('age', () => ageOf(evidence, rules)),
    await attempt('journal', () => rules.journal(evidence)),
  ]
  const refused = rest.find((each) => 'error' in each)
  return {
    valid: refused === undefined,
    checks: [ok('signature', signatureText(signed.value)), ...rest.map(asCheck)],
    signed: signed.value,
    ...(refused && 'error' in refused ? { error: refused.error } : {}),
  }
}

type What = EvidenceCheck['what']
type Attempt<R> =
  | { readonly what: What; readonly value: R }
  | { readonly error: RunbookError; readonly check: EvidenceCheck }

const attempt = async <R>(what: What, work: () => R | Promise<R>): Promise<Attempt<R>> => {
  try {
    return { what, value: await work() }
  } catch (error) {
    if (!(error instanceof RunbookError) || !standsAgainst.test(error.code)) throw error
    return { error, check: refused(what, error) }
  }
}

const standsAgainst = /^R04[0-2]$|^R06[2-8]$|^R076$/

const refused = (what: What, { code, message }: RunbookError): EvidenceCheck => ({
  what,
  outcome: 'refused',
  found: `${code} ${message}`,
})

const ok = (what: What, found: string): EvidenceCheck => ({ what, outcome: 'ok', found })

const asCheck = (made: Attempt<string | undefined>): EvidenceCheck => {
  if ('check' in made) return made.check
  return made.value === undefined
    ? { what: made.what, outcome: 'not made', found: 'there is none here' }
    : ok(made.what, made.value)
}

const signatureText = ({ signer, keyId }: SignedEvidence): string =>
  `by ${signer.name} with the key ${keyId.slice(0, 16)}`

/** R068. What was so before the run was not proven by it. */
const stepsOf = ({ run, steps, brokeGlass }: Evidence): string => {
  const already = steps.find(({ outcome, looksOnly }) => outcome === 'already' && !looksOnly)
  const found =
    brokeGlass === undefined
      ? already && `"${already.title}" already so before it`
      : 'one that broke the glass'
  if (found === undefined) return `${steps.length} done`
  throw new RunbookError(
    'R068',
    `Cannot count the run ${run}: expected one that did every step, found ${found}`,
    {
      hint: `eks-runbook show ${run}, then run on staging again from where it starts`,
    },
  )
}

/** How far ahead of this machine's another clock may be. */
const skewMs = 5 * 60_000

/** R064, R076. The age counts from the start of the run. */
const ageOf = ({ run, startedAt, endedAt }: Evidence, { now, maxAgeDays }: EvidenceRules): string => {
  const age = now - Date.parse(startedAt)
  if (Date.parse(endedAt) - now > skewMs)
    throw new RunbookError(
      'R076',
      `Cannot count the run ${run}: expected it to have ended by ${new Date(now).toISOString()}, found ${endedAt}`,
      { hint: `set the clocks by NTP, then: eks-runbook evidence show ${run}` },
    )
  if (age <= maxAgeDays * 86_400_000) return `${ageText(age)} since its start, at most ${maxAgeDays} days`
  throw new RunbookError(
    'R064',
    `Cannot count the run ${run}: expected it begun at most ${maxAgeDays} days ago, found ${ageText(age)} (${startedAt})`,
    { hint: 'run on staging again; evidence.maxAgeDays of fleet.yaml says how long it holds' },
  )
}

/** `2h05m`, from two days on `5 days`. */
export const ageText = (ms: number): string =>
  ms < 2 * 86_400_000 ? formatSeconds(ms / 1000) : `${Math.floor(ms / 86_400_000)} days`
