import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseWorld, readManifests, readWorld } from '../../lib/twin/read-world.ts'

const small = readFileSync('examples/worlds/small.yaml', 'utf8')
const folder = mkdtempSync(path.join(tmpdir(), 'world-'))
afterAll(() => rmSync(folder, { recursive: true }))
const worldFile = path.join(folder, 'world.yaml')

test.each(['photo-app', 'small'])('The example world %s is read', (name) => {
  const world = readWorld(`examples/worlds/${name}.yaml`)
  expect(world.name).toBe(name)
  for (const { clusters } of world.accounts)
    for (const cluster of clusters) expect(cluster.manifests.length).toBeGreaterThan(0)
})

test('Clusters get the manifest sets they use, and all workload timings', () => {
  const [cluster] = readWorld('examples/worlds/small.yaml').accounts[0]?.clusters ?? []
  expect(cluster?.manifests.map(({ kind }) => kind)).toContain('PodDisruptionBudget')
  expect(cluster?.workloads).toEqual({ '*': { pull: 2, ready: 3, stop: 2 } })
})

test('A world says what EKS has published, which release nodes have, and how delays vary', () => {
  const ami = { minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.33.6-20261101' }
  const text = small
    .replace('desiredSize: 2', "desiredSize: 2\n            version: '1.31'")
    .concat(`\nvariation: 0.15\ncatalogue: { amis: [${JSON.stringify(ami)}] }`)
  const world = parseWorld(text, worldFile)
  expect(world.catalogue).toEqual({ addOns: [], amis: [{ ...ami, recommended: true }] })
  expect(world.variation).toBe(0.15)
  expect(world.accounts[0]?.clusters[0]?.nodeGroups[0]?.version).toBe('1.31')
})

test('A world that says nothing of it has nothing published, and delays that do not vary', () => {
  const world = parseWorld(small, worldFile)
  expect([world.catalogue, world.variation]).toEqual([{ addOns: [], amis: [] }, 0])
})

test('A world is plain data', () => {
  const world = readWorld('examples/worlds/photo-app.yaml')
  expect(structuredClone(world)).toEqual(world)
})

describe('A world file that cannot be used is R007 with the place and the fix:', () => {
  test.each([
    [
      'a misspelt key',
      small.replace('nodeGroups:', 'nodeGroup:'),
      /world\.yaml:\d+:\d+ \(accounts\[0\]\.clusters\[0\]\.nodeGroup\): expected a known key/,
      /did you mean nodeGroups\?/,
    ],
    [
      'a version without quotes',
      small.replace("'1.32'", '1.32'),
      /clusters\[0\]\.version\): expected string, found 1\.32/,
      /in quotes: '1\.32'/,
    ],
    [
      'a release of another minor',
      `${small}\ncatalogue: { amis: [{ minor: '1.33', amiType: AL2023_ARM_64_STANDARD, release: 1.32.9-20261101 }] }`,
      /catalogue\.amis\[0\]\.release\): expected a release of that minor and type.*found "1\.32\.9-20261101"/,
      /./,
    ],
    [
      'a default of a minor that the version does not support',
      `${small}\ncatalogue: { addOns: [{ name: a, versions: [{ version: v1.0.0, minors: ['1.33'], defaultOf: ['1.34'] }] }] }`,
      /catalogue\.addOns\[0\]\.versions\[0\]\.defaultOf\): expected minors that are in minors too/,
      /./,
    ],
    [
      'a variation by which delays could end before they begin',
      `${small}\nvariation: 1.5`,
      /\(variation\): expected .*1/,
      /./,
    ],
    [
      'an alias that is none',
      small.replace('buckets:', 'kmsKeys: [{ alias: evidence }]\n    buckets:'),
      /kmsKeys\[0\]\.alias\): expected alias\/<name>, found "evidence"/,
      /./,
    ],
    [
      'an unknown manifest set',
      small.replace('uses: [shop]', 'uses: [shoop]'),
      /expected a manifest set, found the name shoop/,
      /did you mean shop\?/,
    ],
    [
      'an unknown fault',
      `${small}\nfaults: [{ kind: throtle }]\n`,
      /faults\[0\]\.kind\): expected one of/,
      /did you mean throttle\?/,
    ],
    [
      'an unknown duration',
      small.replace('updateCluster: 60', 'updateClustr: 60'),
      /durations\.updateClustr/,
      /did you mean updateCluster\?/,
    ],
    [
      'a fleet that does not hold together',
      small.replace('account: staging,', 'account: stagin,'),
      /fleet\.clusters\[0\]\.account/,
      /did you mean staging\?/,
    ],
    ['a manifest without a kind', small.replace('kind: Namespace, ', ''), /manifests\.shop\[0\]/, /./],
    [
      'a pattern that finds no file',
      small.replace('  shop:\n', "  shop:\n    - { files: 'nowhere/*.yaml' }\n"),
      /expected files at nowhere\/\*\.yaml, found none/,
      /./,
    ],
  ])('%s', (_, text, message, hint) => {
    expect(() => parseWorld(text, worldFile)).toThrow(
      expect.objectContaining({
        code: 'R007',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    )
  })

  test('no file at all', () => {
    expect(() => readWorld(path.join(folder, 'none.yaml'))).toThrow(
      expect.objectContaining({ code: 'R007', message: expect.stringContaining('ENOENT') }),
    )
  })
})

test('Manifest files are read from beside the world file, lists taken apart', () => {
  writeFileSync(
    path.join(folder, 'roles.yaml'),
    `---\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: { name: a }\n- metadata: { name: b }\n---\napiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Namespace, metadata: { name: c } }\n`,
  )
  const text = small.replace('  shop:\n', "  shop:\n    - { files: 'roles.yaml' }\n")
  const manifests = parseWorld(text, worldFile).accounts[0]?.clusters[0]?.manifests ?? []
  expect(manifests.slice(0, 3).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Role a',
    'Role b',
    'Namespace c',
  ])
})

const others = path.resolve('../shared/worlds/kube-prometheus/prometheus-roleConfig.yaml')
test.skipIf(!existsSync(others))(
  'Manifests of other projects are read as they are (skipped where not at hand)',
  () => {
    expect(readManifests(others, worldFile).length).toBeGreaterThan(0)
  },
)
