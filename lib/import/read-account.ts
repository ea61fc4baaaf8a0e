import type { EksCluster } from '../aws/eks-cluster.ts'
import { standardVcpu } from '../aws/service-quotas.ts'
import type { Fleet, FleetAccount, FleetCluster } from '../fleet/fleet.ts'
import type { Target } from '../fleet/target.ts'
import type { Json } from '../runbook/json.ts'
import { redact } from '../runbook/redact.ts'
import type { NodeGroupsTaken } from './read-node-groups.ts'
import type { AccountData } from './world-data.ts'

/** The place of a cluster in the fleet. */
export interface FleetPlace {
  readonly fleet: Fleet
  readonly cluster: FleetCluster
  readonly account: FleetAccount
}

/** The fleet of one cluster: environments and defaults as they are, no pairs, no rules. */
export const fleetOf = ({ fleet, cluster, account }: FleetPlace): object => ({
  accounts: [
    {
      id: account.id,
      alias: account.alias,
      regions: [cluster.region],
      ...(account.profile === undefined ? {} : { profile: account.profile }),
    },
  ],
  environments: fleet.environments,
  clusters: [withoutChecks(cluster)],
  defaults: redact(structuredClone(fleet.defaults) as Json),
})

/** Name and place. The checks of the team ask the real thing: they are of no use on a copy. */
const withoutChecks = ({ name, as, account, region, environment }: FleetCluster): object => ({
  name,
  ...(as === undefined ? {} : { as }),
  account,
  region,
  environment,
})

/**
 * The caller as the one principal of the world. There it may do everything in Kubernetes, whatever it may do in the
 * cluster: a rehearsal changes what the caller of an import only reads.
 */
export const principalOf = (caller: string, { account }: FleetPlace): AccountData['principals'][number] => {
  const [, kind, name] =
    /:(assumed-role|role|user)\/(?:[^/]+\/)*?([\w+=,.@-]+)(?:\/[^/]*)?$/.exec(caller) ?? []
  return {
    profile: account.profile ?? 'default',
    name: kind === 'user' ? `user/${name}` : `role/${name ?? 'importer'}`,
    accessPolicy: 'AmazonEKSClusterAdminPolicy',
  }
}

/**
 * Subnets of the cluster and of its node groups. In the file the nodes that are there have not taken their addresses yet:
 * a twin makes them again, each with one address.
 */
export const readSubnets = async (
  { ec2 }: Target,
  cluster: EksCluster,
  { groups, nodes }: Pick<NodeGroupsTaken, 'groups' | 'nodes'>,
): Promise<AccountData['subnets']> => {
  const ids = [...new Set([...cluster.subnetIds, ...groups.flatMap(({ subnets }) => subnets)])].toSorted()
  const found = await ec2.subnets(ids)
  const subnets = ids.flatMap((id) => found.find((subnet) => subnet.id === id) ?? [])
  const held = new Map<string, number>()
  for (const { nodeGroup, zone } of nodes) {
    const own = groups.find(({ name }) => name === nodeGroup)?.subnets ?? []
    const [emptiest] = subnets
      .filter((subnet) => subnet.zone === zone && own.includes(subnet.id))
      .toSorted((a, b) => (held.get(a.id) ?? 0) - (held.get(b.id) ?? 0))
    if (emptiest) held.set(emptiest.id, (held.get(emptiest.id) ?? 0) + 1)
  }
  return subnets.map(({ id, zone, cidr = '10.0.0.0/16', freeAddresses }) => ({
    id,
    zone,
    cidr,
    freeAddresses: freeAddresses + (held.get(id) ?? 0),
  }))
}

/** Quotas that checks read. */
export const readQuotas = async ({ quotas }: Target): Promise<AccountData['quotas']> => {
  const { service, code } = standardVcpu
  const value = await quotas.quota(service, code)
  return { [`${service}/${code}`]: value === 'unreadable' ? 'denied' : value }
}
