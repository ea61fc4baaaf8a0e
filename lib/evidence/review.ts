import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import { asJson } from '../runbook/plan.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Review, RunView } from '../runbook/run-view.ts'
import { covers, principalOf, samePrincipal } from './principal.ts'
import type { SealedStatement } from './seal.ts'
import { openSeal, type TrustedSigner } from './verify-seal.ts'

const shape = z.strictObject({
  schema: z.literal(1),
  run: z.string().min(1),
  endedAt: z.iso.datetime(),
  by: z.string().min(1),
  at: z.iso.datetime(),
  reason: z.string().min(1),
})

/** What a signed review says it is. */
export const reviewType = 'urn:eks-runbooks:review:1'

export interface ReviewRules {
  readonly signers: readonly TrustedSigner[]
  readonly ssoRoles: readonly string[]
}

/** The statement that `review` signs: who looked at the run as it ended then. A run that goes on is open again. */
export const reviewStatement = (run: RunView, { by, at, reason }: Review): SealedStatement => ({
  predicateType: reviewType,
  subject: { name: run.id, sha256: run.plan.digest },
  predicate: asJson({ schema: 1, run: run.id, endedAt: run.endedAt ?? '', by, at, reason }),
})

/**
 * A review that counts. Throws R062 for one that was edited, R063 for a key that the fleet does not give to the
 * reviewer, R066 for one of another run or of how it ended before, R071 for one by somebody who ran it.
 */
export const openReview = (text: string, run: RunView, rules: ReviewRules): Review => {
  const name = `the review of ${run.id}`
  const opened = openSeal(text, { signers: rules.signers, predicateType: reviewType, name })
  const read = shape.safeParse(opened.predicate)
  if (!read.success)
    throw refused('R062', run, { expected: 'a review of this version', found: 'another statement' })
  const { by, at, reason, endedAt } = read.data
  const { subject } = opened
  if (subject.name !== run.id || subject.sha256 !== run.plan.digest || read.data.run !== run.id)
    throw refused('R066', run, { expected: 'one of this run and its plan', found: `one of ${read.data.run}` })
  if (endedAt !== run.endedAt)
    throw refused('R066', run, { expected: `one of its end at ${run.endedAt}`, found: `one of ${endedAt}` })
  refuseRunner(run, by, rules)
  if (!opened.signers.some(({ principal }) => principal !== undefined && covers(principal, by)))
    throw refused('R063', run, {
      expected: `${by} as the principal of the key of ${opened.signers[0].name} in evidence.signers`,
      found: opened.signers.map(({ principal }) => principal ?? 'none').join(', '),
    })
  return { run: run.id, by, at, reason }
}

/** R071 for whoever ran it at any time, or broke the glass. */
export const refuseRunner = (run: RunView, by: string, { ssoRoles }: Pick<ReviewRules, 'ssoRoles'>): void => {
  const breakers = [run.clearance?.brokenGlass, ...run.glassBroken].flatMap((glass) =>
    glass ? [glass.by] : [],
  )
  const breaker = breakers.find((arn) => samePrincipal(by, arn, ssoRoles))
  const same = breaker ?? run.callers.find((arn) => arn === '' || samePrincipal(by, arn, ssoRoles))
  if (same === undefined) return
  const did = breaker === undefined ? 'ran it' : 'broke the glass'
  const who = `${principalOf(same, ssoRoles) || 'somebody unknown'}, who ${did}`
  throw refused('R071', run, { expected: `another principal than ${who}`, found: by })
}

const refused = (
  code: 'R062' | 'R063' | 'R066' | 'R071',
  { id }: RunView,
  { expected, found }: { readonly expected: string; readonly found: string },
): RunbookError =>
  new RunbookError(
    code,
    plainText(`Cannot count the review of ${id}: expected ${expected}, found ${found}`),
    { hint: `somebody else: eks-runbook review ${id} --reason TEXT` },
  )
