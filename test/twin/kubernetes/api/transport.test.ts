import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServerCertificates } from '../../../../lib/twin/kubernetes/api/certificates.ts'
import { listenHttps, type HttpsServer } from '../../../../lib/twin/kubernetes/api/https-server.ts'
import { inProcessTransport } from '../../../../lib/twin/kubernetes/api/in-process-transport.ts'
import type { KubeTransport } from '../../../../lib/kube/transport.ts'
import { configMap, openApi } from './api-fixture.ts'

const maps = '/api/v1/namespaces/shop/configmaps'
const hour = 3_600_000
const wall = Date.now()
const certificates = createServerCertificates({
  notBefore: new Date(wall - hour),
  notAfter: new Date(wall + hour),
})
const fixture = openApi()
let server: HttpsServer

beforeAll(async () => {
  server = await listenHttps(certificates, 0, (incoming) => fixture.api.handle(incoming))
})

afterAll(() => server.close())

const over = (path: string, options: object = {}) =>
  new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const headers = { authorization: 'Bearer admin' }
    const settings = {
      host: 'localhost',
      family: 4,
      port: server.port,
      path,
      headers,
      ca: certificates.caCertificate,
      ...options,
    }
    const sent = request(settings, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => void (text += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })

test('a client that trusts the CA is served, by address and by name', async () => {
  expect((await over('/version')).status).toBe(200)
  expect((await over('/version', { host: '127.0.0.1' })).text).toContain('v1.33.4-eks')
})

test('a client that trusts nobody, or asks another name, is not', async () => {
  await expect(over('/version', { ca: [] })).rejects.toThrow(/certificate/)
  await expect(over('/version', { servername: 'example.com' })).rejects.toThrow(/altnames/)
})

test('certificates of the past are refused', async () => {
  const old = createServerCertificates({
    notBefore: new Date(wall - 2 * hour),
    notAfter: new Date(wall - hour),
  })
  const stale = await listenHttps(old, 0, (incoming) => fixture.api.handle(incoming))
  await expect(over('/version', { port: stale.port, ca: old.caCertificate })).rejects.toThrow(/expired/)
  await stale.close()
})

test('a lost answer closes the socket', async () => {
  fixture.faults.push({ kind: 'lost-answer' })
  await expect(over(maps)).rejects.toThrow(/socket hang up/)
  expect((await over(maps)).status).toBe(200)
})

test('a watch streams over the socket until it is cut', async () => {
  fixture.faults.push({ kind: 'watch-cut', seconds: 1 })
  const both = Promise.allSettled([over(`${maps}?watch=true`), over(`${maps}?watch=true&timeoutSeconds=2`)])
  await expect.poll(() => fixture.time.state.tasks.length).toBeGreaterThan(2)
  fixture.call('POST', maps, { body: configMap('streamed') })
  await fixture.time.pass(3)
  const outcomes = await both
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected', 'fulfilled']))
  const whole = outcomes.find((one) => one.status === 'fulfilled')
  expect(whole?.value.text).toContain('"name":"streamed"')
})

test('a port that is taken is refused', async () => {
  await expect(
    listenHttps(certificates, server.port, (incoming) => fixture.api.handle(incoming)),
  ).rejects.toThrow(/EADDRINUSE/)
})

const inProcess = () => {
  const api = openApi()
  const transport: KubeTransport = inProcessTransport(api.api.handle, () => 'Bearer admin')
  const abort = new AbortController()
  const get = (path: string) => transport({ method: 'GET', path, headers: {}, signal: abort.signal })
  return { ...api, get, abort }
}

const all = async (lines: AsyncIterable<string>) => {
  const seen: string[] = []
  for await (const line of lines) seen.push(line)
  return seen
}

test('in process, a request is answered with its text', async () => {
  const { get } = inProcess()
  const answer = await get(maps)
  expect(answer.status).toBe(200)
  expect(JSON.parse(await answer.text())).toMatchObject({ kind: 'ConfigMapList', items: [] })
})

test('in process, the lines of a watch come as things change and end with it', async () => {
  const { get, call, time } = inProcess()
  const answer = await get(`${maps}?watch=true&timeoutSeconds=60`)
  call('POST', maps, { body: configMap('a') })
  const lines = time.run(all(answer.lines()))
  expect((await lines).map((line) => JSON.parse(line).type)).toEqual(['ADDED'])
})

test('in process, a cut is an error as of a socket, and an abort ends the reading', async () => {
  const { get, faults, abort } = inProcess()
  faults.push({ kind: 'lost-answer' })
  await expect(get(maps)).rejects.toThrow('socket hang up')
  const answer = await get(`${maps}?watch=true`)
  const lines = all(answer.lines())
  abort.abort(new Error('enough'))
  await expect(lines).rejects.toThrow('enough')
})
