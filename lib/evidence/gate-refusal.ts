import type { RunbookError, RunbookErrorCode } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Plan } from '../runbook/plan.ts'

/** Why the gate refuses, as a value. */
export interface Refusal {
  readonly code: RunbookErrorCode
  readonly message: string
  /** The next command to type. */
  readonly hint: string
}

/** A refusal of a plan; `why` goes on after `expected`. Text of clusters becomes harmless. */
export const refusal = (
  code: RunbookErrorCode,
  { runbook, target }: Pick<Plan, 'runbook' | 'target'>,
  why: string,
  hint: string,
): Refusal => ({
  code,
  message: plainText(`Cannot run ${runbook} on ${target.cluster}: expected ${why}`),
  hint: plainText(hint),
})

/** The refusal that stands for an error. */
export const refusalOfError = ({ code, message, hint }: RunbookError): Refusal => ({ code, message, hint })
