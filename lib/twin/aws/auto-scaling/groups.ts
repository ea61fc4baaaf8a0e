import type { AutoScalingGroup, Instance as GroupInstance } from '@aws-sdk/client-auto-scaling'
import { AwsError, type Aws } from '../call.ts'
import type { Tags } from '../ec2/tags.ts'
import { nextUuid } from '../ids.ts'
import type { RegionState } from '../state.ts'
import { endMember, reconcile, staying, type Launching } from './reconcile.ts'

/** An Auto Scaling group to make. */
export interface AutoScalingGroupSpec {
  readonly name: string
  readonly minSize: number
  readonly maxSize: number
  readonly desiredCapacity: number
  readonly subnetIds: readonly string[]
  /** `version`: a number, `$Latest` or `$Default`. */
  readonly launchTemplate: { readonly id: string; readonly version: string }
  /** The first one is launched; left out: the launch template's own. */
  readonly instanceTypes?: readonly string[]
  readonly capacityType?: 'ON_DEMAND' | 'SPOT'
  /** Propagated to the instances. */
  readonly tags: Tags
  /** Default: over-time. */
  readonly launching?: Launching
}

/** Makes the group and begins to launch its instances. Throws AlreadyExists. */
export const createAutoScalingGroup = (
  aws: Aws,
  region: RegionState,
  spec: AutoScalingGroupSpec,
): AutoScalingGroup => {
  if (region.autoScalingGroups.has(spec.name))
    throw new AwsError(
      'AlreadyExists',
      'AutoScalingGroup by this name already exists - A group with the name ' + `${spec.name} already exists`,
    )
  const group: AutoScalingGroup = {
    AutoScalingGroupName: spec.name,
    AutoScalingGroupARN: `arn:aws:autoscaling:${region.region}:${region.account}:autoScalingGroup:${nextUuid(aws)}:autoScalingGroupName/${spec.name}`,
    ...launchSource(region, spec),
    MinSize: spec.minSize,
    MaxSize: spec.maxSize,
    DesiredCapacity: spec.desiredCapacity,
    DefaultCooldown: 300,
    AvailabilityZones: zonesOf(region, spec.subnetIds),
    VPCZoneIdentifier: spec.subnetIds.join(','),
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 15,
    CreatedTime: new Date(aws.timeline.now()),
    Instances: [],
    SuspendedProcesses: [],
    EnabledMetrics: [],
    TerminationPolicies: ['AllocationStrategy', 'OldestLaunchTemplate', 'OldestInstance'],
    NewInstancesProtectedFromScaleIn: false,
    ServiceLinkedRoleARN: `arn:aws:iam::${region.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    Tags: groupTags(spec.name, spec.tags),
    CapacityRebalance: spec.capacityType === 'SPOT',
  }
  region.autoScalingGroups.set(spec.name, group)
  reconcile(aws, region, group, spec.launching)
  return group
}

const zonesOf = (region: RegionState, subnetIds: readonly string[]): string[] =>
  [...new Set(subnetIds.map((id) => region.subnets.get(id)?.AvailabilityZone ?? ''))].toSorted()

const groupTags = (name: string, tags: Tags) =>
  Object.entries(tags).map(([Key, Value]) => ({
    Key,
    Value,
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    PropagateAtLaunch: true,
  }))

const launchSource = (
  region: RegionState,
  { launchTemplate, instanceTypes, capacityType }: AutoScalingGroupSpec,
): Pick<AutoScalingGroup, 'LaunchTemplate' | 'MixedInstancesPolicy'> => {
  const reference = {
    LaunchTemplateId: launchTemplate.id,
    LaunchTemplateName: region.launchTemplates.get(launchTemplate.id)?.name,
    Version: launchTemplate.version,
  }
  if (!instanceTypes && capacityType !== 'SPOT') return { LaunchTemplate: reference }
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: reference,
        Overrides: (instanceTypes ?? []).map((InstanceType) => ({ InstanceType })),
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: capacityType === 'SPOT' ? 0 : 100,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    },
  }
}

/** Throws ValidationError where there is no such group. */
export const findGroup = (region: RegionState, name: string | undefined): AutoScalingGroup => {
  const group = region.autoScalingGroups.get(name ?? '')
  if (group) return group
  throw new AwsError(
    'ValidationError',
    `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`,
  )
}

/** Ends all instances, then removes the group: it is gone when the last instance is. */
export const deleteAutoScalingGroup = (aws: Aws, region: RegionState, name: string): void => {
  const group = findGroup(region, name)
  group.MinSize = 0
  group.DesiredCapacity = 0
  group.Status = 'Delete in progress'
  for (const member of staying(group)) endMember(aws, region, { group, member })
  if ((group.Instances ?? []).length === 0) removeGroup(region, name)
}

/** Takes the group out of the Region. */
export const removeGroup = (region: RegionState, name: string): void => {
  region.autoScalingGroups.delete(name)
  region.activities.delete(name)
}

/** Sets the desired capacity and begins to move there. Throws ValidationError outside of the group's sizes. */
export const setDesired = (aws: Aws, region: RegionState, name: string, desired: number): void =>
  resizeGroup(aws, region, name, { desired })

/** New sizes of a group. */
export interface Sizes {
  readonly min?: number
  readonly max?: number
  readonly desired?: number
}

/** Sets sizes together and begins to move there; a desired capacity left out is moved into the new bounds. */
export const resizeGroup = (aws: Aws, region: RegionState, name: string, sizes: Sizes): void => {
  const group = findGroup(region, name)
  const min = sizes.min ?? group.MinSize ?? 0
  const max = sizes.max ?? group.MaxSize ?? 0
  const desired = sizes.desired ?? Math.min(max, Math.max(min, group.DesiredCapacity ?? 0))
  if (min > max)
    throw new AwsError(
      'ValidationError',
      `Max bound, ${max}, must be greater than or equal to min bound, ${min}`,
    )
  if (desired > max)
    throw new AwsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is above max value ${max} for the AutoScalingGroup.`,
    )
  if (desired < min)
    throw new AwsError(
      'ValidationError',
      `New SetDesiredCapacity value ${desired} is below min value ${min} for the AutoScalingGroup.`,
    )
  Object.assign(group, { MinSize: min, MaxSize: max, DesiredCapacity: desired })
  reconcile(aws, region, group)
}

