import { hash } from 'node:crypto'
import type { NodeGroup } from '../aws/eks-node-groups.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { GroupMove } from './node-group.ts'

/** What of a group the next move begins with. */
export interface GroupNow {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly amiType: string
  readonly settings: GroupMove['settings']
}

export interface MoveChoice {
  /** Minor that the nodes get. */
  readonly version: string
  readonly swap: 'blue-green' | 'in-place'
  /** AMI family for groups that leave Amazon Linux 2, or for all when given by the operator. */
  readonly amiType?: string
  readonly release?: string
}

/** Managed node groups of the cluster, by name. */
export const groupsNow = async ({ eks, cluster }: Target): Promise<readonly NodeGroup[]> => {
  const names = (await eks.nodeGroupNames(cluster)).toSorted()
  const groups = await Promise.all(names.map((name) => eks.describeNodeGroup(cluster, name)))
  return groups.filter((group) => group !== undefined)
}

/** One managed node group. Throws R003 when the cluster has none of that name. */
export const groupNow = async ({ eks, cluster }: Target, name: string): Promise<NodeGroup> => {
  const group = await eks.describeNodeGroup(cluster, name)
  if (group) return group
  throw new RunbookError(
    'R003',
    `Cannot find node group ${name}: ${cluster} has no such managed node group`,
    {
      hint: `aws eks list-nodegroups --cluster-name ${cluster}`,
    },
  )
}

/** Pins how a group gets to a version: AMI family and release, and green's name. Undefined where it is there already. */
export const planMove = async (
  target: Target,
  group: GroupNow,
  choice: MoveChoice,
): Promise<GroupMove | undefined> => {
  const amiType = familyFor(group.amiType, choice)
  const release = choice.release ?? (await newestRelease(target, choice.version, amiType)) ?? ''
  if (group.version === choice.version && group.release === release && group.amiType === amiType)
    return undefined
  const { name, version, settings } = group
  const former = { version, release: group.release, amiType: group.amiType }
  const green =
    choice.swap === 'in-place' ? name : greenName(target, name, `${choice.version} ${release} ${amiType}`)
  return { name, green, version: choice.version, release, amiType, former, settings }
}

/** The group as it is after the move. */
export const afterMove = (group: GroupNow, move: GroupMove | undefined): GroupNow =>
  move === undefined
    ? group
    : { ...group, name: move.green, version: move.version, release: move.release, amiType: move.amiType }

const familyFor = (amiType: string, { version, amiType: wanted }: MoveChoice): string => {
  if (!amiType.startsWith('AL2_'))
    return wanted !== undefined && isSameFamily(amiType, wanted) ? wanted : amiType
  if (wanted !== undefined) return wanted
  if (Number(version.split('.')[1]) < 33) return amiType
  const families: { readonly [al2: string]: string } = {
    AL2_x86_64: 'AL2023_x86_64_STANDARD',
    AL2_ARM_64: 'AL2023_ARM_64_STANDARD',
    AL2_x86_64_GPU: 'AL2023_x86_64_NVIDIA',
  }
  return families[amiType] ?? amiType
}

const isSameFamily = (a: string, b: string) =>
  a.split('_')[0] === b.split('_')[0] && a.includes('ARM') === b.includes('ARM')

/**
 * The parameter with the newest release of a family for a minor.
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
 */
const releaseParameter = (minor: string, amiType: string): string | undefined => {
  const al = `/aws/service/eks/optimized-ami/${minor}`
  const arch = amiType.includes('ARM_64') ? 'arm64' : 'x86_64'
  if (amiType === 'AL2_x86_64') return `${al}/amazon-linux-2/recommended/release_version`
  if (amiType === 'AL2_x86_64_GPU') return `${al}/amazon-linux-2-gpu/recommended/release_version`
  if (amiType === 'AL2_ARM_64') return `${al}/amazon-linux-2-arm64/recommended/release_version`
  const variant = /^AL2023_(?:x86_64|ARM_64)_(STANDARD|NVIDIA|NEURON)$/.exec(amiType)?.[1]?.toLowerCase()
  if (variant) return `${al}/amazon-linux-2023/${arch}/${variant}/recommended/release_version`
  if (!amiType.startsWith('BOTTLEROCKET_')) return undefined
  const kind = amiType.includes('NVIDIA') ? '-nvidia' : ''
  return `/aws/service/bottlerocket/aws-k8s-${minor}${kind}/${arch}/latest/image_version`
}

const newestRelease = async (target: Target, minor: string, amiType: string): Promise<string | undefined> => {
  const name = releaseParameter(minor, amiType)
  if (name === undefined) return undefined
  const release = await target.parameters.parameter(name)
  if (release !== undefined) return release
  throw new RunbookError(
    'R003',
    `Cannot pin an AMI: there is no ${amiType} for Kubernetes ${minor} (${name})`,
    {
      hint: 'choose another family: --ami-type',
    },
  )
}

/** `<base>-<minor>-<short>`, at most 63 characters: the same facts give the same name. */
export const greenName = ({ arn }: Pick<Target, 'arn'>, blue: string, goal: string): string => {
  const minor = (goal.split(' ')[0] ?? '').replace('.', '-')
  const short = hash('sha256', `${arn} ${blue} ${goal}`).slice(0, 5)
  const base = blue.replace(/-\d+-\d+-[0-9a-f]{5}$/, '')
  return `${base.slice(0, 63 - minor.length - short.length - 2)}-${minor}-${short}`
}
