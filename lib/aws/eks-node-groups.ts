import type { CreateNodegroupRequest, EKS, Nodegroup } from '@aws-sdk/client-eks'
import type { AwsClient } from './connection.ts'
import { updateFrom, type EksUpdate } from './eks-cluster.ts'
import { allPages, isoTime, issuesOf, orUndefined, type Issue } from './wire-data.ts'

/** What a node group is made of, without its size of the moment. Plain data: it stands in plans. */
export type NodeGroupSettings = {
  readonly capacityType: string
  readonly instanceTypes: readonly string[]
  readonly subnets: readonly string[]
  readonly nodeRole: string
  /** GiB; left out with a launch template of one's own. */
  readonly diskSize?: number
  readonly minSize: number
  readonly maxSize: number
  readonly labels: { readonly [key: string]: string }
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly tags: { readonly [key: string]: string }
  readonly updateConfig?: {
    readonly maxUnavailable?: number
    readonly maxUnavailablePercentage?: number
    readonly updateStrategy?: string
  }
  readonly launchTemplate?: { readonly id: string; readonly version: string }
  readonly remoteAccess?: { readonly ec2SshKey?: string; readonly sourceSecurityGroups?: readonly string[] }
  readonly nodeRepair?: boolean
}

/** A managed node group as DescribeNodegroup shows it. */
export interface NodeGroup {
  readonly name: string
  readonly arn: string
  readonly status: string
  /** Minor, such as `1.33`. */
  readonly version: string
  /** AMI release, such as `1.33.4-20260901`; an AMI id for a custom image. */
  readonly release: string
  readonly amiType: string
  readonly createdAt: string
  readonly desiredSize: number
  readonly autoScalingGroups: readonly string[]
  readonly issues: readonly Issue[]
  readonly settings: NodeGroupSettings
}

/** A node group to make. `release` is left out for the newest of the version. */
export interface NewNodeGroup {
  readonly cluster: string
  readonly name: string
  readonly version: string
  readonly amiType: string
  readonly release?: string
  readonly desiredSize: number
  readonly settings: NodeGroupSettings
}

export interface EksNodeGroups {
  readonly nodeGroupNames: (cluster: string) => Promise<readonly string[]>
  readonly describeNodeGroup: (cluster: string, name: string) => Promise<NodeGroup | undefined>
  readonly createNodeGroup: (group: NewNodeGroup, clientRequestToken: string) => Promise<void>
  /** Takes no token: describe first. */
  readonly deleteNodeGroup: (cluster: string, name: string) => Promise<void>
  /** Without `force`. */
  readonly updateNodeGroupVersion: (
    group: {
      readonly cluster: string
      readonly name: string
      readonly version: string
      readonly release?: string
    },
    clientRequestToken: string,
  ) => Promise<EksUpdate>
}

export const eksNodeGroups = ({ call }: AwsClient<EKS>): EksNodeGroups => ({
  nodeGroupNames: (clusterName) =>
    allPages(
      (nextToken) => call('ListNodegroups', (eks) => eks.listNodegroups({ clusterName, nextToken })),
      (page) => ({ items: page.nodegroups, nextToken: page.nextToken }),
    ),
  describeNodeGroup: async (clusterName, nodegroupName) => {
    const answer = await orUndefined(
      call('DescribeNodegroup', (eks) => eks.describeNodegroup({ clusterName, nodegroupName })),
    )
    return answer?.nodegroup === undefined ? undefined : nodeGroupFrom(answer.nodegroup)
  },
  createNodeGroup: async (group, clientRequestToken) => {
    await call('CreateNodegroup', (eks) => eks.createNodegroup({ ...creationOf(group), clientRequestToken }))
  },
  deleteNodeGroup: async (clusterName, nodegroupName) => {
    await orUndefined(call('DeleteNodegroup', (eks) => eks.deleteNodegroup({ clusterName, nodegroupName })))
  },
  updateNodeGroupVersion: async ({ cluster, name, version, release }, clientRequestToken) => {
    const { update } = await call('UpdateNodegroupVersion', (eks) =>
      eks.updateNodegroupVersion({
        clusterName: cluster,
        nodegroupName: name,
        version,
        releaseVersion: release,
        clientRequestToken,
      }),
    )
    return updateFrom(update ?? {})
  },
})

