import type { CreateNodegroupCommandInput, Issue, Nodegroup } from '@aws-sdk/client-eks'
import type { Task, TaskHandlers } from '../../timeline.ts'
import { deleteAutoScalingGroup } from '../auto-scaling/groups.ts'
import type { Aws } from '../call.ts'
import { textOf } from '../task-data.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { admitNodeRole, makeNodegroup } from './make-nodegroup.ts'
import { cordonMembers, emptied, groupOf, membersOf, readyOf } from './nodegroup-members.ts'
import { activePlaceOf, addressOf, eksPage, nodegroupOf, placeOf, placeOfTask, type Place } from './place.ts'
import { inUse, invalidParameter } from './refusals.ts'
import { refuseWhileUpdating } from './updates.ts'

const pollSeconds = 5

/** EKS gives up on a node group whose nodes are not Ready by then (the twin's figure; AWS waits about as long). */
const creationTimeoutSeconds = 1200

const refuseCreation = (place: Place, input: CreateNodegroupCommandInput) => {
  const { clusterName, nodegroupName = '' } = input
  const subject = { clusterName, nodegroupName }
  if (place.state.nodegroups.has(nodegroupName))
    throw inUse(
      `NodeGroup already exists with name ${nodegroupName} and cluster name ${clusterName}`,
      subject,
    )
  if (!/^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/.test(nodegroupName))
    throw invalidParameter(
      'The nodegroup name must be 1 to 63 letters, digits, hyphens and underscores, and begin with a letter or a digit',
      subject,
    )
  const missing = (input.subnets ?? []).find((id) => !place.region.subnets.has(id))
  if (missing !== undefined) throw invalidParameter(`The subnet ID '${missing}' does not exist`, subject)
}

const beginDeletion = async (place: Place, nodegroup: Nodegroup): Promise<Nodegroup> => {
  if (nodegroup.status === 'DELETING') return nodegroup
  refuseWhileUpdating(place, { nodegroupName: nodegroup.nodegroupName ?? '' })
  const deleting: Nodegroup = { ...nodegroup, status: 'DELETING' }
  place.state.nodegroups.set(nodegroup.nodegroupName ?? '', deleting)
  await cordonMembers(place, membersOf(place, nodegroup))
  place.aws.timeline.after(0, {
    kind: 'eks.drainNodegroup',
    data: { ...addressOf(place), nodegroup: nodegroup.nodegroupName, since: place.aws.timeline.now() },
  })
  return deleting
}

