/**
 * A fault on demand, from the world file or `twin fault`. Plain data.
 * `match`: `service` (`eks`, `kubernetes`), `operation` (as in CallRecord), `object` (a name that must occur in the parameters);
 * a left-out member matches all. `times`: how often it strikes (default 1; -1: always). `skip`: matching calls let through first.
 */
export interface Fault {
  readonly kind: FaultKind
  readonly match?: { readonly service?: string; readonly operation?: string; readonly object?: string }
  readonly times?: number
  readonly skip?: number
  /** For kinds with a length, such as `slow-pull` and `watch-cut`: virtual seconds. */
  readonly seconds?: number
}

export const faultKinds = [
  'throttle', // AWS ThrottlingException / RequestLimitExceeded; Kubernetes overload 429 with Retry-After
  'server-error-before', // 5xx, no effect
  'server-error-after', // the effect happens, the answer is a 5xx
  'lost-answer', // the effect happens, the connection is cut without an answer
  'expired-credentials', // ExpiredTokenException / 401
  'update-fails', // the next matching EKS update ends Failed
  'update-hangs', // the next matching EKS update stays InProgress
  'node-never-ready', // the next matching node joins NotReady and stays so
  'capacity-error', // launches fail: InsufficientInstanceCapacity
  'budget-never-allows', // matching PDBs report disruptionsAllowed 0
  'stuck-finalizer', // matching pods keep a finalizer when deleted
  'watch-cut', // watches are cut after `seconds`
  'gone', // watch and continue answers 410
  'slow-pull', // image pulls take `seconds`
  'webhook-fails', // matching admission webhooks fail calls
] as const

export type FaultKind = (typeof faultKinds)[number]

/** Asks whether a fault strikes now, and counts it if so. */
export type StrikeFault = (
  kind: FaultKind,
  call: { readonly service: string; readonly operation: string; readonly object: string },
) => Fault | undefined
