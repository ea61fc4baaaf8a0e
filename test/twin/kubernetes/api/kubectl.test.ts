import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServerCertificates } from '../../../../lib/twin/kubernetes/api/certificates.ts'
import { listenHttps, type HttpsServer } from '../../../../lib/twin/kubernetes/api/https-server.ts'
import { openApi, podOn, readyNode } from './api-fixture.ts'

const version = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
const present = version.status === 0
if (!present) console.log('kubectl is not at hand: its tests are skipped')

const hour = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
const fixture = openApi()
let server: HttpsServer | undefined

/** The kubelet of these tests: pods that are asked to end have ended at the next request. */
const endPods = () => {
  for (const pod of fixture.storage.list('pods'))
    if (pod.metadata.deletionTimestamp !== undefined) fixture.storage.purge('pods', pod)
}

beforeAll(async () => {
  const now = Date.now()
  const certificates = createServerCertificates({
    notBefore: new Date(now - hour),
    notAfter: new Date(now + hour),
  })
  server = await listenHttps(certificates, 0, (request) => {
    if (request.method === 'GET') endPods()
    return fixture.api.handle(request)
  })
  const ca = Buffer.from(certificates.caCertificate).toString('base64')
  const config = (token: string) => ({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${server?.port}`, 'certificate-authority-data': ca },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    'current-context': 'x',
  })
  for (const token of ['admin', 'viewer']) writeFileSync(join(folder, token), JSON.stringify(config(token)))
  writeFileSync(join(folder, 'map.yaml'), manifest('1'))
  writeFileSync(join(folder, 'map2.yaml'), manifest('2'))
  writeFileSync(join(folder, 'web.yaml'), deploymentManifest)
  fixture.storage.create('nodes', readyNode('n1'))
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true }
  for (const name of ['a', 'b']) fixture.storage.create('pods', podOn('n1', name, { ownerReferences: [set] }))
})

afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const manifest = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  x: "${value}"\n`

const deploymentManifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: shop-web}
  template:
    metadata:
      labels: {app: shop-web}
    spec:
      containers:
        - name: web
          image: web:1
`

const kubectl = (line: string, token = 'admin') =>
  new Promise<{ readonly code: number; readonly text: string }>((resolve) => {
    const args = line.split(' ').map((word) => word.replace('%', folder))
    const env = { ...process.env, HOME: folder, KUBECONFIG: join(folder, token) }
    execFile('kubectl', args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0
      resolve({ code, text: `${stdout}${stderr}` })
    })
  })

const prints = async (line: string, expected: string | RegExp, token?: string) => {
  const { code, text } = await kubectl(line, token)
  expect(text).toMatch(expected)
  expect(code).toBe(0)
}

const refuses = async (line: string, expected: string | RegExp, token?: string) => {
  const { code, text } = await kubectl(line, token)
  expect(text).toMatch(expected)
  expect(code).not.toBe(0)
}

describe.skipIf(!present)('kubectl over TLS', { timeout: 60_000 }, () => {
  test('reads: get, wide, describe, top, versions, what it may do', async () => {
    await prints('version', 'Server Version: v1.33.4-eks')
    await prints(
      'get nodes',
      /NAME +STATUS +ROLES +AGE +VERSION\nn1 +Ready +<none> +\w+ +v1.33.4-eks-1a2b3c4/,
    )
    await prints('get pods -o wide', /a +1\/1 +Running +2 +\w+ +10.0.0.9 +n1/)
    await prints('get pods -A --chunk-size=1 -o name', 'pod/a\npod/b\n')
    await prints('describe node n1', /Non-terminated Pods: +\(2 in total\)/)
    await prints('describe pod a', /Node: +n1/)
    await prints('top nodes', /n1 +170m/)
    await prints('top pods', /a +61m/)
    await prints('auth can-i delete pods', 'yes')
    await refuses('auth can-i delete pods', 'no', 'viewer')
    await prints('auth whoami', 'assumed-role/admin/ann')
    await prints('api-resources --api-group=policy', /poddisruptionbudgets +pdb +policy\/v1 +true/)
    await prints('wait --for=condition=Ready node/n1 --timeout=5s', 'condition met')
  })

  test('refusals are clear: logs, explain, what is missing, what is not allowed', async () => {
    await refuses('logs a', 'keeps no logs of pod shop/a')
    await refuses('explain pods', 'not found in OpenAPI schema')
    await refuses('get deployment none', 'deployments.apps "none" not found')
    await refuses('get secrets', 'User "viewer" cannot list resource "secrets"', 'viewer')
    await refuses('get cronjobs.v1beta1.batch', "the server doesn't have a resource type")
  })

  test('applies from the client: created, unchanged, configured, deleted', async () => {
    await prints('apply -f %/map.yaml', 'configmap/settings created')
    await prints('apply -f %/map.yaml', 'configmap/settings unchanged')
    await prints('apply -f %/map2.yaml', 'configmap/settings configured')
    await prints('get configmap settings -o jsonpath={.data.x}', '2')
    await prints('diff -f %/map2.yaml', '')
    await prints('delete -f %/map.yaml', 'configmap "settings" deleted')
  })

  test('applies from the server, with a conflict that force resolves', async () => {
    await prints('apply --server-side -f %/map.yaml', 'configmap/settings serverside-applied')
    await refuses(
      'apply --server-side --field-manager=other -f %/map2.yaml',
      /conflict with "kubectl": .data.x/,
    )
    await prints(
      'apply --server-side --field-manager=other --force-conflicts -f %/map2.yaml',
      'serverside-applied',
    )
    await prints('get configmap settings -o jsonpath={.data.x}', '2')
  })

  test('labels, annotates and patches in three ways', async () => {
    await prints('label pod a tier=front', 'pod/a labeled')
    await prints('annotate node n1 note=x', 'node/n1 annotated')
    await prints('get pods -l tier=front -o name', 'pod/a\n')
    await prints('apply -f %/web.yaml', 'deployment.apps/web created')
    await prints('patch deployment web -p {"spec":{"replicas":3}}', 'patched')
    await prints('patch deployment web --type=merge -p {"spec":{"replicas":4}}', 'patched')
    await prints(
      'patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":5}]',
      'patched',
    )
    await prints('get deployment web -o jsonpath={.spec.replicas}', '5')
    await prints('set image deployment/web web=web:2', 'image updated')
  })

  test('scales, and reads the status of a rollout', async () => {
    await prints('scale deployment web --replicas=2', 'deployment.apps/web scaled')
    const stored = fixture.storage.get('deployments.apps', 'shop', 'web')
    const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
    const status = { ...counts, observedGeneration: stored?.metadata.generation }
    if (stored) fixture.storage.update('deployments.apps', { ...stored, status })
    await prints('rollout status deployment web --timeout=10s', 'successfully rolled out')
    await prints('get deployment web', /web +2\/2 +2 +2/)
    await prints('delete deployment web', 'deployment.apps "web" deleted')
  })

  test('creates through typed clients', async () => {
    await prints('create deployment typed --image=web:1 --replicas=2', 'deployment.apps/typed created')
    await prints('get deployment typed -o jsonpath={.spec.replicas}', '2')
    await prints('create namespace extra', 'namespace/extra created')
    await prints('create configmap made --from-literal=x=1', 'configmap/made created')
    await prints('run one --image=web:1', 'pod/one created')
    await prints('get pods --field-selector=status.phase=Pending -o name', 'pod/one')
    await prints('delete pod one --now', 'pod "one" deleted')
  })

  test('cordons, drains through evictions only, and uncordons', async () => {
    await prints('cordon n1', 'node/n1 cordoned')
    await prints('get nodes', 'Ready,SchedulingDisabled')
    fixture.record.length = 0
    await prints('drain n1 --timeout=15s', 'node/n1 drained')
    const evicted = fixture.record.filter(({ operation }) => operation === 'CreateEviction')
    expect(new Set(evicted.map(({ effect }) => effect))).toEqual(
      new Set(['pod shop/a evicted', 'pod shop/b evicted']),
    )
    expect(fixture.record.filter(({ operation }) => operation === 'DeletePod')).toEqual([])
    await prints('uncordon n1', 'node/n1 uncordoned')
  })
})
