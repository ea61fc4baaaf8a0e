import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import type { Nodegroup } from '@aws-sdk/client-eks'
import { staying } from '../auto-scaling/reconcile.ts'
import { kubernetesOf, type Place } from './place.ts'

/** An instance of a node group's Auto Scaling group, not on its way out. */
export interface Member {
  readonly instanceId: string
  readonly node: string
  readonly zone: string
}

/** The Auto Scaling group of a node group; undefined when somebody deleted it. */
export const groupOf = ({ region }: Place, nodegroup: Nodegroup): AutoScalingGroup | undefined =>
  region.autoScalingGroups.get(nodegroup.resources?.autoScalingGroups?.[0]?.name ?? '')

/** Members in the order of their launch. */
export const membersOf = (place: Place, nodegroup: Nodegroup): readonly Member[] => {
  const group = groupOf(place, nodegroup)
  return (group ? staying(group) : []).map(
    ({ InstanceId: instanceId = '', AvailabilityZone: zone = '' }) => ({
      instanceId,
      zone,
      node: place.region.instances.get(instanceId)?.PrivateDnsName ?? '',
    }),
  )
}

/** Those whose nodes are Ready. */
export const readyOf = async (place: Place, members: readonly Member[]): Promise<readonly Member[]> => {
  const ready = (await kubernetesOf(place)?.nodesReady(members.map(({ node }) => node))) ?? []
  return members.filter(({ node }) => ready.includes(node))
}

const excluded = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' }

/** Marks nodes unschedulable and takes them out of load balancers. */
export const cordonMembers = async (place: Place, members: readonly Member[]): Promise<void> => {
  for (const { node } of members) await kubernetesOf(place)?.cordonNode(node, excluded)
}

/** Evicts what can be evicted; true when no pod but those of DaemonSets is left. */
export const emptied = async (place: Place, members: readonly Member[]): Promise<boolean> => {
  const kubernetes = kubernetesOf(place)
  if (!kubernetes) return true
  let empty = true
  for (const { node } of members)
    for (const pod of await kubernetes.podsOn(node)) {
      if (pod.daemonSet) continue
      empty = false
      if (!pod.terminating) await kubernetes.evict(pod)
    }
  return empty
}
