import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../lib/twin/kubernetes/cluster-twin.ts'
import { applyManifests } from '../../../lib/twin/kubernetes/emulated-cluster.ts'
import { loadManifests } from '../../../lib/twin/kubernetes/load-manifests.ts'
import { openCluster } from './controllers/cluster-fixture.ts'

const names = (objects: readonly KubeObject[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

test('documents, lists and typed lists give their objects in order; empty documents give none', () => {
  const text = `
# nothing but a comment
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
  - {apiVersion: v1, kind: Secret, metadata: {name: two}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
  - {metadata: {name: three}}
---
`
  const objects = loadManifests(text)
  expect(names(objects)).toEqual(['Namespace shop', 'ConfigMap one', 'Secret two', 'Role three'])
  expect(objects.at(-1)?.apiVersion).toBe('rbac.authorization.k8s.io/v1')
})

test('a kind that ends in List but has no items is an object of its own', () => {
  expect(names(loadManifests('{apiVersion: example.com/v1, kind: AllowList, metadata: {name: a}}'))).toEqual([
    'AllowList a',
  ])
})

test('text that is not YAML is refused', () => {
  expect(() => loadManifests('a: [')).toThrow(/./)
})

test('namespaces and definitions are applied before what needs them', async () => {
  const { cluster } = await openCluster()
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crons.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'crons', singular: 'cron', kind: 'Cron', listKind: 'CronList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
  const refused = applyManifests(cluster, [
    { apiVersion: 'example.com/v1', kind: 'Cron', metadata: { name: 'a', namespace: 'shop' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    definition,
  ])
  expect(refused).toEqual([])
  expect(cluster.storage.list('crons.example.com', 'shop')).toHaveLength(1)
})

test('what the server would refuse comes back with its words, and the rest loads', async () => {
  const { cluster } = await openCluster()
  const map = (name: string, namespace: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
  })
  const removed = { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata: { name: 'strict' } }
  const refused = applyManifests(cluster, [map('lost', 'nowhere'), removed, map('kept', 'default')])
  expect(refused.map(({ message }) => message)).toEqual([
    'namespaces "nowhere" not found',
    'no matches for kind "PodSecurityPolicy" in version "policy/v1beta1"',
  ])
  expect(cluster.storage.get('configmaps', 'default', 'kept')).toBeDefined()
})

/** Manifests of others, which are not part of the project: EKS_RUNBOOK_MANIFESTS, else beside the checkout. */
const worlds =
  process.env['EKS_RUNBOOK_MANIFESTS'] ?? fileURLToPath(new URL('../../../../shared/worlds', import.meta.url))

const read = (folder: string): readonly KubeObject[] =>
  readdirSync(`${worlds}/${folder}`)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .flatMap((name) => loadManifests(readFileSync(`${worlds}/${folder}/${name}`, 'utf8')))

test.skipIf(!existsSync(worlds)).each([
  ['amazon-vpc-cni', []],
  ['online-boutique', []],
  [
    'aws-load-balancer-controller',
    [
      'Certificate cert-manager.io/v1alpha2',
      'CustomResourceDefinition apiextensions.k8s.io/v1beta1',
      'Issuer cert-manager.io/v1alpha2',
      'MutatingWebhookConfiguration admissionregistration.k8s.io/v1beta1',
      'ValidatingWebhookConfiguration admissionregistration.k8s.io/v1beta1',
    ],
  ],
  [
    'kube-prometheus',
    [
      'Alertmanager monitoring.coreos.com/v1',
      'Prometheus monitoring.coreos.com/v1',
      'ServiceMonitor monitoring.coreos.com/v1',
    ],
  ],
])(
  'the manifests of %s load and become Ready, but for %j (skipped where they are not at hand)',
  async (folder, expected) => {
    const world = await openCluster()
    const objects = read(folder)
    const refused = applyManifests(world.cluster, objects)
    const kinds = new Set(refused.map(({ object }) => `${object.kind} ${object.apiVersion}`))
    expect([...kinds].toSorted()).toEqual(expected)
    await world.time.pass(300)
    const unwanted = new Set(refused.map(({ object }) => object))
    expect(await world.cluster.rolledOut(objects.filter((object) => !unwanted.has(object)))).toBe(true)
  },
)
