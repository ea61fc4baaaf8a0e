import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { TwinRequest, TwinResponse } from '../http.ts'

/** A server that runs. */
export interface AwsServer {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Cuts open connections and resolves when the port is free. */
  readonly close: () => Promise<void>
}

/** Serves the endpoint over plain HTTP on 127.0.0.1. `port` 0 takes any free one. Rejects when the port is taken. */
export const serveAws = async (
  endpoint: (request: TwinRequest) => Promise<TwinResponse>,
  port = 0,
): Promise<AwsServer> => {
  const server = createServer((incoming, outgoing) => {
    answer(endpoint, incoming, outgoing).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : undefined)
    })
  })
  const bound = await listen(server, port)
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })

const answer = async (
  endpoint: (request: TwinRequest) => Promise<TwinResponse>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const response = await endpoint({
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: headersOf(incoming),
    body: await bodyOf(incoming),
  })
  if (response === 'cut') {
    outgoing.destroy()
    return
  }
  if (typeof response.body === 'function') throw new Error('AWS answers are not streamed')
  const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body
  const length = incoming.method === 'HEAD' ? undefined : { 'content-length': String(body.length) }
  outgoing.writeHead(response.status, { ...length, ...response.headers })
  outgoing.end(body)
}

const headersOf = ({ headers }: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )

const bodyOf = async (incoming: IncomingMessage): Promise<Uint8Array> => {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return new Uint8Array(Buffer.concat(parts))
}
