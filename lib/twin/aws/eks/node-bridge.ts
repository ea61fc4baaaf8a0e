import type { Instance } from '@aws-sdk/client-ec2'
import type { Nodegroup } from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws } from '../call.ts'
import { isEnding } from '../ec2/instances.ts'
import type { RegionState } from '../state.ts'
import { textOf } from '../task-data.ts'
import { registrationOf } from './node-registration.ts'
import { addressOf, kubernetesOf, placeOfTask, type Place } from './place.ts'

/** Makes the instances of node groups join and leave their clusters, whoever scaled the group. Call once, after followInstances. */
export const bridgeNodes = (aws: Aws): void => {
  aws.instanceEvents.running.push((region, instance) => {
    const member = membership(aws, region, instance)
    if (!member) return
    aws.timeline.after(aws.durations.bootNode, {
      kind: 'eks.joinNode',
      data: { ...addressOf(member.place), instance: instance.InstanceId },
    })
  })
  aws.instanceEvents.terminated.push(async (region, instance) => {
    const member = membership(aws, region, instance)
    if (member) await kubernetesOf(member.place)?.removeNode(instance.PrivateDnsName ?? '')
  })
}

const membership = (
  aws: Aws,
  region: RegionState,
  instance: Instance,
): { readonly place: Place; readonly nodegroup: Nodegroup | undefined } | undefined => {
  const tag = (key: string) => instance.Tags?.find(({ Key }) => Key === key)?.Value ?? ''
  const state = region.clusters.get(tag('eks:cluster-name'))
  return (
    state && { place: { aws, region, state }, nodegroup: state.nodegroups.get(tag('eks:nodegroup-name')) }
  )
}

/** Registers the node of an instance; a fault (node-never-ready, as eks JoinNode) may keep it from getting Ready. */
export const joinInstance = async (
  place: Place,
  nodegroup: Nodegroup,
  { instance, readyAfterSeconds }: { readonly instance: Instance; readonly readyAfterSeconds: number },
): Promise<void> => {
  const object = JSON.stringify({
    clusterName: nodegroup.clusterName,
    nodegroupName: nodegroup.nodegroupName,
    instanceId: instance.InstanceId,
    node: instance.PrivateDnsName,
  })
  const never = place.aws.strike('node-never-ready', { service: 'eks', operation: 'JoinNode', object })
  await kubernetesOf(place)?.joinNode(
    registrationOf(place, nodegroup, { instance, readyAfterSeconds: never ? undefined : readyAfterSeconds }),
  )
}

export const nodeBridgeTasks = (aws: Aws): TaskHandlers => ({
  'eks.joinNode': async (data) => {
    const place = placeOfTask(aws, data)
    const instance = place?.region.instances.get(textOf(data, 'instance'))
    if (!place || !instance || isEnding(instance)) return
    const member = membership(aws, place.region, instance)
    if (member?.nodegroup)
      await joinInstance(place, member.nodegroup, {
        instance,
        readyAfterSeconds: aws.durations.nodeReady,
      })
  },
})
