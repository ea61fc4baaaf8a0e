import type {
  Nodegroup,
  UpdateNodegroupConfigCommandInput,
  UpdateNodegroupVersionCommandInput,
  UpdateParam,
} from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import { resizeGroup } from '../auto-scaling/groups.ts'
import type { Aws } from '../call.ts'
import { textOf } from '../task-data.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { groupOf } from './nodegroup-members.ts'
import { releaseFor } from './nodegroup-release.ts'
import { activePlaceOf, addressOf, nodegroupOf, placeOf, placeOfTask, type Place } from './place.ts'
import { invalidParameter, invalidRequest } from './refusals.ts'
import { beginRoll } from './rolling-update.ts'
import { beginUpdate, endUpdate, faultErrors, refuseWhileUpdating, type Begun } from './updates.ts'

/** How long a change of settings takes, in virtual seconds. */
const configSeconds = 20

const present = (pairs: readonly (readonly [NonNullable<UpdateParam['type']>, unknown])[]): UpdateParam[] =>
  pairs.flatMap(([type, value]) =>
    value === undefined ? [] : [{ type, value: typeof value === 'string' ? value : JSON.stringify(value) }],
  )

const configParams = (input: UpdateNodegroupConfigCommandInput) =>
  present([
    ['MinSize', input.scalingConfig?.minSize],
    ['MaxSize', input.scalingConfig?.maxSize],
    ['DesiredSize', input.scalingConfig?.desiredSize],
    ['LabelsToAdd', input.labels?.addOrUpdateLabels],
    ['LabelsToRemove', input.labels?.removeLabels],
    ['TaintsToAdd', input.taints?.addOrUpdateTaints],
    ['TaintsToRemove', input.taints?.removeTaints],
    ['MaxUnavailable', input.updateConfig?.maxUnavailable],
    ['MaxUnavailablePercentage', input.updateConfig?.maxUnavailablePercentage],
    ['UpdateStrategy', input.updateConfig?.updateStrategy],
    ['NodeRepairEnabled', input.nodeRepairConfig?.enabled],
  ])

/** Labels and taints reach nodes that join from now on. */
const changed = (current: Nodegroup, input: UpdateNodegroupConfigCommandInput): Nodegroup => {
  const removed = new Set(input.labels?.removeLabels)
  const labels = { ...current.labels, ...input.labels?.addOrUpdateLabels }
  const key = (taint: { readonly key?: string | undefined; readonly effect?: string | undefined }) =>
    `${taint.key}/${taint.effect}`
  const added = input.taints?.addOrUpdateTaints ?? []
  const replaced = new Set([...added, ...(input.taints?.removeTaints ?? [])].map(key))
  return {
    ...current,
    scalingConfig: { ...current.scalingConfig, ...input.scalingConfig },
    labels: Object.fromEntries(Object.entries(labels).filter(([name]) => !removed.has(name))),
    taints: [...(current.taints ?? []).filter((taint) => !replaced.has(key(taint))), ...added],
    updateConfig: input.updateConfig ?? current.updateConfig,
    ...(input.nodeRepairConfig && { nodeRepairConfig: input.nodeRepairConfig }),
  }
}

const refuseSizes = ({ scalingConfig = {}, clusterName, nodegroupName }: Nodegroup) => {
  const { minSize = 0, maxSize = 1, desiredSize = 0 } = scalingConfig
  if (minSize > maxSize || desiredSize > maxSize || desiredSize < minSize)
    throw invalidParameter(
      `Desired capacity ${desiredSize} must be between the minimum ${minSize} and the maximum ${maxSize}`,
      { clusterName, nodegroupName },
    )
}

