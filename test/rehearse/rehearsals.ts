import { planThere, prepare } from '../../lib/cli/rehearse/begin.ts'
import { rehearse } from '../../lib/cli/rehearse/rehearse.ts'
import type { FaultProfile, RehearsalResult } from '../../lib/evidence/rehearsal-result.ts'
import { findCluster, parseFleet } from '../../lib/fleet/read-fleet.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import type { AnyRunbook, Inputs } from '../../lib/runbook/runbook.ts'
import type { World } from '../../lib/twin/world.ts'

export interface Asked {
  readonly world: World
  readonly runbook: AnyRunbook<Target>
  readonly inputs: Inputs & { readonly cluster: string }
  readonly faults?: FaultProfile
  readonly seed?: number
  readonly times?: number
  readonly signal?: AbortSignal
  readonly onMessage?: (message: Message) => void
}

/** A rehearsal in this process, as the command makes it. */
export const rehearsed = async (asked: Asked): Promise<RehearsalResult> => {
  const { world, runbook, inputs, seed = 1 } = asked
  const reading = parseFleet(JSON.stringify(world.fleet))
  if (!('value' in reading)) throw new Error(JSON.stringify(reading.problems))
  const place = findCluster({ file: 'fleet.yaml', fleet: reading.value }, inputs.cluster)
  const { beginning } = await prepare({ world, from: 'a test', imported: false }, place)
  const around = {
    runbook,
    signal: asked.signal ?? new AbortController().signal,
    operator: { tell: asked.onMessage ?? (() => undefined), confirm: async () => true },
  }
  const plan = await planThere(beginning, { ...around, inputs, place, seed })
  return await rehearse({
    ...around,
    beginning,
    plan,
    faults: asked.faults ?? 'none',
    seed,
    times: asked.times ?? 1,
    world: 'a test',
    assumed: [],
  })
}
