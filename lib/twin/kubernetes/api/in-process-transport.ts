import type { TwinRequest, TwinResponse, TwinStream } from '../../http.ts'

/** A request as an HTTP client makes it. */
export interface InProcessRequest {
  readonly method: string
  /** Path with query, from `/`. */
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
  readonly signal: AbortSignal
}

/** What comes back; a watch's lines come over time. */
export interface InProcessResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: () => Promise<string>
  readonly lines: () => AsyncIterable<string>
}

/**
 * A transport that calls an API server in this process: no sockets, so that virtual time may move when all wait.
 * `authorization` gives the header of each request that has none, such as `Bearer <token>`.
 */
export const inProcessTransport =
  (
    handle: (request: TwinRequest) => TwinResponse | Promise<TwinResponse>,
    authorization?: () => string,
  ): ((request: InProcessRequest) => Promise<InProcessResponse>) =>
  async (request) => {
    request.signal.throwIfAborted()
    const answer = await handle(twinRequest(request, authorization))
    if (answer === 'cut') throw connectionReset()
    const { status, headers, body } = answer
    if (typeof body === 'function') return { status, headers, ...streamedBody(body, request.signal) }
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
    return { status, headers, text: () => Promise.resolve(text), lines: () => inTurn(linesOf(text)) }
  }

const twinRequest = (request: InProcessRequest, authorization?: () => string): TwinRequest => {
  const given = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const added =
    authorization && given['authorization'] === undefined ? { authorization: authorization() } : {}
  return {
    method: request.method,
    url: request.path,
    headers: { ...given, ...added },
    body: new TextEncoder().encode(request.body ?? ''),
  }
}

/** What Node throws when the other side closes the socket. */
const connectionReset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

const linesOf = (text: string): readonly string[] =>
  text.indexOf('\n') === text.length - 1
    ? [text.slice(0, -1)].filter((line) => line !== '')
    : text.split('\n').filter((line) => line !== '')

async function* inTurn(lines: readonly string[]) {
  yield* lines
}

interface Pending {
  /** Lines that nobody has read yet. */
  readonly lines: string[]
  over: 'end' | 'cut' | undefined
  wake: (() => void) | undefined
}

const streamedBody = (stream: TwinStream, signal: AbortSignal): Pick<InProcessResponse, 'text' | 'lines'> => {
  const pending: Pending = { lines: [], over: undefined, wake: undefined }
  const stir = () => {
    pending.wake?.()
    pending.wake = undefined
  }
  const over = (how: 'end' | 'cut') => {
    pending.over = how
    stir()
  }
  const stop = stream({
    write: (text) => {
      for (const line of linesOf(text)) pending.lines.push(line)
      stir()
    },
    end: () => over('end'),
    cut: () => over('cut'),
  })
  signal.addEventListener(
    'abort',
    () => {
      stop()
      over('cut')
    },
    { once: true },
  )
  const lines = () => read(pending, { stop, signal })
  return { lines, text: async () => await whole(lines()) }
}

const whole = async (lines: AsyncIterable<string>) => {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('\n')
}

async function* read(pending: Pending, { stop, signal }: { stop: () => void; signal: AbortSignal }) {
  try {
    for (;;) {
      for (const line of pending.lines.splice(0)) yield line
      signal.throwIfAborted()
      if (pending.over === 'end') return
      if (pending.over === 'cut') throw connectionReset()
      await new Promise<void>((resolve) => {
        pending.wake = resolve
      })
    }
  } finally {
    stop()
  }
}
