import type {
  Cluster,
  CreateClusterCommandInput,
  UpdateClusterConfigCommandInput,
  UpdateParam,
  UpdateType,
} from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws, AwsCall } from '../call.ts'
import { hexOf } from '../ids.ts'
import type { ClusterState, RegionState } from '../state.ts'
import { textOf } from '../task-data.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { adminPolicyArn, putAccessEntry } from './access-entries.ts'
import { defaultMinor, supportAt, supportedMinor } from './calendar.ts'
import { refreshInsights } from './insights.ts'
import { activePlaceOf, addressOf, eksPage, kubernetesOf, placeOf, placeOfTask } from './place.ts'
import { inUse, invalidParameter } from './refusals.ts'
import { beginUpdate, endUpdate, faultErrors } from './updates.ts'

/** Puts a cluster in state CREATING into its Region; Kubernetes is not started. */
export const putCluster = (aws: Aws, region: RegionState, input: CreateClusterCommandInput): ClusterState => {
  const at = aws.timeline.now()
  const version = input.version ?? defaultMinor
  const state: ClusterState = {
    cluster: newCluster(region, { ...input, version }, at),
    versions: [{ minor: version, at }],
    nodegroups: new Map(),
    addons: new Map(),
    updates: [],
    insights: [],
    insightsRefresh: undefined,
    accessEntries: new Map(),
    fargateProfiles: new Map(),
    podIdentities: new Map(),
  }
  region.clusters.set(input.name ?? '', state)
  return state
}

const newCluster = (region: RegionState, input: CreateClusterCommandInput, at: number): Cluster => ({
  name: input.name,
  arn: `arn:aws:eks:${region.region}:${region.account}:cluster/${input.name}`,
  createdAt: new Date(at),
  version: input.version,
  roleArn: input.roleArn,
  status: 'CREATING',
  tags: { ...input.tags },
  resourcesVpcConfig: networkOf(region, input),
  kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16', ipFamily: 'ipv4' },
  logging: input.logging ?? { clusterLogging: [] },
  accessConfig: { authenticationMode: input.accessConfig?.authenticationMode ?? 'API_AND_CONFIG_MAP' },
  upgradePolicy: { supportType: input.upgradePolicy?.supportType ?? 'EXTENDED' },
  health: { issues: [] },
  deletionProtection: input.deletionProtection ?? false,
  encryptionConfig: input.encryptionConfig,
})

const networkOf = (region: RegionState, { resourcesVpcConfig }: CreateClusterCommandInput) => {
  const subnetIds = resourcesVpcConfig?.subnetIds ?? []
  return {
    subnetIds,
    securityGroupIds: resourcesVpcConfig?.securityGroupIds ?? [],
    clusterSecurityGroupId: [...region.securityGroups.keys()][0],
    vpcId: region.subnets.get(subnetIds[0] ?? '')?.VpcId,
    endpointPublicAccess: resourcesVpcConfig?.endpointPublicAccess ?? true,
    endpointPrivateAccess: resourcesVpcConfig?.endpointPrivateAccess ?? false,
    publicAccessCidrs: resourcesVpcConfig?.publicAccessCidrs ?? ['0.0.0.0/0'],
  }
}

/** Starts the Kubernetes of a cluster and makes it ACTIVE. */
export const startCluster = async (aws: Aws, region: RegionState, state: ClusterState): Promise<void> => {
  const { arn = '', version = '' } = state.cluster
  const kubernetes = await aws.startKubernetes(arn, version)
  state.cluster = {
    ...state.cluster,
    status: 'ACTIVE',
    endpoint: kubernetes.endpoint(),
    certificateAuthority: { data: kubernetes.certificateAuthority() },
    platformVersion: supportedMinor(version)?.platformVersion,
    identity: {
      oidc: {
        issuer: `https://oidc.eks.${region.region}.amazonaws.com/id/${hexOf(arn).slice(0, 32).toUpperCase()}`,
      },
    },
  }
}

const refuseCreation = ({ aws, region }: AwsCall, input: CreateClusterCommandInput) => {
  const clusterName = input.name
  if (region.clusters.has(input.name ?? ''))
    throw inUse(`Cluster already exists with name: ${input.name}`, { clusterName })
  const target = supportedMinor(input.version ?? defaultMinor)
  if (!target || supportAt(target, aws.timeline.now()) === 'none')
    throw invalidParameter('unsupported Kubernetes version', { clusterName })
  const subnets = input.resourcesVpcConfig?.subnetIds ?? []
  const missing = subnets.find((id) => !region.subnets.has(id))
  if (missing !== undefined)
    throw invalidParameter(`The subnet ID '${missing}' does not exist`, { clusterName })
  if (new Set(subnets.map((id) => region.subnets.get(id)?.AvailabilityZone)).size < 2)
    throw invalidParameter('Subnets specified must be in at least two different AZs', { clusterName })
}

const deleteCluster = (call: AwsCall, name: string | undefined): Cluster => {
  const place = placeOf(call, name)
  const { state, aws } = place
  if (state.nodegroups.size > 0) throw inUse('Cluster has nodegroups attached', { clusterName: name })
  if (state.fargateProfiles.size > 0)
    throw inUse('Cluster has Fargate profiles attached', { clusterName: name })
  if (state.updates.some(({ update }) => update.status === 'InProgress'))
    throw inUse(`Cluster ${name} has an update in progress`, { clusterName: name })
  if (state.cluster.deletionProtection === true)
    throw invalidParameter('Cluster deletion protection is enabled', { clusterName: name })
  if (state.cluster.status !== 'DELETING')
    aws.timeline.after(aws.durations.deleteCluster, { kind: 'eks.forgetCluster', data: addressOf(place) })
  state.cluster = { ...state.cluster, status: 'DELETING' }
  call.effect(`cluster ${name} deletion started`)
  return state.cluster
}

