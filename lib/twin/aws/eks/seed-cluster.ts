import type { WorldCluster, WorldNodeGroup, WorldPrincipal } from '../../world.ts'
import { isRelease } from '../ami-catalogue.ts'
import type { Aws } from '../call.ts'
import { createLaunchTemplate } from '../ec2/launch-templates.ts'
import { amiOfRelease } from '../published-amis.ts'
import { seededRoles } from '../seed-account.ts'
import type { RegionState } from '../state.ts'
import { accessPolicyArn, putAccessEntry } from './access-entries.ts'
import { manifestsOf } from './add-on-rollout.ts'
import { newAddOn } from './add-ons.ts'
import { putCluster, startCluster } from './clusters.ts'
import { refreshInsights } from './insights.ts'
import { admitNodeRole, makeNodegroup, type NodegroupSpec } from './make-nodegroup.ts'
import { joinInstance } from './node-bridge.ts'
import { membersOf } from './nodegroup-members.ts'
import { kubernetesOf, type Place } from './place.ts'

/** A cluster of a world file, with the principals of its account. */
export type ClusterSeed = WorldCluster & { readonly principals?: readonly WorldPrincipal[] }

const weeksOld = 6

/**
 * Puts a cluster with node groups, nodes and add-ons into a Region, as if it had run for weeks. Throws AwsError for a world that AWS
 * would refuse. Takes no virtual time; pods need some afterwards.
 */
export const seedCluster = async (aws: Aws, region: RegionState, spec: ClusterSeed): Promise<void> => {
  const state = putCluster(aws, region, {
    name: spec.name,
    version: spec.version,
    roleArn: roleArn(region, seededRoles.cluster),
    resourcesVpcConfig: { subnetIds: [...region.subnets.keys()], endpointPrivateAccess: true },
    upgradePolicy: { supportType: spec.supportType },
    accessConfig: { authenticationMode: 'API' },
  })
  const born = aws.timeline.now() - weeksOld * 7 * 86_400_000
  state.cluster = { ...state.cluster, createdAt: new Date(born) }
  state.versions.splice(0, 1, { minor: spec.version, at: born })
  await startCluster(aws, region, state)
  const place = { aws, region, state }
  for (const principal of spec.principals ?? []) admit(place, principal)
  for (const group of spec.nodeGroups) await seedNodegroup(place, group)
  for (const choice of spec.addOns) await seedAddOn(place, choice)
  await refreshInsights(place)
}

const roleArn = ({ account }: RegionState, role: string): string => `arn:aws:iam::${account}:role/${role}`

const admit = ({ aws, region, state }: Place, { name, accessPolicy }: WorldPrincipal) => {
  if (accessPolicy !== undefined)
    putAccessEntry(aws, state, {
      principal: `arn:aws:iam::${region.account}:${name}`,
      policies: [accessPolicyArn(accessPolicy)],
    })
}

const taintEffects: { readonly [effect: string]: 'NO_SCHEDULE' | 'NO_EXECUTE' | 'PREFER_NO_SCHEDULE' } = {
  NoSchedule: 'NO_SCHEDULE',
  NoExecute: 'NO_EXECUTE',
  PreferNoSchedule: 'PREFER_NO_SCHEDULE',
}

const seedNodegroup = async (place: Place, group: WorldNodeGroup): Promise<void> => {
  const { region, state } = place
  const version = versionOf(place, group)
  if (group.releaseVersion !== undefined) rememberRelease(place, { ...group, version })
  const made = makeNodegroup(place, { ...specOf(place, group), version }, 'at-once')
  admitNodeRole(place, made.nodeRole ?? '')
  for (const { instanceId } of membersOf(place, made)) {
    const instance = region.instances.get(instanceId)
    if (instance) await joinInstance(place, made, { instance, readyAfterSeconds: 0 })
  }
  state.nodegroups.set(group.name, { ...made, status: 'ACTIVE', createdAt: state.cluster.createdAt })
}

/** A release of Amazon Linux begins with its minor. */
const versionOf = ({ state }: Place, { version, amiType, releaseVersion = '' }: WorldNodeGroup): string =>
  version ??
  (amiType.startsWith('BOTTLEROCKET') ? undefined : /^1\.\d{2}(?=\.)/.exec(releaseVersion)?.[0]) ??
  state.cluster.version ??
  ''

/** Nodes may be of a release that was recommended once; the twin has to know it to boot them. */
const rememberRelease = (
  { aws }: Place,
  { version: minor = '', amiType, releaseVersion: release = '' }: WorldNodeGroup,
) => {
  const ami = { minor, amiType, release }
  if (amiOfRelease(aws.state, ami) || !isRelease(ami)) return
  const { catalogue } = aws.state
  aws.state.catalogue = { ...catalogue, amis: [{ ...ami, recommended: false }, ...catalogue.amis] }
}

const specOf = (place: Place, group: WorldNodeGroup): NodegroupSpec => {
  const { region, state } = place
  const { minSize, maxSize, desiredSize } = group
  return {
    clusterName: state.cluster.name,
    nodegroupName: group.name,
    // A world file may name a type that EKS does not know; makeNodegroup refuses it.
    amiType: group.amiType as NonNullable<NodegroupSpec['amiType']>,
    instanceTypes: [...group.instanceTypes],
    scalingConfig: { minSize, maxSize, desiredSize },
    labels: { ...group.labels },
    taints: group.taints.map((taint) => ({ ...taint, effect: taintEffects[taint.effect] ?? 'NO_SCHEDULE' })),
    tags: { ...group.tags },
    subnets: [...(group.subnets ?? region.subnets.keys())],
    nodeRole: roleArn(region, seededRoles.node),
    capacityType: group.capacityType,
    releaseVersion: group.releaseVersion,
    ...(group.launchTemplate
      ? { launchTemplate: { id: templateFor(place, group), version: '1' } }
      : { diskSize: group.diskSize ?? 20 }),
  }
}

const templateFor = ({ aws, region, state }: Place, group: WorldNodeGroup): string =>
  createLaunchTemplate(aws, region, {
    name: `${state.cluster.name}-${group.name}`,
    data: { MetadataOptions: { HttpTokens: 'required' } },
    createdBy: roleArn(region, seededRoles.cluster),
  }).id

const seedAddOn = async (place: Place, choice: WorldCluster['addOns'][number]): Promise<void> => {
  const { name, version, configurationValues, serviceAccountRoleArn } = choice
  const input = { addonName: name, addonVersion: version, configurationValues, serviceAccountRoleArn }
  const addon = newAddOn(place, input, 'installed')
  await kubernetesOf(place)?.applyAddOn(manifestsOf(place, addon, addon.addonVersion ?? ''))
  place.state.addons.set(choice.name, {
    ...addon,
    status: 'ACTIVE',
    createdAt: place.state.cluster.createdAt,
  })
}
