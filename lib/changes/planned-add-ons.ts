import type { PlanFinding } from '../checks/planned.ts'
import type { Target } from '../fleet/target.ts'
import {
  addOnMoves,
  inAddOnOrder,
  type AddOnMove,
  type InstalledAddOn,
  type MinorHop,
} from './add-on-versions.ts'

/** The managed add-ons of a cluster with all that EKS offers of them, in the order in which they move. */
export const installedAddOns = async ({ eks, cluster }: Target): Promise<readonly InstalledAddOn[]> => {
  const found: InstalledAddOn[] = []
  for (const name of await eks.addOnNames(cluster)) {
    const addOn = await eks.describeAddOn(cluster, name)
    if (addOn) found.push({ name, version: addOn.version, offers: await eks.addOnOffers(name) })
  }
  return inAddOnOrder(found)
}

/** The moves of one hop, and the add-ons as they are after it. */
export interface PlannedAddOns {
  readonly moves: readonly AddOnMove[]
  readonly problems: readonly PlanFinding[]
  readonly after: readonly InstalledAddOn[]
}

export const planAddOns = (addOns: readonly InstalledAddOn[], hop: MinorHop): PlannedAddOns => {
  const planned = addOns.map((addOn) => ({ addOn, moves: addOnMoves(addOn, hop) }))
  const listOf = (moves: (typeof planned)[number]['moves']) => ('problem' in moves ? [] : moves)
  return {
    moves: planned.flatMap(({ moves }) => listOf(moves)),
    problems: planned.flatMap(({ moves }) => ('problem' in moves ? [noVersion(moves, hop)] : [])),
    after: planned.map(({ addOn, moves }) => ({
      ...addOn,
      version: listOf(moves).at(-1)?.to ?? addOn.version,
    })),
  }
}

const noVersion = (
  { name, version, problem }: { readonly name: string; readonly version: string; readonly problem: string },
  { to }: MinorHop,
): PlanFinding => ({
  code: 'AD-001',
  outcome: 'block',
  object: `add-on ${name}`,
  expected: `a version for ${to} at or above ${version}`,
  found: problem,
  hint: `aws eks describe-addon-versions --addon-name ${name} --kubernetes-version ${to}`,
})