/**
 * Ends an instance of a group. `decrement`: the desired capacity goes down with it, else the group launches another one.
 * Throws ValidationError for an instance of no group, or below the minimum size.
 */
export const terminateInstance = (
  aws: Aws,
  region: RegionState,
  instanceId: string,
  { decrement }: { readonly decrement: boolean },
): void => {
  const { group, member } = memberOf(region, instanceId)
  const { DesiredCapacity: desired = 0, MinSize: min = 0 } = group
  const leaving = member.LifecycleState?.startsWith('Terminat')
  if (decrement && !leaving) {
    if (desired - 1 < min)
      throw new AwsError(
        'ValidationError',
        `Currently, desiredSize equals minSize (${min}). Terminating instance without replacement will violate group's min size ` +
          "constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
      )
    group.DesiredCapacity = desired - 1
  }
  endMember(aws, region, { group, member })
  reconcile(aws, region, group)
}

/** The group of an instance. Throws ValidationError. */
export const memberOf = (
  region: RegionState,
  instanceId: string,
): { readonly group: AutoScalingGroup; readonly member: GroupInstance } => {
  for (const group of region.autoScalingGroups.values()) {
    const member = group.Instances?.find(({ InstanceId }) => InstanceId === instanceId)
    if (member) return { group, member }
  }
  throw new AwsError(
    'ValidationError',
    `Instance Id not found - No managed instance found for instance ID: ${instanceId}`,
  )
}
