import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import type { ErrorDetail, Nodegroup, UpdateNodegroupVersionCommandInput } from '@aws-sdk/client-eks'
import type { Task, TaskHandlers } from '../../timeline.ts'
import type { AmiRelease } from '../ami-catalogue.ts'
import { resizeGroup, terminateInstance } from '../auto-scaling/groups.ts'
import type { Aws } from '../call.ts'
import {
  addLaunchTemplateVersion,
  findLaunchTemplate,
  launchTemplateVersion,
} from '../ec2/launch-templates.ts'
import { textOf } from '../task-data.ts'
import { cordonMembers, emptied, groupOf, membersOf, readyOf, type Member } from './nodegroup-members.ts'
import { addressOf, placeOfTask, type Place } from './place.ts'
import { endUpdate } from './updates.ts'

// The phases: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html

const pollSeconds = 5
const scaleUpTimeoutSeconds = 900

/** What a managed update needs to know. */
export interface RollSpec {
  readonly input: UpdateNodegroupVersionCommandInput
  readonly version: string
  readonly release: AmiRelease | undefined
  readonly update: string
}

/** Setup: the group's launch template gets a new version, the group more room; the rest runs on the timeline. */
export const beginRoll = (place: Place, nodegroup: Nodegroup, spec: RollSpec): void => {
  const { aws } = place
  const group = groupOf(place, nodegroup)
  const members = membersOf(place, nodegroup)
  const old = ids(members.filter(({ instanceId }) => !isUpdated(place, instanceId, spec)))
  if (group) changeTemplate(place, group, spec)
  const minimal = nodegroup.updateConfig?.updateStrategy === 'MINIMAL'
  if (group && !minimal && old.length > 0) {
    const surge = Math.max(2 * (group.AvailabilityZones?.length ?? 1), maxUnavailable(nodegroup, old.length))
    const desired = Math.max(group.DesiredCapacity ?? 0, old.length + surge)
    const max = Math.max(group.MaxSize ?? 0, desired)
    resizeGroup(aws, place.region, group.AutoScalingGroupName ?? '', { max, desired })
  }
  aws.timeline.after(pollSeconds, {
    kind: 'eks.roll',
    data: {
      ...addressOf(place),
      nodegroup: nodegroup.nodegroupName,
      update: spec.update,
      version: spec.version,
      releaseVersion: spec.release?.releaseVersion,
      templateVersion: spec.input.launchTemplate?.version,
      force: spec.input.force ?? false,
      minimal,
      phase: minimal || old.length === 0 ? 'pick' : 'scale-up',
      old,
      batch: [],
      size: members.length,
      since: aws.timeline.now(),
    },
  })
}

/**
 * True for a node that an update before this one, that failed, has already brought: it is not replaced again and counts as
 * room. Told by its image, so not where the node group has a launch template of its own.
 */
const isUpdated = ({ region }: Place, instanceId: string, { input, release }: RollSpec): boolean =>
  release !== undefined &&
  input.launchTemplate === undefined &&
  region.instances.get(instanceId)?.ImageId === release.imageId

const changeTemplate = ({ aws, region }: Place, group: AutoScalingGroup, { input, release }: RollSpec) => {
  const reference =
    group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
  if (!reference) return
  const template = findLaunchTemplate(region, reference)
  const current = launchTemplateVersion(template, reference.Version).LaunchTemplateData
  const own = input.launchTemplate
    ? launchTemplateVersion(
        findLaunchTemplate(region, {
          LaunchTemplateId: input.launchTemplate.id,
          LaunchTemplateName: input.launchTemplate.name,
        }),
        input.launchTemplate.version,
      ).LaunchTemplateData
    : undefined
  const added = addLaunchTemplateVersion(aws, template, {
    data: {
      ...current,
      ...own,
      ...(release && { ImageId: release.imageId }),
    } as RequestLaunchTemplateData,
    createdBy: `arn:aws:sts::${region.account}:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS`,
  })
  reference.Version = String(added.VersionNumber)
}

