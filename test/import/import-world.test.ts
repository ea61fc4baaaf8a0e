import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { canonicalJson, type Json } from '../../lib/runbook/json.ts'
import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'
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

/** Steps and facts, without what only this twin made up: uuids in ARNs. */
const planned = async (moment: Moment, cluster: string, [runbook, inputs]: Wish): Promise<string> => {
  const scene = await openScene(moment, { runbook, cluster })
  const { steps, facts } = await scene.plan({ cluster, ...inputs })
  const said = canonicalJson({ steps, facts } as unknown as Json)
  return said.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
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
