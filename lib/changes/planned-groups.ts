import type { NodeGroup } from '../aws/eks-node-groups.ts'
import { minorsBetween } from '../aws/minor.ts'
import type { PlanFinding } from '../checks/planned.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import { greenName, replacesTag } from './green-name.ts'
import type { GroupMove } from './node-group.ts'
import { amiTypeOn, isReleased, recommendedRelease } from './node-image.ts'
import { isMovable } from './pod-places.ts'
import { provenRelease } from './proven.ts'

/** One group, or the newest of those that took its place in earlier swaps. Throws R003 when the cluster has neither. */
export const groupNow = async (target: Target, name: string): Promise<NodeGroup> => {
  const groups = await groupsNow(target)
  const found =
    groups.find((group) => group.name === name) ??
    groups
      .filter(({ settings }) => settings.tags[replacesTag] === name)
      .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0]
  if (found) return found
  throw new RunbookError(
    'R003',
    `Cannot find node group ${name}: ${target.cluster} has no such managed group`,
    {
      hint: `aws eks list-nodegroups --cluster-name ${target.cluster}`,
    },
  )
}

/** How groups get new nodes: by a green group in the place of the blue one, or by EKS's own update. */
export type Way = 'blue-green' | 'in-place'

/** A group as it will be after the moves planned so far. */
export type GroupNow = Pick<NodeGroup, 'name' | 'version' | 'release' | 'amiType' | 'settings'> & {
  /** Its name before the first of them. */
  readonly line: string
  /** Left out for a group that the plan makes. */
  readonly arn?: string
}

/** A group before any move. */
export const atStart = (group: NodeGroup): GroupNow => ({ ...group, line: group.name })

/** Managed node groups in the order of their names. */
export const groupsNow = async ({ eks, cluster }: Target): Promise<readonly NodeGroup[]> => {
  const names = (await eks.nodeGroupNames(cluster)).toSorted()
  const groups = []
  for (const name of names) groups.push(await eks.describeNodeGroup(cluster, name))
  return groups.filter((group) => group !== undefined)
}

/** Groups that carry pods, and those that an earlier swap emptied and left standing closed. */
export const livingGroups = async (
  target: Target,
): Promise<{ readonly living: readonly NodeGroup[]; readonly kept: readonly NodeGroup[] }> => {
  const groups = await groupsNow(target)
  const [nodes, pods] = await Promise.all([target.kube.nodes(), target.kube.pods()])
  const carriers = new Set(pods.filter(isMovable).map(({ node }) => node))
  const isKept = (group: NodeGroup) =>
    isReplaced(group, groups) &&
    nodes
      .filter(({ nodeGroup }) => nodeGroup === group.name)
      .every(({ name, cordoned }) => cordoned && !carriers.has(name))
  return { living: groups.filter((group) => !isKept(group)), kept: groups.filter(isKept) }
}

const isReplaced = (group: NodeGroup, groups: readonly NodeGroup[]): boolean => {
  const line = group.settings.tags[replacesTag] ?? group.name
  return groups.some(
    ({ name, status, createdAt, settings }) =>
      name !== group.name &&
      status === 'ACTIVE' &&
      settings.tags[replacesTag] === line &&
      Date.parse(createdAt) > Date.parse(group.createdAt),
  )
}

/** DP-034, for the plan to show. */
export const keptFinding = ({ name, version }: NodeGroup): PlanFinding => ({
  code: 'DP-034',
  outcome: 'warn',
  object: `node group ${name}`,
  expected: 'deleted once nobody wants it back',
  found: `kept at ${version}, empty and cordoned: this plan leaves it alone`,
  hint: `aws eks delete-nodegroup --cluster-name <cluster> --nodegroup-name ${name}`,
})

/** What a group's nodes shall be; what is left out is as it is, or as EKS recommends. */
export interface Wanted {
  readonly version: string
  readonly way: Way
  readonly amiType?: string | undefined
  /** AMI type for a group that leaves Amazon Linux 2. */
  readonly insteadOfAl2?: string | undefined
  readonly release?: string | undefined
  /** Whose releases are taken instead of those recommended. */
  readonly proven?: PlanShape | undefined
}

/**
 * The move of a group to a minor, its AMI release pinned; undefined when it is there already. A group that cannot stay
 * on its AMI type is swapped even where in-place was asked for: EKS changes no AMI type in place.
 */
export const planGroup = async (
  target: Target,
  group: GroupNow,
  wanted: Wanted,
): Promise<GroupMove | PlanFinding | undefined> => {
  const { version, way } = wanted
  const amiType = wanted.amiType ?? amiTypeOn(version, group.amiType, wanted.insteadOfAl2)
  const nodes = { formerAmiType: group.amiType, version, amiType }
  const proven = wanted.proven && provenRelease(wanted.proven, nodes)
  if (proven !== undefined && !(await isReleased(target, { ...nodes, release: proven })))
    return noLonger(group, version, proven)
  const release = wanted.release ?? proven ?? (await recommendedRelease(target, version, amiType))
  if (release === undefined) return noImage(group, version, amiType)
  if (group.version === version && group.release === release && group.amiType === amiType) return undefined
  const swapped = way === 'blue-green' || amiType !== group.amiType
  const { line, name, settings, version: before } = group
  return {
    line,
    name,
    ...(group.arn === undefined ? {} : { arn: group.arn }),
    green: swapped ? greenName(name, { version, release, amiType }) : name,
    version,
    release,
    amiType,
    former: { version: before, release: group.release, amiType: group.amiType },
    settings: swapped ? { ...settings, tags: { [replacesTag]: name, ...settings.tags } } : settings,
    ...(await userDataOf(target, settings)),
  }
}

/** What a launch template of one's own gives to the kubelet, by its hash. */
const userDataOf = async (
  { ec2 }: Target,
  { launchTemplate }: NodeGroup['settings'],
): Promise<Pick<GroupMove, 'userData'>> => {
  const content = launchTemplate && (await ec2.launchTemplate(launchTemplate.id, launchTemplate.version))
  return content?.userData === undefined ? {} : { userData: content.userData }
}

/** True for a group whose nodes are below the minor. */
export const isBehind = ({ version }: Pick<GroupNow, 'version'>, minor: string): boolean =>
  minorsBetween(version, minor) > 0

/** The group that there is after a move. */
export const afterMove = (move: GroupMove): GroupNow => {
  const { line, name, arn, green, version, release, amiType, settings } = move
  const stays = name === green && arn !== undefined ? { arn } : {}
  return { line, name: green, ...stays, version, release, amiType, settings }
}

/** True for a reason instead of a move. */
export const isProblem = (planned: object): planned is PlanFinding => 'expected' in planned

const noLonger = ({ name }: GroupNow, version: string, release: string): PlanFinding => ({
  code: 'DP-040',
  outcome: 'block',
  object: `node group ${name}`,
  expected: `AMI release ${release}, which was proven, offered by EKS for ${version}`,
  found: 'EKS no longer offers it',
  hint: 'run on staging again with what EKS offers now, then plan with that evidence',
})

const noImage = ({ name }: GroupNow, version: string, amiType: string): PlanFinding => ({
  code: 'DP-028',
  outcome: 'block',
  object: `node group ${name}`,
  expected: `an AMI of type ${amiType} that EKS offers for ${version}`,
  found: amiType === 'CUSTOM' ? 'an image of your own, which has no recommended release' : 'none',
  hint: 'move the group to an AMI type that EKS offers, or leave it to its own pipeline, then plan again',
})
