import type { AutoScalingGroup, TagDescription } from '@aws-sdk/client-auto-scaling'
import { AwsError } from '../call.ts'
import { fits } from '../ec2/filters.ts'
import { tagTable } from '../ec2/tags.ts'
import { findLaunchTemplate } from '../ec2/launch-templates.ts'
import { pageOf } from '../pages.ts'
import type { RegionState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import {
  createAutoScalingGroup,
  deleteAutoScalingGroup,
  findGroup,
  resizeGroup,
  setDesired,
  terminateInstance,
} from './groups.ts'

/** Auto Scaling groups: making, sizing, ending. */
export const groupHandlers = {
  'autoscaling.CreateAutoScalingGroup': (input, call) => {
    const name = input.AutoScalingGroupName ?? ''
    const template = findLaunchTemplate(call.region, input.LaunchTemplate ?? {})
    createAutoScalingGroup(call.aws, call.region, {
      name,
      minSize: input.MinSize ?? 0,
      maxSize: input.MaxSize ?? 0,
      desiredCapacity: input.DesiredCapacity ?? input.MinSize ?? 0,
      subnetIds: subnetIds(call.region, input.VPCZoneIdentifier),
      launchTemplate: { id: template.id, version: input.LaunchTemplate?.Version ?? '$Default' },
      tags: tagTable(input.Tags),
    })
    call.effect(`Auto Scaling group ${name} created`)
    return {}
  },
  'autoscaling.UpdateAutoScalingGroup': (input, call) => {
    const name = input.AutoScalingGroupName ?? ''
    const group = findGroup(call.region, name)
    const before = JSON.stringify([group.MinSize, group.MaxSize, group.DesiredCapacity, group.LaunchTemplate])
    if (input.LaunchTemplate) {
      const template = findLaunchTemplate(call.region, input.LaunchTemplate)
      group.LaunchTemplate = {
        LaunchTemplateId: template.id,
        LaunchTemplateName: template.name,
        Version: input.LaunchTemplate.Version ?? '$Default',
      }
    }
    if (input.NewInstancesProtectedFromScaleIn !== undefined)
      group.NewInstancesProtectedFromScaleIn = input.NewInstancesProtectedFromScaleIn
    resizeGroup(call.aws, call.region, name, {
      ...(input.MinSize !== undefined && { min: input.MinSize }),
      ...(input.MaxSize !== undefined && { max: input.MaxSize }),
      ...(input.DesiredCapacity !== undefined && { desired: input.DesiredCapacity }),
    })
    const after = JSON.stringify([group.MinSize, group.MaxSize, group.DesiredCapacity, group.LaunchTemplate])
    call.effect(`Auto Scaling group ${name} updated`, before === after)
    return {}
  },
  'autoscaling.DeleteAutoScalingGroup': ({ AutoScalingGroupName: name = '', ForceDelete = false }, call) => {
    const group = findGroup(call.region, name)
    if (!ForceDelete && (group.Instances ?? []).length > 0)
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      )
    deleteAutoScalingGroup(call.aws, call.region, name)
    call.effect(`Auto Scaling group ${name} deleted`)
    return {}
  },
  'autoscaling.SetDesiredCapacity': ({ AutoScalingGroupName: name = '', DesiredCapacity = 0 }, call) => {
    const same = findGroup(call.region, name).DesiredCapacity === DesiredCapacity
    setDesired(call.aws, call.region, name, DesiredCapacity)
    call.effect(`desired capacity of Auto Scaling group ${name} is ${DesiredCapacity}`, same)
    return {}
  },
  'autoscaling.TerminateInstanceInAutoScalingGroup': (input, call) => {
    const { InstanceId = '', ShouldDecrementDesiredCapacity = false } = input
    const ending = call.region.instances.get(InstanceId)?.State?.Name === 'shutting-down'
    terminateInstance(call.aws, call.region, InstanceId, { decrement: ShouldDecrementDesiredCapacity })
    call.effect(`instance ${InstanceId} ends`, ending)
    const activity = [...call.region.activities.values()]
      .flat()
      .findLast(({ Description }) => Description === `Terminating EC2 instance: ${InstanceId}`)
    return { Activity: activity }
  },
} satisfies HandlersOf<'autoscaling', typeof import('@aws-sdk/client-auto-scaling')>

