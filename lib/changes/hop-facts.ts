import { minorsAfter, minorsBetween } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import {
  addOnMoves,
  inAddOnOrder,
  type AddOnMove,
  type InstalledAddOn,
  type NoVersion,
} from './add-on-versions.ts'
import { afterMove, groupsNow, planMove, type GroupNow } from './group-facts.ts'
import type { GroupMove } from './node-group.ts'

/** All that one minor needs, in a plan. `from` is `to` where only what lies behind moves. */
export type Hop = {
  readonly from: string
  readonly to: string
  readonly last: boolean
  readonly addOns: readonly AddOnMove[]
  readonly groups: readonly GroupMove[]
}

/** The way of a cluster from one minor to another. */
export type Way = {
  readonly from: string
  readonly hops: readonly Hop[]
  readonly missing: readonly NoVersion[]
  /** Minor of each group as each hop begins, for the skew. */
  readonly skew: readonly { readonly object: string; readonly minor: string; readonly to: string }[]
}

export interface WayChoice {
  readonly to: string
  readonly nodes: 'each-hop' | 'at-end'
  readonly swap: 'blue-green' | 'in-place'
  readonly amiType?: string
}

/** Pins the way: versions of add-ons and AMI releases of every hop. Throws R003 for a target below the cluster. */
export const planWay = async (target: Target, choice: WayChoice): Promise<Way> => {
  const cluster = await target.eks.describeCluster(target.cluster)
  const from = cluster?.version ?? ''
  if (minorsBetween(from, choice.to) < 0)
    throw new RunbookError(
      'R003',
      `Cannot plan ${target.cluster}: expected --to at least ${from}, found ${choice.to}`,
      {
        hint: `eks-runbook plan upgrade-cluster --cluster ${target.cluster} --to ${from}`,
      },
    )
  const minors = minorsAfter(from, choice.to)
  const pairs =
    minors.length === 0
      ? [{ from, to: from }]
      : minors.map((to, at) => ({ from: minors[at - 1] ?? from, to }))
  return walk(target, { pairs, from, choice })
}

interface Walk {
  readonly pairs: readonly { readonly from: string; readonly to: string }[]
  readonly from: string
  readonly choice: WayChoice
}

const walk = async (target: Target, { pairs, from, choice }: Walk): Promise<Way> => {
  let addOns = await installedAddOns(target)
  let groups: readonly GroupNow[] = await groupsNow(target)
  const way = { hops: [] as Hop[], missing: [] as NoVersion[], skew: [] as Way['skew'][number][] }
  for (const [index, pair] of pairs.entries()) {
    const last = index === pairs.length - 1
    way.skew.push(
      ...groups.map(({ name, version }) => ({ object: `node group ${name}`, minor: version, to: pair.to })),
    )
    const solved = addOns.map((addOn) => ({ addOn, moves: addOnMoves(addOn, pair) }))
    way.missing.push(...solved.flatMap(({ moves }) => ('problem' in moves ? moves : [])))
    const moves = solved.flatMap((each) => ('problem' in each.moves ? [] : each.moves))
    const wanted = last || choice.nodes === 'each-hop' ? groups : []
    const planned = await Promise.all(
      wanted.map((group) => planMove(target, group, { ...choice, version: pair.to })),
    )
    addOns = solved.map(({ addOn, moves: own }) =>
      'problem' in own ? addOn : { ...addOn, version: own.at(-1)?.to ?? addOn.version },
    )
    groups = wanted.length === 0 ? groups : groups.map((group, at) => afterMove(group, planned[at]))
    way.hops.push({
      ...pair,
      last,
      addOns: inAddOnOrder(moves),
      groups: planned.filter((move) => move !== undefined),
    })
  }
  const hops = way.hops.filter((hop) => hop.from !== hop.to || hop.addOns.length + hop.groups.length > 0)
  return { ...way, from, hops }
}

/** Managed add-ons with all that EKS offers of each, by name. */
export const installedAddOns = async ({ eks, cluster }: Target): Promise<readonly InstalledAddOn[]> => {
  const names = (await eks.addOnNames(cluster)).toSorted()
  return Promise.all(
    names.map(async (name) => ({
      name,
      version: (await eks.describeAddOn(cluster, name))?.version ?? '',
      offers: await eks.addOnOffers(name),
    })),
  )
}
