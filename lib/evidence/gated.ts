import type { PlanTarget } from '../runbook/plan.ts'
import { nameOf, type Fleet, type FleetCluster } from '../fleet/fleet.ts'

/** A cluster that needs evidence, and the clusters that stand for it; none: the fleet names no pair yet. */
export interface Gated {
  readonly staging: readonly FleetCluster[]
}

/**
 * Whether evidence is needed for a cluster, by its ARN and, whatever its ARN, by its name on the command line: where it
 * stands as production in a pair, or in the last of several environments. Undefined where none is.
 */
export const gatedBy = (
  fleet: Fleet,
  { cluster, arn }: Pick<PlanTarget, 'cluster' | 'arn'>,
): Gated | undefined => {
  const own = fleet.clusters.filter((each) => nameOf(each) === cluster || isArnOf(arn, each, fleet))
  const pairs = fleet.pairs.filter(({ production }) => own.some((each) => nameOf(each) === production))
  const last = fleet.environments.length > 1 ? fleet.environments.at(-1) : undefined
  const isLast = own.some(({ environment }) => environment === last)
  if (pairs.length === 0 && !isLast) return undefined
  const names = new Set(pairs.map(({ staging }) => staging))
  return { staging: fleet.clusters.filter((each) => names.has(nameOf(each))) }
}

/** True when the ARN is that of the cluster in its account and Region, whichever partition. */
export const isArnOf = (arn: string, cluster: FleetCluster, fleet: Fleet): boolean => {
  const account = fleet.accounts.find(({ alias }) => alias === cluster.account)?.id ?? ''
  const [start, partition = '', ...rest] = arn.split(':')
  return (
    start === 'arn' &&
    /^aws[a-z-]*$/.test(partition) &&
    rest.join(':') === `eks:${cluster.region}:${account}:cluster/${cluster.name}`
  )
}

/** What to add to fleet.yaml so that a cluster gets a pair. */
export const pairHint = (fleet: Fleet, cluster: string): string => {
  const rank = (each: FleetCluster) => fleet.environments.indexOf(each.environment)
  const own = fleet.clusters.find((each) => nameOf(each) === cluster)
  const before = fleet.clusters
    .filter((each) => own !== undefined && rank(each) < rank(own))
    .toSorted((a, b) => rank(b) - rank(a))[0]
  const staging = before === undefined ? '<staging cluster>' : nameOf(before)
  return `add to fleet.yaml: pairs: [{ production: ${cluster}, staging: ${staging} }], then: eks-runbook fleet check`
}
