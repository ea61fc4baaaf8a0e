import { beforeAll, describe, expect, test } from 'vitest'
import { collections } from '../../lib/import/collections.ts'
import type { ImportedWorld } from '../../lib/import/import-world.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { plainText } from '../../lib/runbook/plain-text.ts'
import { parseWorld } from '../../lib/twin/read-world.ts'
import { small } from '../runbooks/small-world.ts'
import type { Moment } from '../runbooks/scene.ts'
import { importedFrom } from './imported.ts'

const deployment = (metadata: object, spec: object = {}): object => ({
  metadata: { namespace: 'shop', ...metadata },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'main', image: 'registry.example.com/x:1' }], ...spec },
    },
  },
})

const nested = (levels: number): object => (levels === 0 ? {} : { matchLabels: nested(levels - 1) })

/** What no API server takes, but a broken or hostile one may answer. */
const strange: { readonly [what: string]: object } = {
  'a name with terminal control characters': deployment({ name: 'cart\u001b[2J\u0007' }),
  'a name of 10 kB': deployment({ name: 'a'.repeat(10_240) }),
  'a name of markup': deployment({ name: '<script>alert(1)</script>' }),
  'a name that would begin a new YAML entry': deployment({ name: 'a\n    - kind: Secret' }),
  'a name that turns the direction of writing': deployment({ name: 'a\u202ecart' }),
  'a name that is a path': deployment({ name: '../../etc/passwd' }),
  'no name': deployment({}),
  'a strange namespace': deployment({ name: 'cart', namespace: 'shop: {}' }),
  'a label key of a prototype': deployment({ name: 'cart', labels: { constructor: 'x' } }),
  'a label that runs on': deployment({ name: 'cart', labels: { app: 'x'.repeat(10_240) } }),
  'an image with a line break': deployment(
    { name: 'cart' },
    { containers: [{ name: 'main', image: 'x\n- y' }] },
  ),
  'a node selector with a prototype key': deployment(
    { name: 'cart' },
    { nodeSelector: JSON.parse('{"__proto__": "x"}') as object },
  ),
  'an affinity without end': deployment({ name: 'cart' }, { affinity: nested(500) }),
  'an access key in its image': deployment(
    { name: 'cart' },
    { containers: [{ name: 'main', image: 'x/AKIAABCDEFGHIJKLMNOP:1' }] },
  ),
  'ten thousand tolerations': deployment(
    { name: 'cart' },
    { tolerations: Array.from({ length: 10_000 }, (_, index) => ({ key: `k${index}`, operator: 'Exists' })) },
  ),
}

const deployments = collections.find(({ plural }) => plural === 'deployments')?.path

/** The API server of the target answers these Deployments too. */
const answering =
  (objects: readonly object[]) =>
  (target: Target): Target => ({
    ...target,
    kube: {
      ...target.kube,
      objects: async (path, project) => [
        ...(await target.kube.objects(path, project)),
        ...(path === deployments ? objects.map((object) => project(structuredClone(object))) : []),
      ],
    },
  })

const live: { moment?: Moment; clean?: ImportedWorld } = {}
const moment = (): Moment => {
  if (live.moment) return live.moment
  throw new Error('no world')
}
beforeAll(async () => {
  live.moment = await small()
  live.clean = await importedFrom(live.moment, 'small')
})

/** Control characters but the line breaks of YAML. */
const unseen = /[^\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/u

describe('an object of a hostile API server stays out, and says so in a harmless line:', () => {
  test.each(Object.entries(strange))('%s', async (_, object) => {
    const told: { code: string; text: string }[] = []
    const imported = await importedFrom(moment(), 'small', { told, change: answering([object]) })
    expect(imported.yaml).toBe(live.clean?.yaml)
    const refused = imported.leftOut.filter(({ what }) => what === 'refused')
    expect(refused).toHaveLength(1)
    for (const { why } of refused) {
      expect(why).toBe(plainText(why))
      expect(why.length).toBeLessThan(300)
      expect(why).not.toContain('AKIA')
    }
    expect(unseen.test(imported.yaml)).toBe(false)
    for (const { text } of told) expect(text).toBe(plainText(text))
  })

  test('what is only unusual comes in', async () => {
    const object = deployment(
      { name: `${'a'.repeat(60)}.${'b'.repeat(60)}`, labels: { 'example.com/No': '', yes: 'null' } },
      {
        containers: [{ name: 'main', image: 'registry.example.com/x@sha256:abc', ports: [{ name: '0x1' }] }],
      },
    )
    const imported = await importedFrom(moment(), 'small', { change: answering([object]) })
    expect(imported.leftOut.filter(({ what }) => what === 'refused')).toEqual([])
    const { manifests } = parseWorld(imported.yaml, 'imported.yaml').accounts[0]?.clusters[0] ?? {}
    expect(manifests).toContainEqual(
      expect.objectContaining({
        metadata: expect.objectContaining({ labels: { 'example.com/No': '', yes: 'null' } }),
      }),
    )
  })
})

describe('what EKS answers is not trusted either:', () => {
  const groupsAs =
    (change: (name: string) => object) =>
    (target: Target): Target => ({
      ...target,
      eks: {
        ...target.eks,
        describeNodeGroup: async (cluster, name) => {
          const group = await target.eks.describeNodeGroup(cluster, name)
          return group && name === 'web' ? { ...group, ...change(name) } : group
        },
      },
    })

  test.each([
    ['a group with a strange name', { name: 'web\u001b[2J' }],
    ['a group that is being deleted', { status: 'DELETING' }],
    ['a group of Windows', { amiType: 'WINDOWS_CORE_2022_x86_64' }],
  ])('%s stays out', async (_, change) => {
    const imported = await importedFrom(moment(), 'small', { change: groupsAs(() => change) })
    expect(imported.world.accounts[0].clusters[0].nodeGroups.map(({ name }) => name)).toEqual(['data'])
    expect(imported.leftOut.filter(({ what }) => what === 'refused')).toHaveLength(1)
    expect(unseen.test(imported.yaml)).toBe(false)
  })

  test('a group with an image of its own comes in as AL2023, and says so', async () => {
    const custom = { amiType: 'CUSTOM', release: 'ami-0123456789abcdef0' }
    const imported = await importedFrom(moment(), 'small', { change: groupsAs(() => custom) })
    const web = imported.world.accounts[0].clusters[0].nodeGroups.find(({ name }) => name === 'web')
    expect(web).toMatchObject({ amiType: 'AL2023_x86_64_STANDARD' })
    expect(web).not.toHaveProperty('releaseVersion')
    expect(imported.leftOut).toContainEqual(expect.objectContaining({ what: 'ownImages', count: 1 }))
  })

  test('add-on configuration that is no YAML stays out, the add-on does not', async () => {
    const change = (target: Target): Target => ({
      ...target,
      eks: {
        ...target.eks,
        describeAddOn: async (cluster, name) => {
          const addOn = await target.eks.describeAddOn(cluster, name)
          return addOn && name === 'coredns' ? { ...addOn, configurationValues: '{ ]: *x' } : addOn
        },
      },
    })
    const imported = await importedFrom(moment(), 'small', { change })
    expect(
      imported.world.accounts[0].clusters[0].addOns.find(({ name }) => name === 'coredns'),
    ).not.toHaveProperty('configurationValues')
    expect(imported.leftOut).toContainEqual(expect.objectContaining({ what: 'configuration', count: 1 }))
  })
})
