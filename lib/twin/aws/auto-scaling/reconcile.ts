import type { AutoScalingGroup, Instance as GroupInstance } from '@aws-sdk/client-auto-scaling'
import type { Instance, LaunchTemplateVersion } from '@aws-sdk/client-ec2'
import { AwsError, type Aws } from '../call.ts'
import { beginBoot, beginTermination, launchInstance, markRunning } from '../ec2/instances.ts'
import { findLaunchTemplate, launchTemplateVersion } from '../ec2/launch-templates.ts'
import { tagTable } from '../ec2/tags.ts'
import type { RegionState } from '../state.ts'
import { recordActivity } from './activities.ts'

/** `'over-time'`: instances boot as in EC2, listeners are told. `'at-once'`: they run already and nobody is told (seeding). */
export type Launching = 'over-time' | 'at-once'

/** A group that cannot launch tries again after so long. */
const retrySeconds = 60

/** Moves a group one round towards its desired capacity, as far as its suspended processes allow. */
export const reconcile = (
  aws: Aws,
  region: RegionState,
  group: AutoScalingGroup,
  launching: Launching = 'over-time',
): void => {
  const missing = (group.DesiredCapacity ?? 0) - staying(group).length
  if (missing > 0 && !isSuspended(group, 'Launch'))
    launchMissing(aws, { region, group }, { missing, launching })
  if (missing < 0 && !isSuspended(group, 'Terminate'))
    for (const member of surplus(region, group, -missing)) endMember(aws, region, { group, member })
}

export const isSuspended = (group: AutoScalingGroup, processName: string): boolean =>
  (group.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === processName)

/** Members that are not on their way out. */
export const staying = (group: AutoScalingGroup): readonly GroupInstance[] =>
  (group.Instances ?? []).filter(({ LifecycleState }) => !LifecycleState?.startsWith('Terminat'))

interface InGroup {
  readonly region: RegionState
  readonly group: AutoScalingGroup
}

const launchMissing = (
  aws: Aws,
  place: InGroup,
  { missing, launching }: { readonly missing: number; readonly launching: Launching },
) => {
  for (let count = 0; count < missing; count += 1) {
    try {
      launchMember(aws, place, launching)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      failLaunch(aws, place, error)
      return
    }
  }
}

const launchMember = (aws: Aws, place: InGroup, launching: Launching) => {
  const { region, group } = place
  const instance = launchFor(aws, place)
  const id = instance.InstanceId ?? ''
  const template =
    group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate
  group.Instances = [
    ...(group.Instances ?? []),
    {
      InstanceId: id,
      InstanceType: instance.InstanceType,
      AvailabilityZone: instance.Placement?.AvailabilityZone,
      LifecycleState: launching === 'at-once' ? 'InService' : 'Pending',
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: group.NewInstancesProtectedFromScaleIn ?? false,
      LaunchTemplate: template && { ...template, Version: String(templateVersion(place).VersionNumber) },
    },
  ]
  recordActivity(aws, place, {
    description: launchText(id),
    cause: 'an instance was started in response to a difference between desired and actual capacity.',
    status: launching === 'at-once' ? 'Successful' : 'InProgress',
  })
  if (launching === 'at-once') markRunning(instance)
  else beginBoot(aws, region, instance)
}

/** Description of the activity that launches an instance. */
export const launchText = (instanceId: string): string => `Launching a new EC2 instance: ${instanceId}`

/** Description of the activity that ends an instance. */
export const terminationText = (instanceId: string): string => `Terminating EC2 instance: ${instanceId}`

const launchFor = (aws: Aws, place: InGroup): Instance => {
  const { region, group } = place
  const data = templateVersion(place).LaunchTemplateData
  const policy = group.MixedInstancesPolicy
  const spot = policy?.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity === 0
  const tags = (group.Tags ?? []).filter(({ PropagateAtLaunch }) => PropagateAtLaunch)
  const own = data?.TagSpecifications?.find(({ ResourceType }) => ResourceType === 'instance')?.Tags
  return launchInstance(aws, region, {
    subnetId: nextSubnet(region, group),
    instanceType: policy?.LaunchTemplate?.Overrides?.[0]?.InstanceType ?? data?.InstanceType ?? 'm5.large',
    imageId: data?.ImageId ?? '',
    securityGroupIds: data?.SecurityGroupIds ?? [],
    lifecycle: spot ? 'spot' : 'on-demand',
    tags: {
      ...tagTable(own),
      ...tagTable(tags),
      'aws:autoscaling:groupName': group.AutoScalingGroupName ?? '',
      'aws:ec2launchtemplate:id': templateVersion(place).LaunchTemplateId ?? '',
      'aws:ec2launchtemplate:version': String(templateVersion(place).VersionNumber),
    },
  })
}

