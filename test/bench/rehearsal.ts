import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { planThere, prepare } from '../../lib/cli/rehearse/begin.ts'
import { rehearse } from '../../lib/cli/rehearse/rehearse.ts'
import { parseFleet } from '../../lib/fleet/read-fleet.ts'
import { findCluster } from '../../lib/fleet/read-fleet.ts'
import type { World } from '../../lib/twin/world.ts'
import type { Figure } from './figure.ts'
import { largeWorld } from './large-world.ts'

const full = { nodes: 100, pods: 3000 }

/** CPU seconds of one rehearsal of a two-hop upgrade: the world settles, the plan is made, one run. */
export const rehearsalFigures = async (size = full): Promise<readonly Figure[]> => {
  const world = largeWorld(size)
  const before = process.cpuUsage()
  await rehearseUpgrade(world, size.pods)
  const { user, system } = process.cpuUsage(before)
  return [
    {
      what: `rehearsal of a two-hop upgrade of ${size.nodes} nodes and ${size.pods.toLocaleString('en')} pods`,
      value: (user + system) / 1e6,
      unit: 'CPU s',
      samples: 1,
      goal: { at: 'most', value: 10 },
    },
  ]
}

const rehearseUpgrade = async (world: World, pods: number): Promise<void> => {
  const reading = parseFleet(JSON.stringify(world.fleet))
  if (!('value' in reading)) throw new Error(JSON.stringify(reading.problems))
  const place = findCluster({ file: 'fleet.yaml', fleet: reading.value }, 'small')
  const found = { world, from: 'a generated world', imported: false }
  const { beginning } = await prepare(found, place)
  const surroundings = {
    runbook: upgradeCluster,
    signal: new AbortController().signal,
    operator: { tell: () => undefined, confirm: async () => true },
  }
  const inputs = { cluster: 'small', to: '1.34' }
  const plan = await planThere(beginning, { ...surroundings, inputs, place, seed: 1 })
  const result = await rehearse({
    ...surroundings,
    beginning,
    plan,
    faults: 'none',
    seed: 1,
    times: 1,
    world: found.from,
    assumed: [],
  })
  const [run] = result.runs
  if (run?.ended !== 'done' || run.evictions < 2 * pods)
    throw new Error(
      `The rehearsal did not move every pod twice: ${JSON.stringify(result.refused ?? run?.stop)}`,
    )
}
