import type { PlanFinding } from '../checks/planned.ts'
import type { Target } from '../fleet/target.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import {
  addOnMoves,
  inAddOnOrder,
  type AddOnMove,
  type AddOnNow,
  type InstalledAddOn,
  type MinorHop,
} from './add-on-versions.ts'
import { isProblem } from './planned-groups.ts'
import { provenMoves } from './proven.ts'

/** The managed add-ons of a cluster with their versions, in the order in which they move. */
export const addOnsNow = async ({ eks, cluster }: Target): Promise<readonly AddOnNow[]> => {
  const found: AddOnNow[] = []
  for (const name of await eks.addOnNames(cluster)) {
    const addOn = await eks.describeAddOn(cluster, name)
    if (addOn) found.push({ name, version: addOn.version })
  }
  return inAddOnOrder(found)
}

/** The same with all that EKS offers of them. */
export const installedAddOns = async (target: Target): Promise<readonly InstalledAddOn[]> => {
  const found: InstalledAddOn[] = []
  for (const addOn of await addOnsNow(target))
    found.push({ ...addOn, offers: await target.eks.addOnOffers(addOn.name) })
  return found
}

/** Add-ons without what EKS offers of them, as facts carry them. */
export const versionsOf = (addOns: readonly AddOnNow[]): readonly AddOnNow[] =>
  addOns.map(({ name, version }) => ({ name, version }))

/** The moves of one hop, and the add-ons as they are after it. */
export interface PlannedAddOns {
  readonly moves: readonly AddOnMove[]
  readonly problems: readonly PlanFinding[]
  readonly after: readonly InstalledAddOn[]
}

/** Plans the moves of one hop: those that were proven, where a proven plan has the add-on. */
export const planAddOns = (
  addOns: readonly InstalledAddOn[],
  hop: MinorHop,
  proven?: PlanShape,
): PlannedAddOns => {
  const planned = addOns.map((addOn) => ({
    addOn,
    moves: (proven && provenMoves(proven, addOn, hop)) ?? offeredMoves(addOn, hop),
  }))
  const listOf = (moves: (typeof planned)[number]['moves']) => (isProblem(moves) ? [] : moves)
  return {
    moves: planned.flatMap(({ moves }) => listOf(moves)),
    problems: planned.flatMap(({ moves }) => (isProblem(moves) ? [moves] : [])),
    after: planned.map(({ addOn, moves }) => ({
      ...addOn,
      version: listOf(moves).at(-1)?.to ?? addOn.version,
    })),
  }
}

const offeredMoves = (addOn: InstalledAddOn, hop: MinorHop): readonly AddOnMove[] | PlanFinding => {
  const moves = addOnMoves(addOn, hop)
  return 'problem' in moves ? noVersion(moves, hop) : moves
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
