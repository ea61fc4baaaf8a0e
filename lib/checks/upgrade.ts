import { minorsAfter } from '../aws/minor.ts'
import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import { addOnsHealthy } from './add-ons.ts'
import { addressesForGreen, vcpuQuota } from './capacity.ts'
import {
  addressesForControlPlane,
  clusterHealthy,
  clusterReady,
  inSupport,
  versionPath,
} from './control-plane.ts'
import {
  al2Choice,
  nodeGroupsHealthy,
  nodesMatchControlPlane,
  noKubeletSkew,
  noKubeProxySkew,
  noOwnBootstrap,
} from './data-plane.ts'
import { fragileWorkloads, noStuckBudgets } from './workloads.ts'

/** A group that gets other nodes: what its AMI type is and will be. */
export interface MovingGroup {
  readonly name: string
  readonly amiType: string
  readonly to: string
  readonly minor: string
}

/** What must hold of a cluster before its control plane goes from one minor to another. */
export const beforeUpgrade = (from: string, to: string): readonly Check<Target>[] => {
  const [first = to] = minorsAfter(from, to)
  return [
    versionPath([from, ...minorsAfter(from, to)]),
    inSupport(from),
    clusterReady(first),
    clusterHealthy,
    addressesForControlPlane,
    noKubeletSkew(first),
    noKubeProxySkew(first),
    nodesMatchControlPlane,
    addOnsHealthy(),
  ]
}

/** What must hold before nodes are replaced; nothing where none are. */
export const beforeSwap = (groups: readonly MovingGroup[]): readonly Check<Target>[] => {
  if (groups.length === 0) return []
  const names = groups.map(({ name }) => name)
  return [
    nodeGroupsHealthy(names),
    al2Choice(groups),
    noOwnBootstrap(groups),
    ...names.map((name) => addressesForGreen(name)),
    vcpuQuota,
    ...noStuckBudgets(names),
    ...fragileWorkloads(names),
  ]
}