const subnetIds = (region: RegionState, identifier: string | undefined): readonly string[] => {
  const ids = (identifier ?? '').split(',').map((id) => id.trim())
  const unknown = ids.filter((id) => !region.subnets.has(id))
  if (unknown.length === 0) return ids
  throw new AwsError('ValidationError', `The subnet ID '${unknown.join(', ')}' does not exist`)
}

/** Auto Scaling groups: looking, tags, and processes that can be suspended. */
export const groupReadHandlers = {
  'autoscaling.DescribeAutoScalingGroups': (input, { region }) => {
    const names = input.AutoScalingGroupNames ?? []
    const found = [...region.autoScalingGroups.values()]
      .filter(({ AutoScalingGroupName = '' }) => names.length === 0 || names.includes(AutoScalingGroupName))
      .filter((group) => fits(input.Filters, { values: tagValues(group), tags: group.Tags }))
    const { items, next } = pageOf(found, {
      token: input.NextToken,
      size: input.MaxRecords ?? 50,
      code: 'InvalidNextToken',
    })
    return { AutoScalingGroups: [...items], NextToken: next }
  },
  'autoscaling.DescribeAutoScalingInstances': (input, { region }) => {
    const ids = input.InstanceIds ?? []
    const found = [...region.autoScalingGroups.values()].flatMap((group) =>
      (group.Instances ?? [])
        .filter(({ InstanceId = '' }) => ids.length === 0 || ids.includes(InstanceId))
        .map((member) => ({ ...member, AutoScalingGroupName: group.AutoScalingGroupName })),
    )
    const { items, next } = pageOf(found, {
      token: input.NextToken,
      size: input.MaxRecords ?? 50,
      code: 'InvalidNextToken',
    })
    return { AutoScalingInstances: [...items], NextToken: next }
  },
  'autoscaling.DescribeScalingActivities': (input, { region }) => {
    const name = input.AutoScalingGroupName
    const all =
      name === undefined ? [...region.activities.values()].flat() : (region.activities.get(name) ?? [])
    const found = all
      .filter(({ ActivityId = '' }) => !input.ActivityIds || input.ActivityIds.includes(ActivityId))
      .toReversed()
    const { items, next } = pageOf(found, {
      token: input.NextToken,
      size: input.MaxRecords ?? 100,
      code: 'InvalidNextToken',
    })
    return { Activities: [...items], NextToken: next }
  },
  'autoscaling.CreateOrUpdateTags': ({ Tags = [] }, call) => {
    for (const { ResourceId, Key = '', Value = '', PropagateAtLaunch = false } of Tags) {
      const group = findGroup(call.region, ResourceId)
      const tag = { ResourceId, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch }
      group.Tags = [...(group.Tags ?? []).filter((entry) => entry.Key !== Key), tag]
      call.effect(`Auto Scaling group ${ResourceId} tagged ${Key}`)
    }
    return {}
  },
  'autoscaling.DeleteTags': ({ Tags = [] }, call) => {
    for (const { ResourceId, Key } of Tags) {
      const group = findGroup(call.region, ResourceId)
      group.Tags = (group.Tags ?? []).filter((entry) => entry.Key !== Key)
      call.effect(`tag ${Key} of Auto Scaling group ${ResourceId} removed`)
    }
    return {}
  },
  'autoscaling.DescribeTags': ({ Filters, NextToken, MaxRecords }, { region }) => {
    const all = [...region.autoScalingGroups.values()].flatMap(({ Tags = [] }) => Tags)
    const found = all.filter((tag) => fits(Filters, { values: filterValues(tag) }))
    const { items, next } = pageOf(found, {
      token: NextToken,
      size: MaxRecords ?? 50,
      code: 'InvalidNextToken',
    })
    return { Tags: [...items], NextToken: next }
  },
} satisfies HandlersOf<'autoscaling', typeof import('@aws-sdk/client-auto-scaling')>

const tagValues = ({ Tags = [] }: AutoScalingGroup) => ({ 'tag-value': Tags.map(({ Value }) => Value) })

const filterValues = (tag: TagDescription) => ({
  'auto-scaling-group': [tag.ResourceId],
  key: [tag.Key],
  value: [tag.Value],
  'propagate-at-launch': [String(tag.PropagateAtLaunch)],
})
