import { importWorld, type ImportedWorld } from '../../lib/import/import-world.ts'
import { emptyMemory } from '../../lib/runbook/memory-store.ts'
import type { Fleet } from '../../lib/fleet/fleet.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { prepareTwin } from '../../lib/twin/prepare.ts'
import { parseWorld } from '../../lib/twin/read-world.ts'
import type { World } from '../../lib/twin/world.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import { openScene, type Moment, type Scene, type SceneOptions } from '../runbooks/scene.ts'

/** What a test asks of an import. */
export interface Asked extends Pick<SceneOptions, 'heard'> {
  readonly told?: Message[]
  readonly seed?: number
  /** Puts other answers in the place of the adapters' own. */
  readonly change?: (target: Target) => Target
}

/** Imports one cluster of a twin through the adapters. */
export const importedFrom = async (
  from: Moment,
  cluster: string,
  { heard, ...asked }: Asked = {},
): Promise<ImportedWorld> => {
  const scene = await openScene(from, { runbook: upgradeAddOns, cluster, ...(heard ? { heard } : {}) })
  return importOf(scene, from, asked)
}

/** Imports the cluster of a scene that was opened from this moment. */
export const importOf = (
  { target, time }: Scene,
  { twin: { world } }: Moment,
  { told = [], seed, change = (same) => same }: Omit<Asked, 'heard'> = {},
): Promise<ImportedWorld> => {
  const account = world.accounts.find(({ id }) => id === target.account)
  const principal = account?.principals[0]
  return time.run(
    importWorld(change(target), {
      place: placeOf(world, target.cluster),
      caller: `arn:aws:sts::${target.account}:assumed-role/${principal?.name.split('/')[1]}/ann`,
      clock: time.clock,
      operator: { tell: (message) => void told.push(message), confirm: async () => false },
      ...(seed === undefined ? {} : { seed }),
    }),
  )
}

/** A twin made of an imported world; throws when it does not take the world whole. */
export const twinOf = async ({ yaml }: Pick<ImportedWorld, 'yaml'>): Promise<Moment> => {
  const { snapshot, refused } = await prepareTwin(parseWorld(yaml, 'imported.yaml'))
  if (refused.length > 0) throw new Error(`The world was not taken whole: ${JSON.stringify(refused)}`)
  return { twin: snapshot, memory: emptyMemory() }
}

const placeOf = (world: World, name: string) => {
  const fleet = world.fleet as unknown as Fleet
  const cluster = fleet.clusters.find((each) => each.name === name)
  const account = fleet.accounts.find(({ alias }) => alias === cluster?.account)
  if (!cluster || !account) throw new Error(`The fleet of the world has no cluster ${name}`)
  return { fleet, cluster, account }
}
