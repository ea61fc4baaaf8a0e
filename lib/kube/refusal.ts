import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'

/** What an API server says when it does not do as asked (a Status object). Texts are one harmless line. */
export interface Refusal {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly causes: readonly { readonly reason: string; readonly message: string }[]
  readonly retryAfterSeconds: number | undefined
  /** True where the same call may go through a moment later. */
  readonly mayPass: boolean
  /** The error of the connection. */
  readonly thrown?: unknown
}

interface Status {
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[]
  }
}

/** Reads the answer of a call that failed. */
export const readRefusal = (
  status: number,
  headers: { readonly [name: string]: string | undefined },
  text: string,
): Refusal => {
  const body = statusOf(text)
  const causes = (body.details?.causes ?? []).map(({ reason = '', message = '' }) => ({
    reason,
    message: plainText(message),
  }))
  const message = plainText(body.message ?? text).slice(0, 500)
  const header = Number(headers['retry-after'])
  return {
    status,
    reason: body.reason ?? '',
    message: message === '' ? `HTTP ${status}` : message,
    causes,
    retryAfterSeconds: header > 0 ? header : body.details?.retryAfterSeconds,
    mayPass: (status === 429 && !isBudget(causes)) || (status >= 500 && !severalBudgets.test(message)),
  }
}

/** The server's own words when two budgets select one pod (answered as 500, for ever). */
export const severalBudgets = /more than one PodDisruptionBudget/

/** True for a 429 that a budget caused; an overloaded server answers 429 without that cause. */
export const isBudget = (causes: Refusal['causes']): boolean =>
  causes.some(({ reason }) => reason === 'DisruptionBudget')

/** R030 when the server does not know the caller (401), else R022 with the server's own words. */
export const refusedError = (what: string, refusal: Refusal): RunbookError => {
  const said = `${refusal.status} ${refusal.reason}: ${refusal.message}`
  if (refusal.status === 401)
    return new RunbookError('R030', `Cannot ${what}: the API server does not know the caller (${said})`, {
      hint: 'log in again and see that the cluster has an access entry for the role, then: eks-runbook resume <run>',
      cause: refusal,
    })
  return new RunbookError('R022', `Cannot ${what}: the API server answers ${said}`, {
    hint:
      refusal.status === 403
        ? `allow it to the role (access entry or RBAC), then: eks-runbook resume <run>`
        : 'mend what it names, then: eks-runbook resume <run>',
    cause: refusal,
  })
}

const statusOf = (text: string): Status => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Status) : {}
  } catch {
    return {}
  }
}
