import { isRelease, releaseParameter } from '../aws/ami-parameters.ts'
import type { NodeGroup } from '../aws/eks-node-groups.ts'
import type { Target } from '../fleet/target.ts'
import type { KubeNode } from '../kube/node.ts'
import { canonicalJson } from '../runbook/json.ts'
import { redact } from '../runbook/redact.ts'
import { isPlain, labelProblem, short } from './admissible.ts'
import { addCuts, type Cuts, type Refused } from './left-out.ts'
import type { NodeGroupData } from './world-data.ts'

/** The managed node groups of a world. */
export interface NodeGroupsTaken {
  readonly groups: readonly NodeGroupData[]
  /** Where the nodes of the groups are. */
  readonly nodes: readonly PlacedNode[]
  readonly cuts: Cuts
  readonly refused: readonly Refused[]
}

/** A node with its group and its availability zone. */
export interface PlacedNode {
  readonly nodeGroup: string
  readonly zone: string
}

/** Reads the managed node groups, and the nodes that none of them made. */
export const readNodeGroups = async ({ eks, kube, cluster }: Target): Promise<NodeGroupsTaken> => {
  const names = (await eks.nodeGroupNames(cluster)).toSorted()
  const nodes = await kube.nodes()
  const taken: GroupTaken[] = []
  for (const name of names) {
    const group = await eks.describeNodeGroup(cluster, name)
    if (group !== undefined) taken.push(groupTaken(group, nodes))
  }
  const foreign = nodes.filter(({ nodeGroup }) => nodeGroup === undefined || !names.includes(nodeGroup))
  return {
    groups: taken.flatMap(({ group }) => group ?? []),
    nodes: nodes.flatMap(({ nodeGroup, zone = '' }) => (nodeGroup === undefined ? [] : { nodeGroup, zone })),
    cuts: addCuts(...taken.map(({ cuts }) => cuts), count('foreignNodes', foreign.length)),
    refused: taken.flatMap(({ refused }) => refused ?? []),
  }
}

interface GroupTaken {
  readonly group?: NodeGroupData
  readonly cuts: Cuts
  readonly refused?: Refused
}

/** A twin has groups that are ACTIVE only. */
const unusable: ReadonlySet<string> = new Set(['DELETING', 'DELETE_FAILED', 'CREATE_FAILED'])

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const groupName = /^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/

const groupTaken = (group: NodeGroup, nodes: readonly KubeNode[]): GroupTaken => {
  const { name, settings, status } = group
  if (!groupName.test(name)) return refusal(name, 'its name is none that EKS allows')
  if (unusable.has(status)) return refusal(name, `it is ${status}`)
  const own = group.amiType === 'CUSTOM'
  if (!own && releaseParameter(group.version, group.amiType) === undefined)
    return refusal(name, `its AMI type ${short(group.amiType)} has no recommended release that is known here`)
  const labels = safePairs(settings.labels)
  const tags = safePairs(settings.tags)
  const strange = labelProblem(labels.kept)
  if (strange !== undefined) return refusal(name, strange)
  return {
    group: {
      name,
      ...imageOf(group, nodes),
      instanceTypes: typesOf(group, nodes),
      minSize: settings.minSize,
      maxSize: settings.maxSize,
      desiredSize: group.desiredSize,
      labels: labels.kept,
      taints: settings.taints.map((taint) => ({ ...taint, effect: effects[taint.effect] ?? taint.effect })),
      tags: tags.kept,
      subnets: settings.subnets,
      launchTemplate: settings.launchTemplate !== undefined,
      ...(settings.diskSize === undefined ? {} : { diskSize: settings.diskSize }),
      capacityType: settings.capacityType === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
    },
    cuts: addCuts(
      count('tags', labels.dropped + tags.dropped),
      count('ownImages', own ? 1 : 0),
      count('launchTemplates', settings.launchTemplate === undefined ? 0 : 1),
      count('groupOptions', settings.remoteAccess !== undefined || settings.nodeRepair === true ? 1 : 0),
    ),
  }
}

const refusal = (name: string, reason: string): GroupTaken => ({
  cuts: {},
  refused: { object: `node group ${short(name)}`, reason },
})

/** As Kubernetes writes them. */
const effects: { readonly [effect: string]: string | undefined } = {
  NO_SCHEDULE: 'NoSchedule',
  NO_EXECUTE: 'NoExecute',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
}

/** A custom image cannot stand in a world file: its nodes become AL2023 of their architecture, in the recommended release. */
const imageOf = (
  group: NodeGroup,
  nodes: readonly KubeNode[],
): Pick<NodeGroupData, 'amiType' | 'version' | 'releaseVersion'> => {
  const { amiType, version, release } = group
  if (amiType !== 'CUSTOM')
    return { amiType, version, ...(isRelease(release) ? { releaseVersion: release } : {}) }
  const arm = nodes.some(
    ({ nodeGroup, labels }) => nodeGroup === group.name && labels['kubernetes.io/arch'] === 'arm64',
  )
  return { amiType: arm ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD', version }
}

/** A launch template may hold the type: then the nodes tell it. Else that of EKS, when none is given. */
const typesOf = ({ name, settings }: NodeGroup, nodes: readonly KubeNode[]): readonly string[] => {
  if (settings.instanceTypes.length > 0) return settings.instanceTypes
  const seen = nodes.flatMap(({ nodeGroup, instanceType }) =>
    nodeGroup === name && instanceType !== undefined ? [instanceType] : [],
  )
  return seen.length === 0 ? ['t3.medium'] : [...new Set(seen)].toSorted()
}

const safePairs = (pairs: { readonly [key: string]: string }) => {
  const entries = Object.entries(pairs)
  const safe = entries.filter(
    ([key, value]) =>
      key !== '__proto__' &&
      key !== 'constructor' &&
      key !== 'prototype' &&
      isPlain(key) &&
      isPlain(value) &&
      !isSecret(key, value),
  )
  return { kept: Object.fromEntries(safe), dropped: entries.length - safe.length }
}

/** By its name or by its looks. */
const isSecret = (key: string, value: string): boolean =>
  canonicalJson(redact({ [key]: value })) !== canonicalJson({ [key]: value })

const count = (what: keyof Cuts, times: number): Cuts => (times === 0 ? {} : { [what]: times })