const maxUnavailable = ({ updateConfig }: Nodegroup, size: number): number =>
  updateConfig?.maxUnavailablePercentage === undefined
    ? (updateConfig?.maxUnavailable ?? 1)
    : Math.max(1, Math.floor((size * updateConfig.maxUnavailablePercentage) / 100))

interface Roll {
  readonly place: Place
  readonly nodegroup: Nodegroup
  readonly data: Task['data']
  readonly old: readonly Member[]
  readonly batch: readonly Member[]
  /** Seconds in this phase. */
  readonly elapsed: number
}

type Step = (roll: Roll) => Promise<void>

const goOn = ({ place, data }: Roll, change: Task['data'], seconds = pollSeconds): void => {
  const since = change['phase'] === undefined ? data['since'] : place.aws.timeline.now()
  place.aws.timeline.after(seconds, { kind: 'eks.roll', data: { ...data, since, ...change } })
}

const ids = (members: readonly Member[]) => members.map(({ instanceId }) => instanceId)

/** One new node Ready in each zone, then all old nodes are cordoned. */
const scaleUp: Step = async (roll) => {
  const { place, nodegroup, old, elapsed } = roll
  const fresh = membersOf(place, nodegroup).filter(({ instanceId }) => !ids(old).includes(instanceId))
  const zones = new Set((await readyOf(place, fresh)).map(({ zone }) => zone))
  const wanted = groupOf(place, nodegroup)?.AvailabilityZones ?? []
  if (wanted.every((zone) => zones.has(zone))) {
    await cordonMembers(place, old)
    return goOn(roll, { phase: 'pick' }, 0)
  }
  if (elapsed < scaleUpTimeoutSeconds) return goOn(roll, {})
  return fail(roll, {
    errorCode: 'NodeCreationFailure',
    errorMessage: "Couldn't proceed with upgrade process as new nodes are not joining node group",
    resourceIds: ids(fresh),
  })
}

/** Picks the next old nodes by chance. */
const pick: Step = async (roll) => {
  const { place, nodegroup, old, data } = roll
  if (old.length === 0) return goOn(roll, { phase: 'scale-down', batch: [] }, 0)
  const left = [...old]
  const count = Math.min(maxUnavailable(nodegroup, Number(data['size'])), left.length)
  const batch = Array.from({ length: count }, () =>
    left.splice(Math.floor(place.aws.random() * left.length), 1),
  ).flat()
  await cordonMembers(place, batch)
  return goOn(roll, { phase: 'drain', batch: ids(batch) }, 0)
}

const drain: Step = async (roll) => {
  const { place, nodegroup, batch, elapsed, data } = roll
  const { managedDrain, managedCordonWait } = place.aws.durations
  const empty = await emptied(place, batch)
  if (!empty && elapsed < managedDrain) return goOn(roll, {})
  if (empty || data['force'] === true) return goOn(roll, { phase: 'terminate' }, managedCordonWait)
  return fail(roll, {
    errorCode: 'PodEvictionFailure',
    errorMessage: `Reached max retries while trying to evict pods from nodes in node group ${nodegroup.nodegroupName}`,
    resourceIds: batch.map(({ node }) => node),
  })
}

/** Auto Scaling replaces what is terminated with the new configuration. */
const terminate: Step = (roll) => {
  const { place, batch, old, data } = roll
  for (const { instanceId } of batch)
    terminateInstance(place.aws, place.region, instanceId, { decrement: false })
  const rest = ids(old).filter((id) => !ids(batch).includes(id))
  goOn(roll, { phase: data['minimal'] === true ? 'replace' : 'pick', old: rest, batch: [] }, 0)
  return Promise.resolve()
}

/** Strategy MINIMAL: the replacements are Ready before the next nodes are picked. */
const replace: Step = async (roll) => {
  const { place, nodegroup, elapsed } = roll
  const members = membersOf(place, nodegroup)
  const ready = await readyOf(place, members)
  if (ready.length >= Number(roll.data['size'])) return goOn(roll, { phase: 'pick' }, 0)
  if (elapsed < scaleUpTimeoutSeconds) return goOn(roll, {})
  return fail(roll, {
    errorCode: 'NodeCreationFailure',
    errorMessage: "Couldn't proceed with upgrade process as new nodes are not joining node group",
    resourceIds: ids(members.filter((member) => !ready.includes(member))),
  })
}

