import type { Clock } from '../runbook/clock.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Random } from '../runbook/random.ts'
import { readRefusal, refusedError, type Refusal } from './refusal.ts'
import type { KubeRequest, KubeResponse, KubeTransport } from './transport.ts'

/** What all calls to one API server share. */
export interface KubeSettings {
  readonly transport: KubeTransport
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

/** A call: its verb and kind are for errors, such as `list nodes`. */
export interface KubeCall extends Omit<KubeRequest, 'signal' | 'headers' | 'body'> {
  readonly what: string
  readonly body?: unknown
  /** Of the body. Default: `application/json`. */
  readonly contentType?: string
  readonly signal?: AbortSignal
}

/** An answer of success, or the server's refusal. */
export type Exchange = { readonly response: KubeResponse } | { readonly refusal: Refusal }

const attempts = 6
const longestWaitSeconds = 20

/**
 * Makes a call. Repeats it, bounded and jittered, when the server is overloaded (429 without a budget as its cause,
 * after its Retry-After), answers 5xx that may pass, or cannot be reached: an API server goes away for a while when
 * EKS replaces it. Throws R024 when it keeps failing, R030 on 401; other refusals are values.
 */
export const exchange = async (settings: KubeSettings, call: KubeCall): Promise<Exchange> => {
  for (let attempt = 1; ; attempt += 1) {
    const result = await readWhole(settings, call)
    if ('response' in result) return result
    if (result.refusal.status === 401) throw refusedError(call.what, result.refusal)
    if (!result.refusal.mayPass) return result
    if (attempt === attempts) throw keepsFailing(call.what, result.refusal)
    const ceiling = Math.min(longestWaitSeconds, 0.5 * 2 ** (attempt - 1))
    const wait = Math.max(result.refusal.retryAfterSeconds ?? 0, ceiling * (0.5 + settings.random() / 2))
    await settings.clock.sleep(Math.min(wait, 60), call.signal ?? settings.signal)
  }
}

/** An answer nobody reads keeps its connection for ever: it is read here, whether its text is wanted or not. */
const readWhole = async (settings: KubeSettings, call: KubeCall): Promise<Exchange> => {
  const result = await attemptOnce(settings, call)
  if ('refusal' in result) return result
  try {
    const text = await result.response.text()
    return { response: { ...result.response, text: async () => text } }
  } catch (error) {
    ;(call.signal ?? settings.signal).throwIfAborted()
    return { refusal: unreachable(error) }
  }
}

/** As `exchange`, one attempt only, its answer not yet read. A connection that fails is a refusal of status 0. */
export const attemptOnce = async (settings: KubeSettings, call: KubeCall): Promise<Exchange> => {
  const signal = call.signal ?? settings.signal
  try {
    const response = await settings.transport(requestOf(call, signal))
    if (response.status < 300) return { response }
    return { refusal: readRefusal(response.status, response.headers, await response.text()) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RunbookError) throw error
    return { refusal: unreachable(error) }
  }
}

const requestOf = ({ method, path, body, contentType }: KubeCall, signal: AbortSignal): KubeRequest => ({
  method,
  path,
  headers: {
    accept: 'application/json',
    'user-agent': 'eks-runbook',
    ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  signal,
})

const unreachable = (error: unknown): Refusal => ({
  status: 0,
  reason: 'Unreachable',
  message: error instanceof Error ? `${codeOf(error)}${error.message}` : String(error),
  causes: [],
  retryAfterSeconds: undefined,
  mayPass: true,
  thrown: error,
})

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''

const keepsFailing = (what: string, refusal: Refusal): RunbookError =>
  new RunbookError('R024', `Cannot ${what}: the API server keeps failing with ${refusal.message}`, {
    hint: 'when it answers again: eks-runbook resume <run>',
    cause: refusal.thrown ?? refusal,
  })
