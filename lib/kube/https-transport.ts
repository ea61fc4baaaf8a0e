import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { KubeRequest, KubeResponse, KubeTransport } from './transport.ts'

/**
 * HTTPS with kept connections. `endpoint`: as DescribeCluster gives it; `certificateAuthority`: base64 of PEM.
 * Rejects with Node's own error when the server cannot be reached.
 */
export const httpsTransport = (endpoint: string, certificateAuthority: string): KubeTransport => {
  const base = new URL(endpoint)
  const ca = Buffer.from(certificateAuthority, 'base64').toString('utf8')
  const agent = new Agent({ keepAlive: true, maxSockets: 40, ca, scheduling: 'fifo' })
  const prefix = base.pathname === '/' ? '' : base.pathname.replace(/\/$/, '')
  return (request) => exchange(request, { agent, host: base.hostname, port: base.port || '443', prefix })
}

interface Server {
  readonly agent: Agent
  readonly host: string
  readonly port: string
  readonly prefix: string
}

const exchange = (
  { method, path, headers, body, signal }: KubeRequest,
  { agent, host, port, prefix }: Server,
): Promise<KubeResponse> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const sent = httpsRequest(
      {
        agent,
        host,
        port,
        method,
        path: `${prefix}${path}`,
        headers: { ...headers, ...length },
        signal,
        timeout: silenceOf(path),
      },
      (message) => resolve(responseFrom(message)),
    )
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    sent.on('error', reject)
    sent.end(body)
  })

/** How long a socket may be silent, in milliseconds: a watch carries bookmarks every minute and ends after five. */
const silenceOf = (path: string): number => (/[?&]watch=true/.test(path) ? 330_000 : 60_000)

const responseFrom = (message: IncomingMessage): KubeResponse => ({
  status: message.statusCode ?? 0,
  headers: Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  ),
  text: () => text(message),
  lines: () => linesOf(message),
})

async function* linesOf(message: IncomingMessage): AsyncGenerator<string> {
  const lines = createInterface({ input: message, crlfDelay: Infinity })
  const failed = new Promise<never>((_resolve, reject) => message.once('error', reject))
  failed.catch(() => {})
  const iterator = lines[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), failed])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    lines.close()
    message.destroy()
  }
}