const templateVersion = ({ region, group }: InGroup): LaunchTemplateVersion => {
  const reference =
    group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate ?? {}
  return launchTemplateVersion(findLaunchTemplate(region, reference), reference.Version)
}

/** The subnet whose zone has the fewest members, the group's own order deciding between equals. */
const nextSubnet = (region: RegionState, group: AutoScalingGroup): string => {
  const subnets = (group.VPCZoneIdentifier ?? '').split(',')
  const membersIn = (subnetId: string) => {
    const zone = region.subnets.get(subnetId)?.AvailabilityZone
    return staying(group).filter(({ AvailabilityZone }) => AvailabilityZone === zone).length
  }
  // A zone that could not launch last time comes last among equals, so that a retry tries another one.
  const failed = region.activities
    .get(group.AutoScalingGroupName ?? '')
    ?.filter(({ StatusCode }) => StatusCode === 'Failed')
  const turn = (failed?.length ?? 0) % subnets.length
  const order = [...subnets.slice(turn), ...subnets.slice(0, turn)]
  return order.toSorted((a, b) => membersIn(a) - membersIn(b))[0] ?? ''
}

const failLaunch = (aws: Aws, place: InGroup, error: AwsError) => {
  const name = place.group.AutoScalingGroupName ?? ''
  const retryPlanned = (place.region.activities.get(name) ?? []).some(
    ({ StatusCode, StartTime }) =>
      StatusCode === 'Failed' && (StartTime?.getTime() ?? 0) > aws.timeline.now() - retrySeconds * 1000,
  )
  recordActivity(aws, place, {
    description:
      'Launching a new EC2 instance.  Status Reason: ' + error.message + ' Launching EC2 instance failed.',
    cause: 'an instance was started in response to a difference between desired and actual capacity.',
    status: 'Failed',
    message: `${error.message} Launching EC2 instance failed.`,
  })
  if (retryPlanned) return
  const { account, region } = place.region
  aws.timeline.after(retrySeconds, { kind: 'autoscaling.retry', data: { account, region, group: name } })
}

/** Scale-in takes from the zone with most members, there the oldest; protected members stay. */
const surplus = (region: RegionState, group: AutoScalingGroup, count: number): readonly GroupInstance[] => {
  const left = staying(group).filter(({ ProtectedFromScaleIn }) => !ProtectedFromScaleIn)
  const taken: GroupInstance[] = []
  while (taken.length < count && left.length > 0) {
    const inZone = (member: GroupInstance) =>
      left.filter(({ AvailabilityZone }) => AvailabilityZone === member.AvailabilityZone).length
    const first = left.toSorted(
      (a, b) => inZone(b) - inZone(a) || launchTime(region, a) - launchTime(region, b),
    )[0]
    if (!first) break
    left.splice(left.indexOf(first), 1)
    taken.push(first)
  }
  return taken
}

const launchTime = (region: RegionState, member: GroupInstance): number =>
  region.instances.get(member.InstanceId ?? '')?.LaunchTime?.getTime() ?? 0

/** Begins the end of a member and its instance. */
export const endMember = (
  aws: Aws,
  region: RegionState,
  { group, member }: { readonly group: AutoScalingGroup; readonly member: GroupInstance },
): void => {
  if (member.LifecycleState?.startsWith('Terminat')) return
  member.LifecycleState = 'Terminating'
  const id = member.InstanceId ?? ''
  recordActivity(
    aws,
    { region, group },
    {
      description: terminationText(id),
      cause: 'an instance was taken out of service.',
      status: 'InProgress',
    },
  )
  const instance = region.instances.get(id)
  if (instance) beginTermination(aws, region, instance)
}