/** Takes the surplus away, one drained node after the other. */
const scaleDown: Step = async (roll) => {
  const { place, nodegroup, batch, elapsed } = roll
  const group = groupOf(place, nodegroup)
  const { desiredSize = 0, maxSize = 1 } = nodegroup.scalingConfig ?? {}
  if (!group || (group.DesiredCapacity ?? 0) <= desiredSize) {
    if (group) resizeGroup(place.aws, place.region, group.AutoScalingGroupName ?? '', { max: maxSize })
    return succeed(roll)
  }
  if (batch.length === 0) {
    const chosen = await surplus(place, membersOf(place, nodegroup))
    await cordonMembers(place, chosen)
    return goOn(roll, { phase: 'scale-down', batch: ids(chosen) }, 0)
  }
  if (!(await emptied(place, batch)) && elapsed < place.aws.durations.managedDrain) return goOn(roll, {})
  for (const { instanceId } of batch)
    terminateInstance(place.aws, place.region, instanceId, { decrement: true })
  return goOn(roll, { phase: 'scale-down', batch: [] }, 0)
}

/** The newest node of the fullest zone; those that are not Ready go first. */
const surplus = async (place: Place, members: readonly Member[]): Promise<readonly Member[]> => {
  const ready = await readyOf(place, members)
  const dead = members.filter((member) => !ready.includes(member))
  const zones = [...Map.groupBy(dead.length > 0 ? dead : members, ({ zone }) => zone).values()]
  const fullest = zones.toSorted((a, b) => b.length - a.length)[0]
  return fullest?.slice(-1) ?? []
}

const phases: { readonly [phase: string]: Step } = {
  'scale-up': scaleUp,
  pick,
  drain,
  terminate,
  replace,
  'scale-down': scaleDown,
}

const succeed = ({ place, nodegroup, data }: Roll): void => {
  const templateVersion = textOf(data, 'templateVersion')
  place.state.nodegroups.set(nodegroup.nodegroupName ?? '', {
    ...nodegroup,
    status: 'ACTIVE',
    version: textOf(data, 'version'),
    releaseVersion: textOf(data, 'releaseVersion') || nodegroup.releaseVersion,
    ...(templateVersion !== '' && {
      launchTemplate: { ...nodegroup.launchTemplate, version: templateVersion },
    }),
    modifiedAt: new Date(place.aws.timeline.now()),
  })
  endUpdate(place.state, textOf(data, 'update'))
}

/** The group stays as the failure left it: cordoned old nodes and new ones side by side, its version the old one. */
const fail = ({ place, nodegroup, data }: Roll, error: ErrorDetail): void => {
  place.state.nodegroups.set(nodegroup.nodegroupName ?? '', { ...nodegroup, status: 'ACTIVE' })
  endUpdate(place.state, textOf(data, 'update'), [error])
}

const listOf = (data: Task['data'], key: string): readonly unknown[] => {
  const value: unknown = data[key]
  return Array.isArray(value) ? value : []
}

export const rollingUpdateTasks = (aws: Aws): TaskHandlers => ({
  'eks.roll': async (data) => {
    const place = placeOfTask(aws, data)
    const nodegroup = place?.state.nodegroups.get(textOf(data, 'nodegroup'))
    const step = phases[textOf(data, 'phase')]
    if (!place || nodegroup?.status !== 'UPDATING' || !step) return
    const members = membersOf(place, nodegroup)
    const among = (key: string) => members.filter(({ instanceId }) => listOf(data, key).includes(instanceId))
    const elapsed = (aws.timeline.now() - Number(data['since'])) / 1000
    await step({ place, nodegroup, data, old: among('old'), batch: among('batch'), elapsed })
  },
})
