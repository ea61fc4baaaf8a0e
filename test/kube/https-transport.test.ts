import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpsTransport } from '../../lib/kube/https-transport.ts'
import { openKube } from '../../lib/kube/kube.ts'
import { authenticated } from '../../lib/kube/authenticated.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { createServerCertificates } from '../../lib/twin/kubernetes/api/certificates.ts'
import { listenHttps, type HttpsServer } from '../../lib/twin/kubernetes/api/https-server.ts'
import { openApi, podOn, readyNode } from '../twin/kubernetes/api/api-fixture.ts'

const hour = 3_600_000
const now = Date.now()
const certificates = createServerCertificates({
  notBefore: new Date(now - hour),
  notAfter: new Date(now + hour),
})
const ca = Buffer.from(certificates.caCertificate).toString('base64')
const api = openApi()
let server: HttpsServer | undefined

beforeAll(async () => {
  server = await listenHttps(certificates, 0, (request) => api.api.handle(request))
  api.storage.create('nodes', readyNode('n1'))
})
afterAll(async () => server?.close())

const endpoint = () => `https://127.0.0.1:${server?.port}`
const request = (path: string, signal = new AbortController().signal) =>
  ({ method: 'GET', path, headers: { authorization: 'Bearer admin' }, signal }) as const

const kubeAt = (url: string, signal: AbortSignal) =>
  openKube({
    transport: authenticated(httpsTransport(url, ca), () => Promise.resolve('admin')),
    clock: api.time.clock,
    random: seededRandom(1),
    signal,
  })

test('speaks to a server whose authority DescribeCluster gave', async () => {
  const abort = new AbortController()
  const nodes = await kubeAt(endpoint(), abort.signal).nodes()
  expect(nodes.map(({ name }) => name)).toEqual(['n1'])
})

test('refuses a server of another authority', async () => {
  const other = createServerCertificates({ notBefore: new Date(now - hour), notAfter: new Date(now + hour) })
  const strange = Buffer.from(other.caCertificate).toString('base64')
  await expect(httpsTransport(endpoint(), strange)(request('/version'))).rejects.toThrow(
    /certificate|signature/,
  )
})

test('follows a collection over the wire until the signal ends it', async () => {
  const abort = new AbortController()
  let wake = () => {}
  const followed = kubeAt(endpoint(), abort.signal).followNodes({
    signal: abort.signal,
    changed: () => wake(),
  })
  await followed.synced
  const seen = new Promise<void>((resolve) => {
    wake = () => {
      if (followed.items().some(({ name }) => name === 'n2')) resolve()
    }
  })
  api.storage.create('nodes', readyNode('n2'))
  await seen
  abort.abort()
  await followed.ended
  expect(followed.items().map(({ name }) => name)).toEqual(['n1', 'n2'])
})

test('more writes in a row than there are connections all get through', { timeout: 10_000 }, async () => {
  const kube = kubeAt(endpoint(), new AbortController().signal)
  const node = { name: 'n1', uid: api.storage.get('nodes', '', 'n1')?.metadata.uid ?? '' }
  const names = Array.from({ length: 50 }, (_, index) => `p${index}`)
  for (const name of names) api.storage.create('pods', podOn('n1', name))
  const pods = await kube.pods()
  expect(pods).toHaveLength(50)
  for (const { namespace, name, uid } of pods) {
    await kube.cordon(node)
    await kube.uncordon(node)
    expect(await kube.evict({ namespace, name, uid })).toEqual({ outcome: 'evicted' })
  }
  expect((await kube.pods()).filter(({ terminating }) => !terminating)).toEqual([])
})

test('sends a text that is not of one byte a letter whole', async () => {
  const transport = httpsTransport(endpoint(), ca)
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm' },
    data: { a: 'größe' },
  })
  const answer = await transport({
    ...request('/api/v1/namespaces/shop/configmaps'),
    method: 'POST',
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    body,
  })
  expect(answer.status).toBe(201)
  expect(JSON.parse(await answer.text())).toMatchObject({ data: { a: 'größe' } })
})

test('rejects when nobody listens, and when the signal is aborted', async () => {
  const closed = await portOfNobody()
  await expect(httpsTransport(`https://127.0.0.1:${closed}`, ca)(request('/version'))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
  await expect(
    httpsTransport(endpoint(), ca)(request('/version', AbortSignal.abort(new Error('stop')))),
  ).rejects.toThrow()
})

const portOfNobody = async (): Promise<number> => {
  const listener: Server = createServer()
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  await new Promise<void>((resolve) => void listener.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}
