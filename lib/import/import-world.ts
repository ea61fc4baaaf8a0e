import type { Target } from '../fleet/target.ts'
import type { Clock } from '../runbook/clock.ts'
import { RunbookError } from '../runbook/errors.ts'
import { tell } from '../runbook/messages.ts'
import type { Operator } from '../runbook/operator.ts'
import { addCuts, leftOutOf, type LeftOut, type Refused } from './left-out.ts'
import { fleetOf, principalOf, readQuotas, readSubnets, type FleetPlace } from './read-account.ts'
import { readAddOns } from './read-add-ons.ts'
import { readCatalogue } from './read-catalogue.ts'
import { readKubernetes, type KubernetesTaken } from './read-kubernetes.ts'
import { readNodeGroups } from './read-node-groups.ts'
import type { AccountData, WorldData } from './world-data.ts'
import { importMark, worldText } from './world-text.ts'

export interface ImportOptions {
  readonly place: FleetPlace
  /** ARN of the caller. */
  readonly caller: string
  readonly clock: Clock
  readonly operator: Operator
  /** Of the world's chances. Default: 1. */
  readonly seed?: number
}

/** A world made of a live cluster. */
export interface ImportedWorld {
  /** The text of a world file. */
  readonly yaml: string
  /** The same as data. */
  readonly world: WorldData
  readonly leftOut: readonly LeftOut[]
  /** What was taken: objects by kind, node groups, add-ons. */
  readonly taken: { readonly [kind: string]: number }
  /** Kubernetes objects read in all. */
  readonly read: number
}

/**
 * Reads a cluster into a world: AWS and Kubernetes, reads only, nothing that is or may be a secret. Throws R005 when the
 * cluster is gone, R022 when a read is refused, R024 when an API keeps failing.
 */
export const importWorld = async (target: Target, options: ImportOptions): Promise<ImportedWorld> => {
  const { operator, clock } = options
  tell(operator, 'M063', { text: `Reading ${target.cluster} from AWS`, data: { cluster: target.cluster } })
  const aws = await readAws(target, options)
  const kubernetes = await readKubernetes({
    target,
    addOns: aws.account.clusters[0].addOns.map(({ name }) => name),
    now: clock.now(),
    operator,
  })
  const { cluster } = target
  const start = new Date(clock.now()).toISOString()
  const world: WorldData = {
    name: cluster,
    seed: options.seed ?? 1,
    start,
    fleet: fleetOf(options.place),
    accounts: [aws.account],
    catalogue: aws.catalogue,
    timings: kubernetes.timings,
    manifests: { [manifestSet]: kubernetes.manifests },
  }
  const { fleet } = options.place
  const others = fleet.clusters.length - 1 + fleet.pairs.length
  const cuts = addCuts(aws.cuts, kubernetes.cuts, others === 0 ? {} : { pairs: others })
  const heading = [
    `${importMark.slice(2)}${target.arn} at ${start}.`,
    'A copy to rehearse on: no secrets, no environments, no commands. Its one principal may do everything.',
  ]
  return {
    yaml: worldText(world, heading),
    world,
    leftOut: leftOutOf(cuts, [...aws.refused, ...kubernetes.refused]),
    taken: takenOf(world, kubernetes),
    read: kubernetes.read,
  }
}

/** Name of the one manifest set. */
const manifestSet = 'imported'

const readAws = async (target: Target, { place, caller }: ImportOptions) => {
  const cluster = await target.eks.describeCluster(target.cluster)
  if (!cluster) throw gone(target)
  const { name, version, supportType } = cluster
  const groups = await readNodeGroups(target)
  const addOns = await readAddOns(target)
  const installed = { version, addOns: addOns.addOns, nodeGroups: groups.groups }
  const { catalogue, cuts } = await readCatalogue(target, installed)
  const account: AccountData = {
    id: target.account,
    region: target.region,
    principals: [principalOf(caller, place)],
    subnets: await readSubnets(target, cluster, groups),
    quotas: await readQuotas(target),
    clusters: [
      {
        name,
        version,
        supportType: supportType === 'STANDARD' ? 'STANDARD' : 'EXTENDED',
        addOns: installed.addOns,
        nodeGroups: installed.nodeGroups,
        uses: [manifestSet],
      },
    ],
  }
  const refused: readonly Refused[] = [...groups.refused, ...addOns.refused]
  return { account, catalogue, cuts: addCuts(groups.cuts, addOns.cuts, cuts), refused }
}

const gone = ({ cluster, account, region }: Target): RunbookError =>
  new RunbookError(
    'R005',
    `Cannot import ${cluster}: expected it in EKS of ${account} ${region}, found none`,
    {
      hint: 'eks-runbook fleet check',
    },
  )

const takenOf = (
  { accounts: [account] }: WorldData,
  { manifests }: KubernetesTaken,
): ImportedWorld['taken'] => {
  const [cluster] = account.clusters
  const kinds = Map.groupBy(manifests, ({ kind }) => kind)
  return {
    'node groups': cluster.nodeGroups.length,
    'add-ons': cluster.addOns.length,
    subnets: account.subnets.length,
    ...Object.fromEntries([...kinds].map(([kind, objects]) => [kind, objects.length])),
  }
}
