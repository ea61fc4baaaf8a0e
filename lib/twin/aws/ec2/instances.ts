import type { Instance } from '@aws-sdk/client-ec2'
import type { TaskHandlers } from '../../timeline.ts'
import { AwsError, type Aws } from '../call.ts'
import { hexOf, nextId } from '../ids.ts'
import { region as regionOf } from '../regions.ts'
import type { RegionState } from '../state.ts'
import { textOf } from '../task-data.ts'
import { instanceType } from './instance-types.ts'
import { freeAddress, giveAddressBack } from './subnets.ts'
import { tagList, type Tags } from './tags.ts'

/** An instance to launch. */
export interface LaunchSpec {
  readonly subnetId: string
  readonly instanceType: string
  readonly imageId: string
  readonly securityGroupIds: readonly string[]
  readonly lifecycle: 'spot' | 'on-demand'
  readonly tags: Tags
}

/**
 * Makes an instance in state `pending`. Its state moves by `beginBoot` or `markRunning`.
 * Throws AwsError: InsufficientInstanceCapacity (fault `capacity-error`, matched as ec2 RunInstances, object: type, zone and tags),
 * InsufficientFreeAddressesInSubnet, InvalidParameterValue for an unknown type.
 */
export const launchInstance = (aws: Aws, region: RegionState, spec: LaunchSpec): Instance => {
  const type = instanceType(spec.instanceType)
  if (!type)
    throw new AwsError('InvalidParameterValue', `Invalid value '${spec.instanceType}' for InstanceType.`)
  const subnet = region.subnets.get(spec.subnetId)
  if (!subnet)
    throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${spec.subnetId}' does not exist`)
  const zone = subnet.AvailabilityZone ?? ''
  refuseWithoutCapacity(aws, spec, zone)
  const address = freeAddress(region, subnet)
  const instanceId = nextId(aws, 'i')
  const instance: Instance = {
    InstanceId: instanceId,
    ImageId: spec.imageId,
    InstanceType: type.name as NonNullable<Instance['InstanceType']>,
    Architecture: type.architecture,
    State: { Code: 0, Name: 'pending' },
    LaunchTime: new Date(aws.timeline.now()),
    Placement: { AvailabilityZone: zone, Tenancy: 'default', GroupName: '' },
    PrivateIpAddress: address,
    PrivateDnsName: privateDnsName(address, region.region),
    SubnetId: spec.subnetId,
    VpcId: subnet.VpcId,
    SecurityGroups: spec.securityGroupIds.map((id) => ({
      GroupId: id,
      GroupName: region.securityGroups.get(id)?.GroupName,
    })),
    ...(spec.lifecycle === 'spot' && { InstanceLifecycle: 'spot' as const }),
    ClientToken: hexOf(instanceId).slice(0, 32),
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EbsOptimized: true,
    Monitoring: { State: 'disabled' },
    Tags: tagList(spec.tags),
  }
  region.instances.set(instanceId, instance)
  return instance
}

const refuseWithoutCapacity = (aws: Aws, spec: LaunchSpec, zone: string) => {
  const object = JSON.stringify({ instanceType: spec.instanceType, zone, tags: spec.tags })
  if (aws.strike('capacity-error', { service: 'ec2', operation: 'RunInstances', object }))
    throw new AwsError(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${spec.instanceType} capacity in the Availability Zone you requested (${zone}). ` +
        'Our system will be working on provisioning additional capacity.',
      500,
    )
}

const privateDnsName = (address: string, region: string): string =>
  `ip-${address.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`

/** Plans the moment at which a pending instance runs. */
export const beginBoot = (aws: Aws, region: RegionState, instance: Instance): void =>
  aws.timeline.after(aws.durations.launchInstance, {
    kind: 'ec2.instanceRunning',
    data: taskData(region, instance),
  })

/** Puts an instance into `running` without telling anybody. */
export const markRunning = (instance: Instance): void => {
  instance.State = { Code: 16, Name: 'running' }
}

/** Begins the end of an instance; told to the listeners when it is terminated. False: it was ending already. */
export const beginTermination = (aws: Aws, region: RegionState, instance: Instance): boolean => {
  if (isEnding(instance)) return false
  instance.State = { Code: 32, Name: 'shutting-down' }
  instance.StateTransitionReason = `User initiated (${new Date(aws.timeline.now()).toISOString()})`
  aws.timeline.after(aws.durations.terminateInstance, {
    kind: 'ec2.instanceTerminated',
    data: taskData(region, instance),
  })
  return true
}

/** True from the moment termination began. */
export const isEnding = (instance: Instance): boolean =>
  instance.State?.Name === 'shutting-down' || instance.State?.Name === 'terminated'

const taskData = (region: RegionState, instance: Instance) => ({
  account: region.account,
  region: region.region,
  instanceId: instance.InstanceId ?? '',
})

/** Terminated instances stay in the answers about an hour, as in EC2. */
const forgetAfterSeconds = 3600

/** What EC2 does over time. */
export const ec2Tasks = (aws: Aws): TaskHandlers => {
  const find = (data: Parameters<TaskHandlers[string]>[0]) => {
    const region = regionOf(aws.state, textOf(data, 'account'), textOf(data, 'region'))
    return { region, instance: region.instances.get(textOf(data, 'instanceId')) }
  }
  return {
    'ec2.instanceRunning': async (data) => {
      const { region, instance } = find(data)
      if (!instance || instance.State?.Name !== 'pending') return
      markRunning(instance)
      for (const listener of aws.instanceEvents.running) await listener(region, instance)
    },
    'ec2.instanceTerminated': async (data) => {
      const { region, instance } = find(data)
      if (!instance) return
      instance.State = { Code: 48, Name: 'terminated' }
      giveAddressBack(region, instance)
      for (const listener of aws.instanceEvents.terminated) await listener(region, instance)
      aws.timeline.after(forgetAfterSeconds, { kind: 'ec2.forgetInstance', data })
    },
    'ec2.forgetInstance': (data) => {
      find(data).region.instances.delete(textOf(data, 'instanceId'))
    },
  }
}
