import { addressesForGreen } from '../checks/capacity.ts'
import { nodeGroupsHealthy } from '../checks/data-plane.ts'
import { noRegression } from '../checks/held.ts'
import type { MovingGroup } from '../checks/upgrade.ts'
import { noStuckBudgets, nothingLeftOn } from '../checks/workloads.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import type { Step } from '../runbook/runbook.ts'
import { nodesUncordoned } from './cordon.ts'
import { nodesDrained } from './drain.ts'
import { autoscalersBack, frozenSince, nodeGroupFrozen, nodeGroupKept, nodeGroupThawed } from './freeze.ts'
import { blueTakesBack, greenProven } from './green.ts'
import { nodeGroupAt, nodeGroupCreated, nodeGroupDeleted, type GroupMove } from './node-group.ts'
import { forSameGroup } from './same-group.ts'
import {
  elapsed,
  elapsedSince,
  inOrder,
  inWords,
  onlyAfter,
  untilReached,
  usuallyReached,
  whileKeeping,
  withTimeToSettle,
} from './waits.ts'

export interface SwapOptions {
  /** Before the group in the id of each step: `hop-1.33/swap`. */
  readonly prefix: string
  /** Between drain and deletion. */
  readonly soakMinutes: number
  readonly keepBlue: boolean
}

/**
 * Green beside blue, proven, blue frozen and drained, a soak, blue looked at again and deleted, or kept closed. The freeze belongs to
 * each step that needs it: what is paused is given back whenever a run stops.
 */
export const swapSteps = (move: GroupMove, options: SwapOptions): readonly Step<Target>[] => [
  createGreen(move, options),
  proveGreen(move, options),
  drainBlue(move, options),
  ...(options.soakMinutes > 0 ? [soak(move, options)] : []),
  options.keepBlue ? keepBlue(move, options) : deleteBlue(move, options),
]

/**
 * Ids hold the name of the group; on another cluster the groups that leave the same AMI type take the same steps. What
 * leaves an AMI type in one hop leaves its successor in the next.
 */
const groupStep = ({ line, former }: GroupMove, prefix: string, step: string) => ({
  id: `${prefix}/${line}/${step}`,
  counterpart: `${prefix}/${former.amiType}/${step}`,
})

export const createGreen = (move: GroupMove, { prefix }: SwapOptions): Step<Target> => ({
  ...groupStep(move, prefix, 'create'),
  title: `Create node group ${move.green} (${move.amiType} ${move.release}) beside ${move.name}`,
  before: [nodeGroupsHealthy([move.name]), addressesForGreen(move.name)],
  change: nodeGroupCreated(move),
  undo: forSameGroup(
    { name: move.green },
    onlyAfter(
      blueTakesBack(move),
      inOrder(nodeGroupFrozen(move.green), nodesDrained(move.green), nodeGroupDeleted(move.green)),
    ),
  ),
})

export const proveGreen = (move: GroupMove, { prefix }: SwapOptions): Step<Target> => ({
  ...groupStep(move, prefix, 'prove'),
  title: `Prove that node group ${move.green} can take what ${move.name} carries`,
  change: greenProven(move),
  undo: 'nothing',
})

export const drainBlue = (move: GroupMove, { prefix }: SwapOptions): Step<Target> => ({
  ...groupStep(move, prefix, 'drain'),
  title: `Drain node group ${move.name}`,
  before: noStuckBudgets([move.name]),
  // Green is proven again for a run that stopped in between.
  change: forSameGroup(
    move,
    onlyAfter(greenProven(move), inOrder(nodeGroupFrozen(move.name), nodesDrained(move.name))),
  ),
  undo: inOrder(nodeGroupThawed(move.name), nodesUncordoned(move.name)),
})

export const soak = (move: GroupMove, { prefix, soakMinutes }: SwapOptions): Step<Target> => ({
  ...groupStep(move, prefix, 'soak'),
  title: `Keep node group ${move.name} empty for ${inWords(soakMinutes)} while ${move.green} carries its pods`,
  // A pod that comes back is found by the check before the next step, which stops for it.
  change: withTimeToSettle(
    whileKeeping(
      forSameGroup(move, nodeGroupFrozen(move.name)),
      elapsed(
        minutes(soakMinutes),
        `${move.green} carries the pods of ${move.name}; undo is possible until this ends`,
        (look) => frozenSince(look, move.name),
      ),
    ),
  ),
  after: noRegression(),
  undo: 'nothing',
})

/** A run that stopped after the soak had blue open in between: it soaks once more. */
const soakedAgain = ({ name, green }: GroupMove, { soakMinutes }: SwapOptions) =>
  untilReached(
    elapsedSince(
      minutes(soakMinutes),
      `${green} carries the pods of ${name} again; undo is possible until this ends`,
      (look) => frozenSince(look, name),
    ),
  )

/** As the drain left it, also after a stop that gave its pauses back. */
const stillEmpty = ({ name }: GroupMove) =>
  [usuallyReached(nodeGroupFrozen(name)), usuallyReached(nodesDrained(name))] as const

export const deleteBlue = (move: GroupMove, options: SwapOptions): Step<Target> => ({
  ...groupStep(move, options.prefix, 'delete'),
  title: `Delete node group ${move.name}`,
  before: [nothingLeftOn(move.name)],
  change: forSameGroup(
    move,
    inOrder(
      ...stillEmpty(move),
      soakedAgain(move, options),
      untilReached(nodeGroupDeleted(move.name)),
      autoscalersBack,
    ),
  ),
  undo: { irreversible: `node group ${move.name} and its instances are gone; swap to a new group instead` },
})

export const keepBlue = (move: GroupMove, { prefix }: SwapOptions): Step<Target> => ({
  ...groupStep(move, prefix, 'keep'),
  title: `Keep node group ${move.name} empty, cordoned and closed to new nodes; undo of the run opens it again`,
  before: [nothingLeftOn(move.name)],
  change: forSameGroup(move, inOrder(...stillEmpty(move), nodeGroupKept(move.name), autoscalersBack)),
  undo: inOrder(nodeGroupThawed(move.name), nodesUncordoned(move.name)),
})

/** What checks want to know of the groups that exist now; those that the plan makes itself are left out. */
export const movingGroups = (moves: readonly GroupMove[]): readonly MovingGroup[] => {
  const made = new Set(moves.filter(({ name, green }) => name !== green).map(({ green }) => green))
  return moves
    .filter(({ name }) => !made.has(name))
    .map(({ name, former, amiType, version }) => ({
      name,
      amiType: former.amiType,
      to: amiType,
      minor: version,
    }))
}

/** EKS's own rolling update, for groups that keep their AMI type. */
export const inPlaceStep = (move: GroupMove, prefix: string): Step<Target> => {
  const { name, version, release } = move
  return {
    ...groupStep(move, prefix, 'update'),
    title: `Update node group ${name} in place to ${version} (${release})`,
    before: [nodeGroupsHealthy([name]), ...noStuckBudgets([name])],
    change: forSameGroup(move, nodeGroupAt(name, version, release)),
    undo: { irreversible: `EKS brings no node group back to an older version; swap ${name} instead` },
  }
}
