import { awsErrorName } from '../aws/errors.ts'
import type { Refusal } from '../kube/refusal.ts'
import { RunbookError } from '../runbook/errors.ts'

/** What to type after a plan or an import that failed. */
export interface ReadingAgain {
  /** The command, or words for it. */
  readonly again: string
  /** The command that prints all permissions that the reading needs, where there is one. */
  readonly needs?: string
}

/** No run depends on what is only read: its errors say what to do instead of how to resume. R083 for what the caller may not read. */
export const readingError = (error: unknown, { again, needs }: ReadingAgain): unknown => {
  if (!(error instanceof RunbookError)) return error
  const { message } = error
  const asked = permissionOf(error)
  if (asked !== undefined)
    return new RunbookError('R083', message, {
      hint: `ask for ${asked}${needs === undefined ? '' : ` (all that it needs: ${needs})`}, then: ${again}`,
      cause: error,
    })
  const hints: { readonly [code: string]: string | undefined } = {
    R022: `mend what it names, then: ${again}`,
    R024: `when it answers again: ${again}`,
    R030: `log in again, then: ${again}`,
  }
  const hint = error.hint.includes('<run>') ? hints[error.code] : undefined
  return hint === undefined ? error : new RunbookError(error.code, message, { hint, cause: error })
}

/** The permission that a 403 was about, in the words of IAM or of Kubernetes; undefined for any other error. */
const permissionOf = (error: RunbookError): string | undefined => {
  const { message, cause } = error
  if (/AccessDenied|UnauthorizedOperation/.test(awsErrorName(error))) {
    const [, action] = /^Cannot call ([a-z0-9-]+:\w+)/.exec(message) ?? []
    return action === undefined ? 'the permission it names' : `the IAM permission ${action}`
  }
  if ((cause as Partial<Refusal> | undefined)?.status !== 403) return undefined
  const [, verb, resource, group] =
    /cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?/.exec(message) ?? []
  if (verb === undefined) return 'the permission it names'
  return `the Kubernetes permission to ${verb} ${resource}${group === undefined || group === '' ? '' : `.${group}`}`
}