const nodeGroupFrom = (group: Nodegroup): NodeGroup => ({
  name: group.nodegroupName ?? '',
  arn: group.nodegroupArn ?? '',
  status: group.status ?? '',
  version: group.version ?? '',
  release: group.releaseVersion ?? '',
  amiType: group.amiType ?? '',
  createdAt: isoTime(group.createdAt),
  desiredSize: group.scalingConfig?.desiredSize ?? 0,
  autoScalingGroups: (group.resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []),
  issues: issuesOf(group.health?.issues),
  settings: settingsFrom(group),
})

const settingsFrom = (group: Nodegroup): NodeGroupSettings => ({
  capacityType: group.capacityType ?? 'ON_DEMAND',
  instanceTypes: group.instanceTypes ?? [],
  subnets: group.subnets ?? [],
  nodeRole: group.nodeRole ?? '',
  ...(group.diskSize === undefined ? {} : { diskSize: group.diskSize }),
  minSize: group.scalingConfig?.minSize ?? 0,
  maxSize: group.scalingConfig?.maxSize ?? 0,
  labels: group.labels ?? {},
  taints: (group.taints ?? []).map(({ key, value, effect }) => ({
    key: key ?? '',
    effect: effect ?? '',
    ...(value === undefined ? {} : { value }),
  })),
  tags: Object.fromEntries(
    Object.entries(group.tags ?? {}).filter(([key]) => !key.startsWith('aws:') && !key.startsWith('eks:')),
  ),
  ...optionalSettings(group),
})

const optionalSettings = ({ updateConfig, launchTemplate, remoteAccess, nodeRepairConfig }: Nodegroup) => ({
  ...(updateConfig === undefined ? {} : { updateConfig: defined(updateConfig) }),
  ...(launchTemplate === undefined
    ? {}
    : { launchTemplate: { id: launchTemplate.id ?? '', version: launchTemplate.version ?? '' } }),
  ...(remoteAccess === undefined ? {} : { remoteAccess: defined(remoteAccess) }),
  ...(nodeRepairConfig?.enabled === undefined ? {} : { nodeRepair: nodeRepairConfig.enabled }),
})

/** The members that have a value. */
const defined = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const creationOf = ({ cluster, name, version, amiType, release, desiredSize, settings }: NewNodeGroup) => {
  const { minSize, maxSize, taints, nodeRepair, launchTemplate } = settings
  const custom = amiType === 'CUSTOM'
  // Strings that EKS itself gave go back to where its enums are asked for.
  return {
    clusterName: cluster,
    nodegroupName: name,
    scalingConfig: { minSize, maxSize, desiredSize },
    subnets: [...settings.subnets],
    nodeRole: settings.nodeRole,
    labels: settings.labels,
    taints: taints.map((taint) => ({ ...taint })),
    tags: settings.tags,
    capacityType: settings.capacityType,
    ...(custom ? {} : { version, amiType, releaseVersion: release }),
    ...(settings.instanceTypes.length === 0 ? {} : { instanceTypes: [...settings.instanceTypes] }),
    ...(settings.diskSize === undefined || launchTemplate ? {} : { diskSize: settings.diskSize }),
    ...(settings.updateConfig === undefined ? {} : { updateConfig: settings.updateConfig }),
    ...(settings.remoteAccess === undefined ? {} : { remoteAccess: settings.remoteAccess }),
    ...(launchTemplate === undefined ? {} : { launchTemplate }),
    ...(nodeRepair === undefined ? {} : { nodeRepairConfig: { enabled: nodeRepair } }),
  } as CreateNodegroupRequest
}
