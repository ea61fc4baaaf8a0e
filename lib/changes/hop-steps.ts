import { addOnsHealthy } from '../checks/add-ons.ts'
import {
  addressesForControlPlane,
  clusterHealthy,
  clusterReady,
  noUpgradeBlockers,
} from '../checks/control-plane.ts'
import { noKubeletSkew, noKubeProxySkew } from '../checks/data-plane.ts'
import { noRegression } from '../checks/held.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import type { Step } from '../runbook/runbook.ts'
import { addOnAt, addOnUndo } from './add-on.ts'
import type { AddOnMove, MinorHop } from './add-on-versions.ts'
import { controlPlaneAt, controlPlaneBackAt } from './control-plane.ts'
import { insightsRefreshed } from './insights.ts'
import type { GroupMove } from './node-group.ts'
import { inPlaceStep, swapSteps, type SwapOptions } from './swap-steps.ts'
import { elapsed, inWords, withTimeToSettle } from './waits.ts'

/** What a plan does on the way from one minor to the next; `from` and `to` are the same where only add-ons and nodes move. */
export type Hop = MinorHop & {
  readonly addOns: readonly AddOnMove[]
  readonly groups: readonly GroupMove[]
}

/** Before the id of each step of a hop. */
export const hopId = ({ to }: MinorHop): string => `hop-${to}`

/** EKS's insights are up to a day old: they are made anew before they decide. */
export const refreshInsights = (hop: Hop): Step<Target> => ({
  id: `${hopId(hop)}/insights`,
  title: `Refresh the insights of EKS before ${hop.to}`,
  change: insightsRefreshed,
  undo: 'nothing',
})

/** `last`: the newest hop of the plan, the only one that EKS takes back. */
export const moveControlPlane = (hop: Hop, which: 'last' | 'earlier'): Step<Target> => ({
  id: `${hopId(hop)}/control-plane`,
  title: `Upgrade the control plane from ${hop.from} to ${hop.to}`,
  before: [
    clusterReady(hop.to),
    clusterHealthy,
    addressesForControlPlane,
    noUpgradeBlockers(hop.to),
    noKubeletSkew(hop.to),
    noKubeProxySkew(hop.to),
    addOnsHealthy(),
  ],
  change: controlPlaneAt(hop.to),
  undo:
    which === 'last'
      ? controlPlaneBackAt(hop.from)
      : {
          irreversible: `EKS takes a control plane back by one minor only, and ${hop.to} is not the last hop`,
        },
})

/** Time in which the way back stays cheap: nodes and later add-ons are still as they were. */
export const bake = (hop: Hop, bakeMinutes: number): readonly Step<Target>[] =>
  bakeMinutes === 0
    ? []
    : [
        {
          id: `${hopId(hop)}/bake`,
          title: `Leave ${hop.to} running for ${inWords(bakeMinutes)} before nodes follow`,
          change: withTimeToSettle(
            elapsed(
              minutes(bakeMinutes),
              `the control plane bakes at ${hop.to}; undo is cheap until this ends`,
            ),
          ),
          after: noRegression(),
          undo: 'nothing',
        },
      ]

/** The moves of add-ons before or after the control plane of the hop, in their order. */
export const moveAddOns = (hop: Hop, when: AddOnMove['when']): readonly Step<Target>[] =>
  hop.addOns
    .filter((move) => move.when === when)
    .map((move) => ({
      id: addOnStepId(hop, move),
      title: `Update add-on ${move.name} from ${move.from} to ${move.to} (${move.why})`,
      before: [{ ...addOnsHealthy([move.name]), firstOnly: true }],
      change: addOnAt(move.name, move.to),
      after: [addOnsHealthy([move.name])],
      undo: addOnUndo(move, when === 'before' ? hop.from : hop.to),
    }))

const addOnStepId = (hop: Hop, { name, to }: AddOnMove): string => {
  const several = hop.addOns.filter((move) => move.name === name).length > 1
  return `${hopId(hop)}/add-on/${name}${several ? `/${to}` : ''}`
}

/** The node groups of the hop, one after the other; in place where the plan lets a group keep its name. */
export const moveGroups = (hop: Hop, options: Omit<SwapOptions, 'prefix'>): readonly Step<Target>[] =>
  hop.groups.flatMap((move) =>
    move.green === move.name
      ? [inPlaceStep(move, `${hopId(hop)}/in-place`)]
      : swapSteps(move, { ...options, prefix: `${hopId(hop)}/swap` }),
  )
