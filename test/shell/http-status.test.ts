import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { httpStatus } from '../../lib/shell/http-status.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const serve = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`
}

const patience = (timeoutSeconds = 10) => ({ timeoutSeconds, signal: new AbortController().signal })

describe('an address', () => {
  test('is told by its status, whatever that is', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end('down'))
    expect(await httpStatus(url, patience())).toEqual({ status: 503 })
  })

  test('that leads elsewhere is not followed', async () => {
    const asked: (string | undefined)[] = []
    const url = await serve((request, response) => {
      asked.push(request.url)
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await httpStatus(url, patience())).toEqual({ status: 302 })
    expect(asked).toEqual(['/health'])
  })

  test('that keeps silent has no answer in its time', async () => {
    const url = await serve(() => undefined)
    expect(await httpStatus(url, patience(0.2))).toEqual({ failed: 'no answer in 0.2 s' })
  })

  test('with nobody behind it has no answer and a reason', async () => {
    const url = await serve(() => undefined)
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    expect(await httpStatus(url, patience())).toEqual({ failed: 'no answer (ECONNREFUSED)' })
  })

  test('is told without user, password and query in what is said of it', async () => {
    const url = 'http://me:pass@127.0.0.1:9/health?token=1'
    expect(await httpStatus(url, patience())).toEqual({
      failed: expect.stringMatching(/^no answer \(.*http:\/\/127\.0\.0\.1:9\/health\)$/),
    })
  })

  test('is left alone when the operator stops, and the stop goes on', async () => {
    const url = await serve(() => undefined)
    const stop = new AbortController()
    const asking = httpStatus(url, { timeoutSeconds: 10, signal: stop.signal })
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(asking).rejects.toThrow('stopped')
  })
})
