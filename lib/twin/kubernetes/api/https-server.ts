import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TwinRequest, TwinResponse, TwinStream } from '../../http.ts'
import type { ServerCertificates } from './certificates.ts'

/** An API server that listens. */
export interface HttpsServer {
  readonly port: number
  /** Breaks what is open and stops listening. */
  readonly close: () => Promise<void>
}

/** Answers over TLS on 127.0.0.1. `port` 0 takes a free one. Rejects when the port is taken. */
export const listenHttps = async (
  certificates: ServerCertificates,
  port: number,
  handle: (request: TwinRequest) => TwinResponse | Promise<TwinResponse>,
): Promise<HttpsServer> => {
  const server = createServer(
    { cert: certificates.certificate, key: certificates.privateKey },
    (request, response) => {
      exchange(request, response, handle).catch(() => request.socket.destroy())
    },
  )
  server.keepAliveTimeout = 60_000
  await listening(server, port)
  // A TCP server that listens has an address with a port.
  const { port: bound } = server.address() as AddressInfo
  return { port: bound, close: () => closed(server) }
}

const listening = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

const exchange = async (
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: TwinRequest) => TwinResponse | Promise<TwinResponse>,
) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
  const answer = await handle({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers,
    body: Buffer.concat(chunks),
  })
  if (answer === 'cut') {
    request.socket.destroy()
    return
  }
  response.writeHead(answer.status, answer.headers)
  if (typeof answer.body === 'function') streamed(request, response, answer.body)
  else response.end(answer.body)
}

const streamed = (request: IncomingMessage, response: ServerResponse, stream: TwinStream) => {
  response.flushHeaders()
  const stop = stream({
    write: (text) => void response.write(text),
    end: () => void response.end(),
    cut: () => void request.socket.destroy(),
  })
  response.once('close', stop)
}
