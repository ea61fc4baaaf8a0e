import type { PlanFinding } from '../checks/planned.ts'
import type { Target } from '../fleet/target.ts'
import type { GroupMove } from './node-group.ts'
import { atStart, groupNow, isProblem, planGroup, type Wanted } from './planned-groups.ts'
import { presentMinor } from './upgrade-survey.ts'

/**
 * The swap of one group to the minor of the control plane. No move when its nodes are what is wanted already. Throws
 * R003 when the cluster has no such group.
 */
export const planSwap = async (
  target: Target,
  name: string,
  wishes: Pick<Wanted, 'amiType' | 'release' | 'proven'>,
): Promise<{ readonly moves: readonly GroupMove[]; readonly findings: readonly PlanFinding[] }> => {
  const version = await presentMinor(target)
  const planned = await planGroup(target, atStart(await groupNow(target, name)), {
    version,
    way: 'blue-green',
    ...wishes,
  })
  if (planned === undefined) return { moves: [], findings: [] }
  return isProblem(planned) ? { moves: [], findings: [planned] } : { moves: [planned], findings: [] }
}
