import { expect, test } from 'vitest'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import { small, withAddOn, withGroup, withManifests } from '../runbooks/small-world.ts'
import { importedFrom, twinOf } from './imported.ts'

const planted: string[] = []

/** A text that occurs nowhere else. */
const canary = (place: string): string => {
  const text = `canary-${place}-${'0123456789abcdef'.repeat(2)}`
  planted.push(text)
  return text
}

const annotations = (place: string) => ({
  'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: canary(`${place}-applied`) }),
  'example.com/token': canary(`${place}-annotation`),
})

const container = (place: string) => ({
  name: 'main',
  image: 'registry.example.com/shop/vault:1.0.0',
  command: ['/bin/serve', `--password=${canary(`${place}-command`)}`],
  args: [canary(`${place}-args`)],
  env: [{ name: 'PASSWORD', value: canary(`${place}-env`) }],
  envFrom: [{ secretRef: { name: canary(`${place}-env-from`) } }],
  readinessProbe: { exec: { command: ['check', canary(`${place}-probe`)] } },
  lifecycle: { preStop: { exec: { command: [canary(`${place}-pre-stop`)] } } },
})

const podSpec = (place: string) => ({
  containers: [container(place)],
  initContainers: [{ ...container(`${place}-init`), name: 'init' }],
  volumes: [
    { name: 'keys', secret: { secretName: canary(`${place}-secret-name`) } },
    { name: 'inline', csi: { driver: 'x', volumeAttributes: { key: canary(`${place}-inline`) } } },
  ],
  imagePullSecrets: [{ name: canary(`${place}-pull-secret`) }],
})

const head = (apiVersion: string, kind: string, name: string) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', annotations: annotations(name) },
})

const workload = (kind: string): KubeObject => {
  const name = kind.toLowerCase()
  const template = {
    metadata: { labels: { app: name }, annotations: annotations(`${name}-template`) },
    spec: podSpec(name),
  }
  return {
    ...head('apps/v1', kind, name),
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template },
  }
}

const manifests: readonly KubeObject[] = [
  { ...head('v1', 'Secret', 'secret'), data: { key: Buffer.from(canary('secret-data')).toString('base64') } },
  { ...head('v1', 'Secret', 'text'), stringData: { key: canary('secret-text') } },
  { ...head('v1', 'ConfigMap', 'config'), data: { key: canary('config-map') } },
  { ...head('v1', 'Pod', 'bare'), spec: podSpec('bare') },
  { ...head('v1', 'ServiceAccount', 'runner'), secrets: [{ name: canary('account-secret') }] },
  {
    ...head('v1', 'Service', 'door'),
    spec: { selector: { app: 'door' }, ports: [{ port: 80 }], externalName: canary('external-name') },
  },
  {
    ...head('batch/v1', 'Job', 'job'),
    spec: { template: { spec: { ...podSpec('job'), restartPolicy: 'Never' } } },
  },
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map(workload),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'vaulted', annotations: annotations('class') },
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: 'gp3', token: canary('class-parameter') },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'guard', annotations: annotations('webhook') },
    webhooks: [
      {
        name: 'guard.example.com',
        clientConfig: { url: `https://guard.example.com/?key=${canary('webhook-url')}`, caBundle: 'AAAA' },
        rules: [],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  },
]

const configuration = JSON.stringify({
  replicaCount: 2,
  podAnnotations: { password: canary('configuration-password') },
  resources: { env: [{ name: 'KEY', value: canary('configuration-env') }] },
})

test('no secret of the cluster gets into the file, and the twin takes the file whole', async () => {
  const key = 'AKIAABCDEFGHIJKLMNOP'
  const live = await small(
    withManifests(...manifests),
    (cluster) => ({ ...cluster, workloads: { ...cluster.workloads, 'shop/job': { ready: 5_000 } } }),
    withAddOn('coredns', { configurationValues: configuration }),
    withGroup('web', { tags: { note: key, owner: 'shop', password: canary('tag') } }),
  )
  const imported = await importedFrom(live, 'small')
  expect(planted.length).toBeGreaterThan(60)
  const said = [imported.yaml, JSON.stringify(imported)].join('\n')
  expect([...planted, key].filter((text) => said.includes(text))).toEqual([])
  for (const { kind, metadata } of manifests.slice(3))
    expect(imported.world.manifests['imported']).toContainEqual(
      expect.objectContaining({ kind, metadata: expect.objectContaining({ name: metadata.name }) }),
    )
  expect(imported.world.accounts[0].clusters[0].nodeGroups.find(({ name }) => name === 'web')?.tags).toEqual({
    owner: 'shop',
  })
  const counts = Object.fromEntries(imported.leftOut.map(({ what, count }) => [what, count]))
  expect(counts).toMatchObject({ secrets: 'not read', configuration: 1, tags: 2, lastApplied: 10 })
  await twinOf(imported)
})