const updateConfig = (place: Place, input: UpdateNodegroupConfigCommandInput) => {
  const current = nodegroupOf(place, input.nodegroupName)
  const next = changed(current, input)
  refuseSizes(next)
  const nodegroupName = current.nodegroupName ?? ''
  const begun = beginUpdate(place, {
    type: 'ConfigUpdate',
    params: configParams(input),
    subject: { nodegroupName },
    operation: 'UpdateNodegroupConfig',
  })
  const settled = begun.outcome === 'succeeds' ? next : current
  place.state.nodegroups.set(nodegroupName, { ...settled, status: 'UPDATING' })
  const group = groupOf(place, current)
  const { minSize: min = 0, maxSize: max = 1, desiredSize: desired = 0 } = settled.scalingConfig ?? {}
  if (group && input.scalingConfig && begun.outcome === 'succeeds')
    resizeGroup(place.aws, place.region, group.AutoScalingGroupName ?? '', { min, max, desired })
  finishLater(place, nodegroupName, begun)
  return begun.update
}

const finishLater = (place: Place, nodegroup: string, begun: Begun) => {
  if (begun.outcome === 'hangs') return
  place.aws.timeline.after(configSeconds, {
    kind: 'eks.finishNodegroupUpdate',
    data: { ...addressOf(place), nodegroup, update: begun.update.id, outcome: begun.outcome },
  })
}

/** Without a version the node group keeps its own: https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html */
const updateVersion = (place: Place, input: UpdateNodegroupVersionCommandInput) => {
  const current = nodegroupOf(place, input.nodegroupName)
  const { nodegroupName = '', clusterName, amiType = '' } = current
  const subject = { clusterName, nodegroupName }
  refuseWhileUpdating(place, { nodegroupName })
  if (current.status !== 'ACTIVE' && current.status !== 'DEGRADED')
    throw invalidRequest(`Nodegroup '${nodegroupName}' is not in ACTIVE status`, subject)
  if (input.launchTemplate && !current.launchTemplate)
    throw invalidParameter('The node group was not created with a launch template', subject)
  if (amiType === 'CUSTOM' && !input.launchTemplate)
    throw invalidParameter('A node group with a custom AMI is updated by its launch template only', subject)
  const version = input.version ?? current.version ?? ''
  const release =
    amiType === 'CUSTOM'
      ? undefined
      : releaseFor(place, { version, amiType, releaseVersion: input.releaseVersion, subject })
  const begun = beginUpdate(place, {
    type: 'VersionUpdate',
    params: present([
      ['Version', version],
      ['ReleaseVersion', release?.releaseVersion],
      ['LaunchTemplateVersion', input.launchTemplate?.version],
    ]),
    subject: { nodegroupName },
    operation: 'UpdateNodegroupVersion',
  })
  place.state.nodegroups.set(nodegroupName, { ...current, status: 'UPDATING' })
  const same = release?.releaseVersion === current.releaseVersion && !input.launchTemplate
  if (begun.outcome !== 'succeeds' || same) finishLater(place, nodegroupName, begun)
  else beginRoll(place, current, { input, version, release, update: begun.update.id ?? '' })
  return begun.update
}

export const nodegroupUpdateHandlers = {
  'eks.UpdateNodegroupConfig': (input, call) => {
    const update = updateConfig(placeOf(call, input.clusterName), input)
    call.effect(`node group ${input.nodegroupName} config update started`)
    return { update }
  },
  'eks.UpdateNodegroupVersion': (input, call) => {
    const update = updateVersion(activePlaceOf(call, input.clusterName), input)
    call.effect(`node group ${input.nodegroupName} version update started`)
    return { update }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

export const nodegroupUpdateTasks = (aws: Aws): TaskHandlers => ({
  'eks.finishNodegroupUpdate': (data) => {
    const state = placeOfTask(aws, data)?.state
    const name = textOf(data, 'nodegroup')
    const nodegroup = state?.nodegroups.get(name)
    if (!state || !nodegroup) return
    state.nodegroups.set(name, { ...nodegroup, status: 'ACTIVE' })
    endUpdate(state, textOf(data, 'update'), textOf(data, 'outcome') === 'fails' ? faultErrors(name) : [])
  },
})
