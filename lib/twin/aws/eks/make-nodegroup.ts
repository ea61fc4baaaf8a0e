import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import type { CreateNodegroupCommandInput, Nodegroup } from '@aws-sdk/client-eks'
import { createAutoScalingGroup } from '../auto-scaling/groups.ts'
import type { Launching } from '../auto-scaling/reconcile.ts'
import { instanceType } from '../ec2/instance-types.ts'
import { createLaunchTemplate, findLaunchTemplate, launchTemplateVersion } from '../ec2/launch-templates.ts'
import { nextUuid } from '../ids.ts'
import { putAccessEntry } from './access-entries.ts'
import { releaseFor } from './nodegroup-release.ts'
import type { Place } from './place.ts'
import { invalidParameter } from './refusals.ts'

/** A node group to make: the input of CreateNodegroup. */
export type NodegroupSpec = CreateNodegroupCommandInput

/** Makes launch template, Auto Scaling group and node group in state CREATING. Throws InvalidParameterException. */
export const makeNodegroup = (place: Place, input: NodegroupSpec, launching: Launching): Nodegroup => {
  const { aws, region, state } = place
  refuseUnknownTypes(input)
  const nodegroup = draft(place, input)
  const own = ownTemplate(place, input)
  const image = own?.ImageId ?? imageOf(place, nodegroup)
  const uuid = nextUuid(aws)
  const marks = {
    'eks:cluster-name': state.cluster.name ?? '',
    'eks:nodegroup-name': nodegroup.nodegroupName ?? '',
  }
  const template = createLaunchTemplate(aws, region, {
    name: `eks-${uuid}`,
    data: { ...templateData(place, nodegroup), ...own, ImageId: image },
    tags: marks,
    createdBy: `arn:aws:sts::${region.account}:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS`,
  })
  const name = `eks-${nodegroup.nodegroupName}-${uuid}`
  // Known before the first instance is launched: instances find their node group by it.
  nodegroup.resources = { autoScalingGroups: [{ name }] }
  state.nodegroups.set(nodegroup.nodegroupName ?? '', nodegroup)
  const { minSize = 0, maxSize = 1, desiredSize = 0 } = nodegroup.scalingConfig ?? {}
  createAutoScalingGroup(aws, region, {
    name,
    minSize,
    maxSize,
    desiredCapacity: desiredSize,
    subnetIds: nodegroup.subnets ?? [],
    launchTemplate: { id: template.id, version: '1' },
    ...(nodegroup.instanceTypes && { instanceTypes: nodegroup.instanceTypes }),
    capacityType: nodegroup.capacityType === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
    tags: {
      ...marks,
      [`k8s.io/cluster-autoscaler/${state.cluster.name}`]: 'owned',
      'k8s.io/cluster-autoscaler/enabled': 'true',
      [`kubernetes.io/cluster/${state.cluster.name}`]: 'owned',
    },
    launching,
  })
  return nodegroup
}

const refuseUnknownTypes = ({ instanceTypes = [], clusterName, nodegroupName }: NodegroupSpec): void => {
  const foreign = instanceTypes.filter((name) => !instanceType(name))
  if (foreign.length > 0)
    throw invalidParameter(`The following supplied instance types do not exist: [${foreign.join(', ')}]`, {
      clusterName,
      nodegroupName,
    })
}

const draft = (place: Place, input: NodegroupSpec): Nodegroup => {
  const { aws, region, state } = place
  const { clusterName, nodegroupName } = input
  const own = ownTemplate(place, input)
  const amiType = own?.ImageId === undefined ? (input.amiType ?? 'AL2023_x86_64_STANDARD') : 'CUSTOM'
  const version = input.version ?? state.cluster.version ?? ''
  const at = new Date(aws.timeline.now())
  const subject = { clusterName, nodegroupName }
  const release =
    amiType === 'CUSTOM'
      ? undefined
      : releaseFor(place, { version, amiType, releaseVersion: input.releaseVersion, subject })
  return {
    nodegroupName,
    nodegroupArn: `arn:aws:eks:${region.region}:${region.account}:nodegroup/${clusterName}/${nodegroupName}/${nextUuid(aws)}`,
    clusterName,
    version,
    releaseVersion: release?.releaseVersion ?? own?.ImageId,
    createdAt: at,
    modifiedAt: at,
    status: 'CREATING',
    capacityType: input.capacityType ?? 'ON_DEMAND',
    scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 2, ...input.scalingConfig },
    ...(own?.InstanceType === undefined && { instanceTypes: input.instanceTypes ?? ['t3.medium'] }),
    subnets: input.subnets ?? [],
    amiType,
    nodeRole: input.nodeRole,
    labels: { ...input.labels },
    taints: [...(input.taints ?? [])],
    health: { issues: [] },
    updateConfig: input.updateConfig ?? { maxUnavailable: 1 },
    tags: { ...input.tags },
    ...(input.launchTemplate
      ? { launchTemplate: namedTemplate(place, input) }
      : { diskSize: input.diskSize ?? 20 }),
    ...(input.remoteAccess && { remoteAccess: input.remoteAccess }),
    ...(input.nodeRepairConfig && { nodeRepairConfig: input.nodeRepairConfig }),
  }
}

const templateOf = ({ region }: Place, { launchTemplate, ...input }: NodegroupSpec) => {
  if (!launchTemplate) return undefined
  const { clusterName, nodegroupName } = input
  try {
    const template = findLaunchTemplate(region, {
      LaunchTemplateId: launchTemplate.id,
      LaunchTemplateName: launchTemplate.name,
    })
    return { template, version: launchTemplateVersion(template, launchTemplate.version) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalidParameter(`Launch template cannot be used: ${reason}`, { clusterName, nodegroupName })
  }
}

const ownTemplate = (place: Place, input: NodegroupSpec): RequestLaunchTemplateData | undefined =>
  templateOf(place, input)?.version.LaunchTemplateData as RequestLaunchTemplateData | undefined

const namedTemplate = (place: Place, input: NodegroupSpec) => {
  const found = templateOf(place, input)
  return {
    id: found?.template.id,
    name: found?.template.name,
    version: String(found?.version.VersionNumber ?? 1),
  }
}

const imageOf = (
  place: Place,
  { version = '', releaseVersion, amiType = 'AL2023_x86_64_STANDARD', clusterName, nodegroupName }: Nodegroup,
) => releaseFor(place, { version, amiType, releaseVersion, subject: { clusterName, nodegroupName } }).imageId

const templateData = ({ state }: Place, { diskSize }: Nodegroup): RequestLaunchTemplateData => ({
  SecurityGroupIds: [state.cluster.resourcesVpcConfig?.clusterSecurityGroupId ?? ''].filter(
    (id) => id !== '',
  ),
  BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: diskSize ?? 20, VolumeType: 'gp3' } }],
  MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
})

/** EKS lets nodes in by itself: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html */
export const admitNodeRole = ({ aws, state }: Place, nodeRole: string): void => {
  if (!state.accessEntries.has(nodeRole))
    putAccessEntry(aws, state, { principal: nodeRole, type: 'EC2_LINUX' })
}
