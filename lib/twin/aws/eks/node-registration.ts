import type { Nodegroup, Taint } from '@aws-sdk/client-eks'
import type { Instance } from '@aws-sdk/client-ec2'
import type { NodeRegistration } from '../../kubernetes/cluster-twin.ts'
import type { AmiRelease } from '../ami-catalogue.ts'
import { instanceType } from '../ec2/instance-types.ts'
import { amisOf, recommendedAmi } from '../published-amis.ts'
import type { Place } from './place.ts'

const effects: { readonly [effect in NonNullable<Taint['effect']>]: string } = {
  NO_SCHEDULE: 'NoSchedule',
  NO_EXECUTE: 'NoExecute',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
}

/** What the kubelet of an instance of a node group registers. */
export const registrationOf = (
  place: Place,
  nodegroup: Nodegroup,
  { instance, readyAfterSeconds }: { instance: Instance; readyAfterSeconds: number | undefined },
): NodeRegistration => {
  const release = releaseOf(place, instance)
  const zone = instance.Placement?.AvailabilityZone ?? ''
  const name = instance.PrivateDnsName ?? ''
  return {
    name,
    instanceId: instance.InstanceId ?? '',
    labels: labelsOf(place, nodegroup, { instance, release }),
    taints: (nodegroup.taints ?? []).map(({ key = '', value, effect = 'NO_SCHEDULE' }) => ({
      key,
      ...(value !== undefined && { value }),
      effect: effects[effect],
    })),
    providerId: `aws:///${zone}/${instance.InstanceId}`,
    kubeletVersion: release.kubeletVersion,
    osImage: release.osImage,
    kernelVersion: release.kernelVersion,
    containerRuntimeVersion: release.containerRuntimeVersion,
    architecture: release.architecture,
    internalIp: instance.PrivateIpAddress ?? '',
    ...sizeOf(instance.InstanceType ?? ''),
    readyAfterSeconds,
  }
}

/** An AMI of one's own boots what AL2023 of the cluster's version boots. */
const releaseOf = ({ aws, state }: Place, instance: Instance): AmiRelease => {
  const known = amisOf(aws.state).find(({ release }) => release.imageId === instance.ImageId)?.release
  const fallback = known ?? recommendedAmi(aws.state, state.cluster.version ?? '', 'AL2023_x86_64_STANDARD')
  if (fallback) return fallback
  throw new Error(`No AMI release for Kubernetes ${state.cluster.version}`)
}

const labelsOf = (
  { region, state }: Place,
  nodegroup: Nodegroup,
  { instance, release }: { readonly instance: Instance; readonly release: AmiRelease },
): { readonly [key: string]: string } => {
  const zone = instance.Placement?.AvailabilityZone ?? ''
  const type = instance.InstanceType ?? ''
  const template = sourceTemplate(instance, { region, state, nodegroup })
  return {
    ...nodegroup.labels,
    'eks.amazonaws.com/nodegroup': nodegroup.nodegroupName ?? '',
    'eks.amazonaws.com/nodegroup-image': instance.ImageId ?? '',
    'eks.amazonaws.com/capacityType': nodegroup.capacityType ?? 'ON_DEMAND',
    'eks.amazonaws.com/sourceLaunchTemplateId': template.id,
    'eks.amazonaws.com/sourceLaunchTemplateVersion': template.version,
    'topology.kubernetes.io/region': region.region,
    'topology.kubernetes.io/zone': zone,
    'failure-domain.beta.kubernetes.io/region': region.region,
    'failure-domain.beta.kubernetes.io/zone': zone,
    'topology.ebs.csi.aws.com/zone': zone,
    'node.kubernetes.io/instance-type': type,
    'beta.kubernetes.io/instance-type': type,
    'kubernetes.io/arch': release.architecture,
    'beta.kubernetes.io/arch': release.architecture,
    'kubernetes.io/os': 'linux',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': instance.PrivateDnsName ?? '',
  }
}

/** The group's own launch template, or the one EKS made. */
const sourceTemplate = (
  instance: Instance,
  { region, nodegroup }: Omit<Place, 'aws'> & { readonly nodegroup: Nodegroup },
) => {
  const own = nodegroup.launchTemplate
  if (own?.id !== undefined) return { id: own.id, version: own.version ?? '1' }
  const groupName = nodegroup.resources?.autoScalingGroups?.[0]?.name ?? ''
  const member = region.autoScalingGroups
    .get(groupName)
    ?.Instances?.find(({ InstanceId }) => InstanceId === instance.InstanceId)
  return {
    id: member?.LaunchTemplate?.LaunchTemplateId ?? '',
    version: member?.LaunchTemplate?.Version ?? '1',
  }
}

/**
 * Capacity and allocatable as Amazon Linux works them out: pods from network interfaces, memory 255 MiB + 11 MiB a pod and 100 MiB for
 * eviction, CPU 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest.
 * https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
 */
export const sizeOf = (typeName: string): Pick<NodeRegistration, 'allocatable' | 'capacity'> => {
  const type = instanceType(typeName)
  if (!type) throw new Error(`The twin does not know the instance type ${typeName}`)
  const pods = type.interfaces * (type.addressesPerInterface - 1) + 2
  const reservedCpu =
    60 +
    (type.vcpus > 1 ? 10 : 0) +
    5 * Math.max(0, Math.min(2, type.vcpus - 2)) +
    2.5 * Math.max(0, type.vcpus - 4)
  // The kernel keeps about 3 % of the memory for itself.
  const memory = Math.floor(type.memoryMiB * 0.97)
  return {
    capacity: { cpu: String(type.vcpus), memory: `${memory}Mi`, pods: String(pods) },
    allocatable: {
      cpu: `${type.vcpus * 1000 - Math.ceil(reservedCpu)}m`,
      memory: `${memory - 255 - 11 * pods - 100}Mi`,
      pods: String(pods),
    },
  }
}
