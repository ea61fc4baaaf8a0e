import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { canonicalJson, type Json } from '../../lib/runbook/json.ts'
import type { KubePod } from '../../lib/kube/pod.ts'
import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import type { World } from '../../lib/twin/world.ts'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'
import { editedSmall, small, withAddOn, withGroup } from '../runbooks/small-world.ts'
import { importedFrom, twinOf } from './imported.ts'

const clusters = globSync('examples/worlds/*.yaml').flatMap((file) =>
  readWorld(file).accounts.flatMap((account) =>
    account.clusters.map(({ name, nodeGroups }) => ({ file, name, group: nodeGroups[0]?.name ?? '' })),
  ),
)

type Wish = readonly [AnyRunbook<Target>, { readonly [input: string]: unknown }]

const wishes = (group: string): readonly Wish[] => [
  [upgradeCluster, { to: '1.33' }],
  [upgradeCluster, { to: '1.34' }],
  [swapNodeGroup, { nodeGroup: group, amiType: 'AL2023_x86_64_STANDARD' }],
  [upgradeAddOns, {}],
]

/** Steps and facts, without what only this twin made up: ids. */
const planned = async (moment: Moment, cluster: string, [runbook, inputs]: Wish): Promise<string> => {
  const scene = await openScene(moment, { runbook, cluster })
  const { steps, facts } = await scene.plan({ cluster, ...inputs })
  const said = canonicalJson({ steps, facts } as unknown as Json)
  return said.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\blt-[0-9a-f]{17}\b/g, '<id>')
}

describe.each(clusters)('an import of $name', ({ file, name, group }) => {
  const live = settledWorld(file)

  test('gives the same plans as the cluster itself', async () => {
    const copy = await twinOf(await importedFrom(await live, name))
    for (const wish of wishes(group))
      expect(await planned(copy, name, wish)).toBe(await planned(await live, name, wish))
  })

  test('gives the same world again when its twin is imported', async () => {
    const first = await importedFrom(await live, name)
    const second = await importedFrom(await twinOf(first), name)
    expect({ ...second.world, start: '' }).toEqual({ ...first.world, start: '' })
  })
})

/** As EKS may be next month: versions that no twin has by itself, nodes that are behind, groups of all sorts. */
const nextMonth = (): Promise<Moment> =>
  settledWorld('examples/worlds/small.yaml', (world) =>
    published(
      editedSmall(world, [
        (cluster) => ({
          ...cluster,
          addOns: [...cluster.addOns, { name: 'adot', version: 'v0.120.0-eksbuild.1' }],
        }),
        withAddOn('coredns', {
          version: 'v1.11.4-eksbuild.3',
          configurationValues: '{"replicaCount":3}',
        }),
        withGroup('web', {
          amiType: 'AL2023_x86_64_STANDARD',
          version: '1.31',
          releaseVersion: '1.31.13-20260701',
          capacityType: 'SPOT',
          taints: [{ key: 'dedicated', value: 'web', effect: 'PreferNoSchedule' }],
          tags: { owner: 'shop' },
          subnets: ['subnet-0c3000000000000a1'],
        }),
        withGroup('data', { launchTemplate: true, labels: { tier: 'data', 'example.com/disk': 'fast' } }),
      ]),
    ),
  )

const published = (world: World): World => ({
  ...world,
  catalogue: {
    addOns: [
      {
        name: 'coredns',
        versions: [
          { version: 'v1.11.4-eksbuild.3', minors: ['1.32'], defaultOf: [] },
          { version: 'v1.12.9-eksbuild.1', minors: ['1.32', '1.33', '1.34'], defaultOf: ['1.33'] },
        ],
        replace: false,
      },
      {
        name: 'adot',
        versions: [
          { version: 'v0.120.0-eksbuild.1', minors: ['1.31', '1.32'], defaultOf: ['1.32'] },
          { version: 'v0.131.0-eksbuild.2', minors: ['1.32', '1.33', '1.34'], defaultOf: ['1.33', '1.34'] },
        ],
        replace: false,
      },
    ],
    amis: [
      { minor: '1.33', amiType: 'AL2023_x86_64_STANDARD', release: '1.33.9-20261112', recommended: true },
    ],
  },
})

describe('an import of a cluster behind the newest versions', () => {
  const live = nextMonth()

  test('gives the same plans as the cluster itself', async () => {
    const copy = await twinOf(await importedFrom(await live, 'small'))
    for (const wish of wishes('data'))
      expect(await planned(copy, 'small', wish)).toBe(await planned(await live, 'small', wish))
    expect(await planned(copy, 'small', [upgradeCluster, { to: '1.33' }])).toContain('1.33.9-20261112')
  })

  test('gives the same nodes, by version, zone and taint', async () => {
    const copy = await twinOf(await importedFrom(await live, 'small'))
    expect(await nodesOf(copy)).toEqual(await nodesOf(await live))
    expect((await nodesOf(copy)).filter((node) => node.startsWith('web v1.31'))).toHaveLength(2)
  })
})

test('An upgrade of the copy ends, with as many pods as the cluster has', async () => {
  const copy = await twinOf(await importedFrom(await small(), 'small'))
  const scene = await openScene(copy, { runbook: upgradeCluster, cluster: 'small' })
  const pods = async () => (await scene.time.run(scene.target.kube.pods())).map(nameless).toSorted()
  const before = await pods()
  expect(before.filter((pod) => pod.startsWith('shop/'))).toHaveLength(8)
  const outcome = await scene.execute(await scene.plan({ cluster: 'small', to: '1.33', soak: 1 }))
  expect(outcome.state).toBe('done')
  expect((await pods()).filter((pod) => pod.startsWith('shop/'))).toEqual(
    before.filter((pod) => pod.startsWith('shop/')),
  )
})

/** Namespace and labels of what made it, without the hash of this copy. */
const nameless = ({ namespace, labels }: KubePod): string => `${namespace}/${labels['app'] ?? ''}`

const nodesOf = async (moment: Moment): Promise<readonly string[]> => {
  const { target, time } = await openScene(moment, { runbook: upgradeAddOns, cluster: 'small' })
  const nodes = await time.run(target.kube.nodes())
  return nodes
    .map(({ nodeGroup, kubeletVersion, zone, taints }) =>
      [nodeGroup, kubeletVersion, zone, JSON.stringify(taints)].join(' '),
    )
    .toSorted()
}
