import type { TwinResponse } from '../../http.ts'
import { refusalAnswer } from './answer.ts'
import type { Call, Server } from './call.ts'
import { internalError, unauthorized } from './status-error.ts'

interface Struck {
  readonly service: string
  readonly operation: string
  readonly object: string
}

/** Faults that answer before anything happens: overload, 5xx, expired credentials. */
export const faultsBefore = (server: Server, call: Struck): TwinResponse | undefined => {
  if (server.strike('throttle', call)) return overloaded
  if (server.strike('expired-credentials', call)) return refusalAnswer(unauthorized())
  if (server.strike('server-error-before', call))
    return refusalAnswer(internalError('etcdserver: request timed out'))
  return undefined
}

/** As API priority and fairness refuses: no Status, no DisruptionBudget cause. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
const overloaded: TwinResponse = {
  status: 429,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' },
  body: 'Too many requests, please try again later.\n',
}

/** What the client is told, or not told, although the call took effect. */
export const answerFaults = {
  'server-error-after': {
    code: 'InternalError',
    message: 'Internal error occurred: etcdserver: request timed out',
  },
  'lost-answer': { code: 'LostAnswer', message: 'the connection was cut before the answer' },
} as const

/** Faults that strike after the effect. Watches have no answer to lose: `watch-cut` is theirs. */
export const faultsAfter = (
  server: Server,
  struck: Struck,
  call: Call,
): keyof typeof answerFaults | undefined => {
  if (call.verb === 'watch') return undefined
  if (server.strike('server-error-after', struck)) return 'server-error-after'
  return server.strike('lost-answer', struck) ? 'lost-answer' : undefined
}
