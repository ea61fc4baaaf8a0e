import type { Finding, Outcome } from '../runbook/finding.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Check, Look, Step } from '../runbook/runbook.ts'
import type { Target } from '../fleet/target.ts'
import { catalogue, type CheckCode } from './catalogue.ts'

/** What a check found about one object, without what the catalogue knows. */
export interface Found {
  readonly outcome: Outcome
  readonly object: string
  readonly expected: string
  readonly found: string
  readonly hint?: string
}

/** A finding of a check in the catalogue; texts of the cluster become harmless. */
export const finding = (
  code: CheckCode,
  { outcome, object, expected, found, hint = '' }: Found,
): Finding => ({
  code,
  outcome,
  object: plainText(object),
  expected: plainText(expected),
  found: plainText(found),
  hint: plainText(hint),
  source: catalogue[code].source,
})

/** Makes a check: `find` gives what is wrong, and nothing means a pass. */
export const check = (
  code: CheckCode,
  object: string,
  find: (look: Look<Target>) => Promise<readonly Found[]>,
): Check<Target> => ({
  code,
  title: catalogue[code].title,
  look: async (look) => {
    const found = await find(look)
    const pass = { outcome: 'pass' as const, object, expected: catalogue[code].title, found: 'so it is' }
    return (found.length === 0 ? [pass] : found).map((each) => finding(code, each))
  },
})

/**
 * Lets `unknown` of the named codes through as warnings: the operator's word for it stands in the plan.
 * A `block` stays a block.
 */
export const accepting = (
  codes: readonly string[],
  checks: readonly Check<Target>[],
): readonly Check<Target>[] =>
  checks.map((each) =>
    codes.includes(each.code)
      ? {
          ...each,
          look: async (look) =>
            (await each.look(look)).map((one) =>
              one.outcome === 'unknown'
                ? {
                    ...one,
                    outcome: 'warn' as const,
                    hint: 'accepted as unknown by the plan (acceptUnknown)',
                  }
                : one,
            ),
        }
      : each,
  )

/** The same word holds for the checks that steps make themselves. */
export const acceptingInSteps = (
  codes: readonly string[],
  steps: readonly Step<Target>[],
): readonly Step<Target>[] =>
  steps.map((step) => ({
    ...step,
    ...(step.before && { before: accepting(codes, step.before) }),
    ...(step.after && { after: accepting(codes, step.after) }),
  }))
