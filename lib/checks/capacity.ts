import type { Subnet } from '../aws/ec2.ts'
import type { NodeGroup } from '../aws/eks-node-groups.ts'
import { standardVcpu } from '../aws/service-quotas.ts'
import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import { check, type Found } from './finding.ts'

/** Addresses a node and its pods take at the least with the VPC CNI's defaults: its own interfaces' warm pool. */
const addressesPerNode = 16

/** DP-006: room for as many nodes as the group has, in its own subnets. */
export const addressesForGreen = (group: string): Check<Target> =>
  check('DP-006', `node group ${group}`, async ({ target: { eks, ec2, cluster } }) => {
    const blue = await eks.describeNodeGroup(cluster, group)
    return blue ? greenAddressProblems(blue, await ec2.subnets(blue.settings.subnets)) : []
  })

export const greenAddressProblems = (
  { name, desiredSize, settings }: Pick<NodeGroup, 'name' | 'desiredSize' | 'settings'>,
  subnets: readonly Subnet[],
): readonly Found[] => {
  const nodes = Math.ceil(desiredSize / Math.max(1, settings.subnets.length))
  const need = nodes * addressesPerNode
  const object = `subnets of node group ${name}`
  const missing = settings.subnets.filter((id) => !subnets.some((subnet) => subnet.id === id))
  const short = subnets.filter(({ freeAddresses }) => freeAddresses < need)
  return [
    ...missing.map((id): Found => ({
      outcome: 'block',
      object,
      expected: `subnet ${id}`,
      found: 'it is gone',
      hint: 'make the group anew in subnets that exist',
    })),
    ...short.map(({ id, zone, freeAddresses }): Found => ({
      outcome: freeAddresses < nodes ? 'block' : 'warn',
      object,
      expected: `${need} free addresses in ${id} (${zone})`,
      found: String(freeAddresses),
      hint: 'add a subnet, or prefix delegation',
    })),
  ]
}

/** DP-009: a quota that cannot be read is unknown; `acceptUnknown` lets it through. */
export const vcpuQuota: Check<Target> = check('DP-009', 'vCPU quota', async ({ target }) => {
  const quota = await target.quotas.quota(standardVcpu.service, standardVcpu.code)
  const nodes = await target.kube.nodes()
  const used = nodes.reduce((sum, { allocatable }) => sum + Math.ceil(allocatable.cpu), 0)
  return quotaProblems(quota, used)
})

/** `used`: vCPU of the cluster's own nodes, all of which a swap might double in the worst case. */
export const quotaProblems = (quota: number | 'unreadable', used: number): readonly Found[] => {
  const object = `EC2 quota ${standardVcpu.code}`
  if (quota === 'unreadable')
    return [
      {
        outcome: 'unknown',
        object,
        expected: `room for ${used} more vCPU`,
        found: 'the quota cannot be read',
        hint: 'allow servicequotas:GetServiceQuota, or plan with --accept-unknown DP-009',
      },
    ]
  if (used * 2 > quota)
    return [
      {
        outcome: 'warn',
        object,
        expected: `${used * 2} vCPU at most, if all groups were doubled`,
        found: String(quota),
        hint: 'ask for a higher quota before the swap',
      },
    ]
  return []
}
