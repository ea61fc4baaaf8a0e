import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import type { Catalogue } from './aws/catalogue.ts'
import type { Fault } from './faults.ts'
import type { CallRecord } from './record.ts'
import { faultSchema } from './world-schema.ts'

/** What the twin lets its owner do while it runs. */
export interface TwinControls {
  readonly status: () => TwinStatus
  readonly calls: () => readonly CallRecord[]
  readonly addFault: (fault: Fault) => void
  readonly faults: () => readonly FaultInForce[]
  readonly clearFaults: () => void
  /** Adds to what EKS has published. Throws R001. */
  readonly publish: (news: unknown) => Catalogue
  readonly catalogue: () => Catalogue
  readonly stop: () => void
}

export interface TwinStatus {
  readonly world: string
  /** Virtual time, ISO 8601. */
  readonly now: string
  readonly speed: number
  readonly calls: number
  readonly clusters: readonly string[]
}

/** A fault with how often it has struck. */
export interface FaultInForce {
  readonly fault: Fault
  readonly struck: number
}

/** Where the controls listen; who has the secret may use them. */
export interface ControlServer {
  readonly port: number
  readonly secret: string
  readonly close: () => void
}

/** Serves the controls on loopback, guarded by a fresh secret. */
export const serveControls = async (controls: TwinControls): Promise<ControlServer> => {
  // The twin's own chance is seeded and repeatable; a secret must not be.
  const secret = randomBytes(24).toString('hex')
  const server = createServer((request, response) => {
    answer(controls, secret, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => refuse(response, error),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const close = () => {
    server.close()
    server.closeIdleConnections()
  }
  return { port: (server.address() as AddressInfo).port, secret, close }
}

const answer = async (controls: TwinControls, secret: string, request: IncomingMessage): Promise<object> => {
  if (!isOwner(request, secret))
    throw new RunbookError('R001', 'Cannot steer the twin: wrong secret', { hint: 'eks-runbook twin status' })
  const url = new URL(request.url ?? '/', 'http://twin')
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /status':
      return controls.status()
    case 'GET /calls':
      return { calls: selectCalls(controls.calls(), url.searchParams) }
    case 'GET /faults':
      return { faults: controls.faults() }
    case 'POST /faults':
      controls.addFault(await readFault(request))
      return { faults: controls.faults() }
    case 'DELETE /faults':
      controls.clearFaults()
      return { faults: controls.faults() }
    case 'GET /catalogue':
      return controls.catalogue()
    case 'POST /catalogue':
      return controls.publish(await readBody(request))
    case 'POST /stop':
      setImmediate(controls.stop)
      return { stopping: true }
    default:
      throw new RunbookError('R001', `Cannot steer the twin: no control ${request.method} ${url.pathname}`, {
        hint: 'eks-runbook twin --help',
      })
  }
}

/** Calls of a service, and those from a virtual time or a position on. */
const selectCalls = (calls: readonly CallRecord[], query: URLSearchParams): readonly CallRecord[] => {
  const [service, since] = [query.get('service'), query.get('since')]
  return calls.filter(
    (call) => (service === null || call.service === service) && (since === null || call.at >= since),
  )
}

const readFault = async (request: IncomingMessage): Promise<Fault> => {
  const parsed = faultSchema.safeParse(await readBody(request))
  // zod's optional members may hold undefined by type; JSON has none.
  if (parsed.success) return parsed.data as Fault
  throw new RunbookError('R001', `Cannot add the fault: ${z.prettifyError(parsed.error)}`, {
    hint: 'eks-runbook twin fault --help',
  })
}

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

const isOwner = (request: IncomingMessage, secret: string): boolean => {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${secret}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const refuse = (response: ServerResponse, error: unknown): void => {
  const known = error instanceof RunbookError
  const message = error instanceof Error ? error.message : String(error)
  send(response, known ? 400 : 500, {
    error: { code: known ? error.code : 'R099', message, hint: known ? error.hint : '' },
  })
}

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}