type ConfigInput = UpdateClusterConfigCommandInput

interface ConfigChange {
  readonly type: UpdateType
  readonly params: readonly UpdateParam[]
  readonly change: Partial<Cluster>
}

const param = (type: NonNullable<UpdateParam['type']>, value: unknown): UpdateParam => ({
  type,
  value: typeof value === 'string' ? value : JSON.stringify(value),
})

const configChange = (input: ConfigInput, cluster: Cluster): ConfigChange => {
  const { upgradePolicy, logging, accessConfig, deletionProtection } = input
  if (upgradePolicy) {
    const params = [param('UpgradePolicy', upgradePolicy)]
    return { type: 'UpgradePolicyUpdate', params, change: { upgradePolicy } }
  }
  if (logging)
    return { type: 'LoggingUpdate', params: [param('ClusterLogging', logging)], change: { logging } }
  if (accessConfig) {
    const params = [param('AuthenticationMode', accessConfig.authenticationMode)]
    const change = { accessConfig: { ...cluster.accessConfig, ...accessConfig } }
    return { type: 'AccessConfigUpdate', params, change }
  }
  if (deletionProtection !== undefined) {
    const params = [param('DeletionProtection', deletionProtection)]
    return { type: 'DeletionProtectionUpdate', params, change: { deletionProtection } }
  }
  return networkChange(input, cluster)
}

const networkChange = ({ name, resourcesVpcConfig }: ConfigInput, cluster: Cluster): ConfigChange => {
  if (!resourcesVpcConfig)
    throw invalidParameter('No change that the twin emulates was asked for', { clusterName: name })
  const { endpointPublicAccess, endpointPrivateAccess } = resourcesVpcConfig
  return {
    type: 'EndpointAccessUpdate',
    params: [
      ...(endpointPublicAccess === undefined ? [] : [param('EndpointPublicAccess', endpointPublicAccess)]),
      ...(endpointPrivateAccess === undefined ? [] : [param('EndpointPrivateAccess', endpointPrivateAccess)]),
    ],
    change: { resourcesVpcConfig: { ...cluster.resourcesVpcConfig, ...resourcesVpcConfig } },
  }
}

const updateConfig = (call: AwsCall, input: ConfigInput) => {
  const place = activePlaceOf(call, input.name)
  const { state, aws } = place
  const { type, params, change } = configChange(input, state.cluster)
  const begun = beginUpdate(place, { type, params, subject: {}, operation: 'UpdateClusterConfig' })
  const settled = begun.outcome === 'fails' ? state.cluster : { ...state.cluster, ...change }
  state.cluster = { ...settled, status: 'UPDATING' }
  if (begun.outcome !== 'hangs')
    aws.timeline.after(Math.min(aws.durations.updateCluster, 90), {
      kind: 'eks.finishClusterConfig',
      data: { ...addressOf(place), update: begun.update.id, outcome: begun.outcome },
    })
  call.effect(`cluster ${input.name} ${type} started`)
  return begun.update
}

export const clusterHandlers = {
  'eks.CreateCluster': (input, call) => {
    refuseCreation(call, input)
    const state = putCluster(call.aws, call.region, input)
    if (input.accessConfig?.bootstrapClusterCreatorAdminPermissions !== false)
      putAccessEntry(call.aws, state, { principal: call.principal, policies: [adminPolicyArn] })
    call.aws.timeline.after(call.aws.durations.createCluster, {
      kind: 'eks.startCluster',
      data: addressOf({ aws: call.aws, region: call.region, state }),
    })
    call.effect(`cluster ${input.name} created`)
    return { cluster: state.cluster }
  },
  'eks.DescribeCluster': (input, call) => ({ cluster: placeOf(call, input.name).state.cluster }),
  'eks.ListClusters': (input, call) => {
    const page = eksPage([...call.region.clusters.keys()].toSorted(), input)
    return { clusters: [...page.items], nextToken: page.next }
  },
  'eks.DeleteCluster': (input, call) => ({ cluster: deleteCluster(call, input.name) }),
  'eks.UpdateClusterConfig': (input, call) => ({ update: updateConfig(call, input) }),
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

export const clusterTasks = (aws: Aws): TaskHandlers => ({
  'eks.startCluster': async (data) => {
    const place = placeOfTask(aws, data)
    if (place?.state.cluster.status !== 'CREATING') return
    await startCluster(aws, place.region, place.state)
    await refreshInsights(place)
  },
  'eks.finishClusterConfig': (data) => {
    const state = placeOfTask(aws, data)?.state
    if (!state) return
    state.cluster = { ...state.cluster, status: 'ACTIVE' }
    const failed = textOf(data, 'outcome') === 'fails'
    endUpdate(state, textOf(data, 'update'), failed ? faultErrors(state.cluster.name ?? '') : [])
  },
  'eks.forgetCluster': async (data) => {
    const place = placeOfTask(aws, data)
    if (!place) return
    if (kubernetesOf(place)) await aws.stopKubernetes(place.state.cluster.arn ?? '')
    place.region.clusters.delete(place.state.cluster.name ?? '')
  },
})
