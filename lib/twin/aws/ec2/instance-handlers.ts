import type { Filter, Image, Instance, InstanceState, InstanceTypeInfo } from '@aws-sdk/client-ec2'
import type { ListedAmi } from '../ami-catalogue.ts'
import { AwsError } from '../call.ts'
import { hexOf } from '../ids.ts'
import { pageOf } from '../pages.ts'
import { amisOf } from '../published-amis.ts'
import type { RegionState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { chosen, fits } from './filters.ts'
import { instanceType, instanceTypes, type InstanceType } from './instance-types.ts'
import { beginTermination } from './instances.ts'

const largestPage = 1000

/** Instances, their types, and the images they start from. */
export const instanceHandlers = {
  'ec2.DescribeInstances': ({ InstanceIds, Filters, NextToken, MaxResults }, { region }) => {
    const found = chosen(region.instances, InstanceIds, noInstance).filter((instance) =>
      fitsInstance(instance, Filters),
    )
    const { items, next } = pageOf(found, { token: NextToken, size: MaxResults ?? largestPage })
    return {
      Reservations: items.map((instance) => ({
        ReservationId: `r-0${hexOf(instance.InstanceId ?? '').slice(0, 16)}`,
        OwnerId: region.account,
        Instances: [instance],
      })),
      NextToken: next,
    }
  },
  'ec2.DescribeInstanceStatus': (
    { InstanceIds, IncludeAllInstances = false, NextToken, MaxResults },
    { region },
  ) => {
    const found = chosen(region.instances, InstanceIds, noInstance).filter(
      ({ State }) => IncludeAllInstances || State?.Name === 'running',
    )
    const { items, next } = pageOf(found, { token: NextToken, size: MaxResults ?? largestPage })
    return {
      InstanceStatuses: items.map((instance) => ({
        InstanceId: instance.InstanceId,
        AvailabilityZone: instance.Placement?.AvailabilityZone,
        InstanceState: instance.State,
        InstanceStatus: { Status: 'ok' as const },
        SystemStatus: { Status: 'ok' as const },
      })),
      NextToken: next,
    }
  },
  'ec2.TerminateInstances': ({ InstanceIds = [] }, call) => {
    const instances = chosen(call.region.instances, InstanceIds, noInstance)
    return {
      TerminatingInstances: instances.map((instance) => {
        const before: InstanceState | undefined = instance.State
        const begun = beginTermination(call.aws, call.region, instance)
        leaveGroup(call.region, instance)
        call.effect(`instance ${instance.InstanceId} ends`, !begun)
        return { InstanceId: instance.InstanceId, PreviousState: before, CurrentState: instance.State }
      }),
    }
  },
  'ec2.DescribeInstanceTypes': ({ InstanceTypes = [], Filters, NextToken, MaxResults }) => {
    const asked = InstanceTypes.length === 0 ? instanceTypes() : InstanceTypes.map(knownType)
    const found = asked.filter((type) =>
      fits(Filters, {
        values: {
          'instance-type': [type.name],
          'processor-info.supported-architecture': [type.architecture],
        },
      }),
    )
    const { items, next } = pageOf(found, { token: NextToken, size: MaxResults ?? 100 })
    return { InstanceTypes: items.map(describedType), NextToken: next }
  },
  'ec2.DescribeInstanceTypeOfferings': (
    { LocationType = 'region', Filters, NextToken, MaxResults },
    { region },
  ) => {
    const locations =
      LocationType === 'region'
        ? [region.region]
        : ['a', 'b', 'c'].map((letter) => `${region.region}${letter}`)
    const offers = locations.flatMap((location) =>
      instanceTypes()
        .filter(({ name }) => fits(Filters, { values: { 'instance-type': [name], location: [location] } }))
        .map(({ name }) => ({ InstanceType: asTypeName(name), LocationType, Location: location })),
    )
    const { items, next } = pageOf(offers, { token: NextToken, size: MaxResults ?? largestPage })
    return { InstanceTypeOfferings: [...items], NextToken: next }
  },
  'ec2.DescribeImages': ({ ImageIds, Filters, NextToken, MaxResults }, { aws }) => {
    const all = new Map(amisOf(aws.state).map((ami) => [ami.release.imageId, image(ami)]))
    const found = chosen(
      all,
      ImageIds,
      (id) => new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`),
    ).filter((entry) =>
      fits(Filters, {
        values: {
          'image-id': [entry.ImageId],
          name: [entry.Name],
          architecture: [entry.Architecture],
          state: [entry.State],
        },
      }),
    )
    const { items, next } = pageOf(found, { token: NextToken, size: MaxResults ?? largestPage })
    return { Images: [...items], NextToken: next }
  },
} satisfies HandlersOf<'ec2', typeof import('@aws-sdk/client-ec2')>

const noInstance = (id: string) =>
  new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)

const fitsInstance = (instance: Instance, filters: Filter[] | undefined): boolean =>
  fits(filters, {
    values: {
      'instance-id': [instance.InstanceId],
      'instance-state-name': [instance.State?.Name],
      'instance-type': [instance.InstanceType],
      'image-id': [instance.ImageId],
      'subnet-id': [instance.SubnetId],
      'vpc-id': [instance.VpcId],
      'availability-zone': [instance.Placement?.AvailabilityZone],
      'private-dns-name': [instance.PrivateDnsName],
      'private-ip-address': [instance.PrivateIpAddress],
      'instance-lifecycle': [instance.InstanceLifecycle],
    },
    tags: instance.Tags,
  })

/** Auto Scaling sees an instance that ends by itself as unhealthy and replaces it when it is gone. */
const leaveGroup = (region: RegionState, { InstanceId }: Instance) => {
  for (const group of region.autoScalingGroups.values()) {
    const member = group.Instances?.find((entry) => entry.InstanceId === InstanceId)
    if (member) Object.assign(member, { LifecycleState: 'Terminating', HealthStatus: 'Unhealthy' })
  }
}

const knownType = (name: string): InstanceType => {
  const type = instanceType(name)
  if (!type)
    throw new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${name}]`)
  return type
}

// The SDK's list of names is closed; the catalogue holds only names of that list.
const asTypeName = (name: string) => name as NonNullable<InstanceTypeInfo['InstanceType']>

const describedType = (type: InstanceType): InstanceTypeInfo => ({
  InstanceType: asTypeName(type.name),
  CurrentGeneration: true,
  SupportedUsageClasses: ['on-demand', 'spot'],
  BareMetal: false,
  Hypervisor: 'nitro',
  ProcessorInfo: { SupportedArchitectures: [type.architecture] },
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMiB },
  NetworkInfo: {
    MaximumNetworkInterfaces: type.interfaces,
    Ipv4AddressesPerInterface: type.addressesPerInterface,
    Ipv6Supported: true,
  },
})

const image = ({ minor, release }: ListedAmi): Image => ({
  ImageId: release.imageId,
  Name: release.imageName,
  Description: `EKS Kubernetes Worker AMI (k8s: ${minor}, ${release.osImage})`,
  Architecture: release.architecture === 'arm64' ? 'arm64' : 'x86_64',
  State: 'available',
  OwnerId: '602401143452',
  ImageOwnerAlias: 'amazon',
  Public: true,
  ImageType: 'machine',
  RootDeviceName: '/dev/xvda',
  RootDeviceType: 'ebs',
  VirtualizationType: 'hvm',
})
