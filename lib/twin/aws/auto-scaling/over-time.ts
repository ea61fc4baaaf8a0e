import type { Instance } from '@aws-sdk/client-ec2'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws } from '../call.ts'
import { region as regionOf } from '../regions.ts'
import type { RegionState } from '../state.ts'
import { textOf } from '../task-data.ts'
import { finishActivity } from './activities.ts'
import { removeGroup } from './groups.ts'
import { launchText, reconcile, terminationText } from './reconcile.ts'

/** What Auto Scaling does over time. */
export const autoScalingTasks = (aws: Aws): TaskHandlers => ({
  'autoscaling.retry': (data) => {
    const region = regionOf(aws.state, textOf(data, 'account'), textOf(data, 'region'))
    const group = region.autoScalingGroups.get(textOf(data, 'group'))
    if (group) reconcile(aws, region, group)
  },
})

/** Makes Auto Scaling follow its instances. Call once for an `Aws`, before EKS listens: EKS reads the group's state. */
export const followInstances = (aws: Aws): void => {
  aws.instanceEvents.running.push((region, instance) => memberRuns(aws, region, instance))
  aws.instanceEvents.terminated.push((region, instance) => memberEnded(aws, region, instance))
}

const groupOf = (region: RegionState, instance: Instance) => {
  const name = instance.Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value ?? ''
  return region.autoScalingGroups.get(name)
}

const memberRuns = (aws: Aws, region: RegionState, instance: Instance) => {
  const group = groupOf(region, instance)
  const member = group?.Instances?.find(({ InstanceId }) => InstanceId === instance.InstanceId)
  if (!group || !member || member.LifecycleState !== 'Pending') return
  member.LifecycleState = 'InService'
  finishActivity(aws, region, group.AutoScalingGroupName ?? '', launchText(instance.InstanceId ?? ''))
}

const memberEnded = (aws: Aws, region: RegionState, instance: Instance) => {
  const group = groupOf(region, instance)
  if (!group) return
  const name = group.AutoScalingGroupName ?? ''
  group.Instances = (group.Instances ?? []).filter(({ InstanceId }) => InstanceId !== instance.InstanceId)
  finishActivity(aws, region, name, terminationText(instance.InstanceId ?? ''))
  if (group.Status === 'Delete in progress' && group.Instances.length === 0) removeGroup(region, name)
  else reconcile(aws, region, group)
}
