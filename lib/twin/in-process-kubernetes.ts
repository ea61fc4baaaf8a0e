import type { TwinRequest, TwinResponse, TwinStream } from './http.ts'

/** A request as lib/kube sends it. */
interface SentRequest {
  readonly method: string
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
  readonly signal: AbortSignal
}

/** The answer as lib/kube reads it. */
interface GivenResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: () => Promise<string>
  readonly lines: () => AsyncIterable<string>
}

type Handle = (request: TwinRequest) => TwinResponse | Promise<TwinResponse>

/**
 * A Kubernetes transport without a socket (it fits lib/kube/transport.ts), so that virtual time may stand still while a
 * request is answered. A cut connection rejects with ECONNRESET, as node:https does.
 */
export const inProcessKubernetes =
  (handle: Handle) =>
  async (request: SentRequest): Promise<GivenResponse> => {
    request.signal.throwIfAborted()
    const answer = await handle({
      method: request.method,
      url: request.path,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      body: new TextEncoder().encode(request.body ?? ''),
    })
    if (answer === 'cut') throw reset()
    const { status, headers, body } = answer
    if (typeof body !== 'function') {
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
      return { status, headers, text: async () => text, lines: () => linesOf(text) }
    }
    const lines = streamLines(body, request.signal)
    return {
      status,
      headers,
      text: () => textOf(lines),
      lines: () => lines,
    }
  }

const textOf = async (lines: AsyncIterable<string>): Promise<string> => {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('\n')
}

const reset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

const linesOf = async function* (text: string): AsyncGenerator<string> {
  yield* text.split('\n').filter((line) => line !== '')
}

/** Lines of a stream as they are written; throws when it is cut or the signal is aborted. */
const streamLines = async function* (stream: TwinStream, signal: AbortSignal): AsyncGenerator<string> {
  const queue: string[] = []
  const state: { rest: string; ended: boolean; failure: unknown; wake: () => void } = {
    rest: '',
    ended: false,
    failure: undefined,
    wake: () => {},
  }
  const finish = (failure?: unknown) => {
    state.ended = true
    state.failure ??= failure
    state.wake()
  }
  const stop = stream({
    write: (text) => {
      const lines = (state.rest + text).split('\n')
      state.rest = lines.pop() ?? ''
      queue.push(...lines.filter((line) => line !== ''))
      state.wake()
    },
    end: () => finish(),
    cut: () => finish(reset()),
  })
  const abort = () => finish(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    while (true) {
      yield* queue.splice(0)
      if (state.ended && queue.length === 0) break
      if (queue.length === 0) await new Promise<void>((resolve) => void (state.wake = resolve))
    }
    if (state.failure !== undefined) throw state.failure
  } finally {
    signal.removeEventListener('abort', abort)
    stop()
  }
}