export const nodegroupHandlers = {
  'eks.CreateNodegroup': (input, call) => {
    const place = activePlaceOf(call, input.clusterName)
    refuseCreation(place, input)
    const nodegroup = makeNodegroup(place, input, 'over-time')
    admitNodeRole(place, input.nodeRole ?? '')
    call.aws.timeline.after(pollSeconds, {
      kind: 'eks.settleNodegroup',
      data: { ...addressOf(place), nodegroup: input.nodegroupName, since: call.aws.timeline.now() },
    })
    call.effect(`node group ${input.nodegroupName} created`)
    return { nodegroup }
  },
  'eks.DescribeNodegroup': (input, call) => ({
    nodegroup: nodegroupOf(placeOf(call, input.clusterName), input.nodegroupName),
  }),
  'eks.ListNodegroups': (input, call) => {
    const page = eksPage([...placeOf(call, input.clusterName).state.nodegroups.keys()].toSorted(), input)
    return { nodegroups: [...page.items], nextToken: page.next }
  },
  'eks.DeleteNodegroup': async (input, call) => {
    const place = placeOf(call, input.clusterName)
    const current = nodegroupOf(place, input.nodegroupName)
    const nodegroup = await beginDeletion(place, current)
    call.effect(`node group ${input.nodegroupName} deletion started`, current.status === 'DELETING')
    return { nodegroup }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

const found = (aws: Aws, data: Task['data']) => {
  const place = placeOfTask(aws, data)
  const nodegroup = place?.state.nodegroups.get(textOf(data, 'nodegroup'))
  return (
    place && nodegroup && { place, nodegroup, elapsed: (aws.timeline.now() - Number(data['since'])) / 1000 }
  )
}

const settle = async (aws: Aws, data: Task['data']): Promise<void> => {
  const entry = found(aws, data)
  if (entry?.nodegroup.status !== 'CREATING') return
  const { place, nodegroup, elapsed } = entry
  const members = membersOf(place, nodegroup)
  const ready = await readyOf(place, members)
  const desired = groupOf(place, nodegroup)?.DesiredCapacity ?? 0
  const done = ready.length >= desired && elapsed >= aws.durations.createNodegroup
  if (!done && elapsed < creationTimeoutSeconds)
    return aws.timeline.after(pollSeconds, { kind: 'eks.settleNodegroup', data })
  place.state.nodegroups.set(nodegroup.nodegroupName ?? '', {
    ...nodegroup,
    status: done ? 'ACTIVE' : 'CREATE_FAILED',
    health: {
      issues: done
        ? []
        : [creationIssue(place, nodegroup, { missing: desired - members.length, ready: ready.length })],
    },
    modifiedAt: new Date(aws.timeline.now()),
  })
}

const creationIssue = (
  place: Place,
  nodegroup: Nodegroup,
  { missing, ready }: { readonly missing: number; readonly ready: number },
): Issue => {
  const groupName = groupOf(place, nodegroup)?.AutoScalingGroupName ?? ''
  if (missing > 0) {
    const last = place.region.activities.get(groupName)?.findLast(({ StatusCode }) => StatusCode === 'Failed')
    return {
      code: 'AsgInstanceLaunchFailures',
      message: last?.StatusMessage ?? `Could not launch ${missing} instances.`,
      resourceIds: [groupName],
    }
  }
  const members = membersOf(place, nodegroup)
  return {
    code: 'NodeCreationFailure',
    message: `Instances failed to join the kubernetes cluster (${ready} of ${members.length} nodes Ready)`,
    resourceIds: members.map(({ instanceId }) => instanceId),
  }
}

/** Drains through evictions, then ends the instances whether or not budgets let all pods go by then. */
const drain = async (aws: Aws, data: Task['data']): Promise<void> => {
  const entry = found(aws, data)
  if (!entry) return
  const { place, nodegroup, elapsed } = entry
  const empty = await emptied(place, membersOf(place, nodegroup))
  if (!empty && elapsed < aws.durations.managedDrain)
    return aws.timeline.after(pollSeconds, { kind: 'eks.drainNodegroup', data })
  const group = groupOf(place, nodegroup)
  if (group) deleteAutoScalingGroup(aws, place.region, group.AutoScalingGroupName ?? '')
  aws.timeline.after(pollSeconds, { kind: 'eks.forgetNodegroup', data })
}

const forget = (aws: Aws, data: Task['data']): void => {
  const entry = found(aws, data)
  if (!entry) return
  const { place, nodegroup, elapsed } = entry
  if (groupOf(place, nodegroup) || elapsed < aws.durations.deleteNodegroup)
    return aws.timeline.after(pollSeconds, { kind: 'eks.forgetNodegroup', data })
  const name = nodegroup.nodegroupName ?? ''
  for (const template of place.region.launchTemplates.values())
    if (
      template.tags['eks:nodegroup-name'] === name &&
      template.tags['eks:cluster-name'] === nodegroup.clusterName
    )
      place.region.launchTemplates.delete(template.id)
  place.state.nodegroups.delete(name)
}

export const nodegroupTasks = (aws: Aws): TaskHandlers => ({
  'eks.settleNodegroup': (data) => settle(aws, data),
  'eks.drainNodegroup': (data) => drain(aws, data),
  'eks.forgetNodegroup': (data) => forget(aws, data),
})
