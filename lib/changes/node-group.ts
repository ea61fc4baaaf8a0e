import type { EksUpdate } from '../aws/eks-cluster.ts'
import type { NodeGroup, NodeGroupSettings } from '../aws/eks-node-groups.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Act, Change } from '../runbook/runbook.ts'
import { ownUpdate } from './failed-update.ts'
import { replacesTag } from './green-name.ts'
import { deletingNote, madeNote } from './same-group.ts'

/** One node group that takes the place of another, as it stands in a plan. */
export type GroupMove = {
  /** Name of the group as it was when the run was planned, however many greens followed it since: ids are made of it. */
  readonly line: string
  /** Blue: the group there is. */
  readonly name: string
  /** Blue's ARN; left out where an earlier move of the same plan makes blue. */
  readonly arn?: string
  /** Green: the group to be made; the same as `name` for an update in place. */
  readonly green: string
  /** Minor that green's nodes get. */
  readonly version: string
  readonly release: string
  readonly amiType: string
  readonly former: { readonly version: string; readonly release: string; readonly amiType: string }
  readonly settings: NodeGroupSettings
  /** sha256 in hex of the user data of a launch template of one's own; left out without. */
  readonly userData?: string
}

/**
 * Green exists and is ACTIVE, made of blue's settings, as large as blue is when it is made. One that an earlier run
 * could not make is made again.
 */
export const nodeGroupCreated = (move: GroupMove): Change<Target> => ({
  expectedSeconds: minutes(3),
  timeoutSeconds: minutes(40),
  reached: async ({ target: { eks, cluster }, recall }) => {
    const group = await eks.describeNodeGroup(cluster, move.green)
    if (group?.status === 'ACTIVE') return 'reached'
    if (group?.status === 'CREATE_FAILED' && recall(madeNote) === group.arn) throw unhealthy('create', group)
    return { waitingFor: `node group ${move.green}: ${group?.status ?? 'not there yet'}${issues(group)}` }
  },
  apply: (act) => create(act, move),
})

const create = async (act: Act<Target>, move: GroupMove): Promise<void> => {
  const { eks, cluster } = act.target
  const present = await eks.describeNodeGroup(cluster, move.green)
  if (present && present.settings.tags[replacesTag] !== move.settings.tags[replacesTag]) throw taken(present)
  // What came of a call whose answer was lost is seen here: the next call is another one.
  if (present) await act.conclude({ name: 'eks:CreateNodegroup', object: `${cluster}/${move.green}` })
  if (present?.status === 'CREATE_FAILED') await clearAway(act, present)
  else if (present?.status === 'DELETING') await untilGone(act, present)
  else if (present) return act.note(madeNote, present.arn)
  const desiredSize = await desiredOnce(act, move)
  const { green: name, version, release, amiType, settings } = move
  await act.act(
    {
      name: 'eks:CreateNodegroup',
      object: `${cluster}/${name}`,
      parameters: { version, releaseVersion: release, amiType, desiredSize },
    },
    (token) =>
      eks.createNodeGroup({ cluster, name, version, release, amiType, desiredSize, settings }, token),
  )
  const made = await eks.describeNodeGroup(cluster, name)
  if (made) await act.note(madeNote, made.arn)
}

/** What EKS could not make is deleted, so that it can be made again. */
const clearAway = async (act: Act<Target>, group: NodeGroup): Promise<void> => {
  const { eks, cluster } = act.target
  await act.act({ name: 'eks:DeleteNodegroup', object: group.arn, seen: { status: group.status } }, () =>
    eks.deleteNodeGroup(cluster, group.name),
  )
  await untilGone(act, group)
}

const untilGone = async (act: Act<Target>, { name, arn }: NodeGroup): Promise<void> => {
  const { eks, cluster } = act.target
  while ((await eks.describeNodeGroup(cluster, name))?.arn === arn) {
    act.progress({ waitingFor: `the failed node group ${name} to be gone` })
    await act.clock.sleep(15, act.signal)
  }
}

const taken = ({ name }: NodeGroup): RunbookError =>
  new RunbookError('R022', `Cannot create node group ${name}: a group that is none of ours has this name`, {
    hint: `look at it: aws eks describe-nodegroup --cluster-name <cluster> --nodegroup-name ${name}`,
  })

/** Blue's size when green is first asked for: a token repeats only with the same parameters. */
const desiredOnce = async (act: Act<Target>, { name, settings }: GroupMove): Promise<number> => {
  const noted = act.recall('desiredSize')
  if (typeof noted === 'number') return noted
  const blue = await act.target.eks.describeNodeGroup(act.target.cluster, name)
  const desired = Math.min(
    Math.max(blue?.desiredSize ?? settings.minSize, settings.minSize),
    settings.maxSize,
  )
  await act.note('desiredSize', desired)
  return desired
}

/**
 * The group is gone. DeleteNodegroup takes no token: the group is looked at first, and one of the same name that is
 * not the one first seen is left alone.
 */
export const nodeGroupDeleted = (name: string): Change<Target> => ({
  expectedSeconds: minutes(4),
  timeoutSeconds: minutes(45),
  reached: async ({ target: { eks, cluster }, recall }) => {
    const group = await eks.describeNodeGroup(cluster, name)
    if (!group || (recall(deletingNote) !== undefined && recall(deletingNote) !== group.arn)) return 'reached'
    if (group.status === 'DELETE_FAILED') throw unhealthy('delete', group)
    return { waitingFor: `node group ${name}: ${group.status}` }
  },
  apply: async (act) => {
    const { eks, cluster } = act.target
    const group = await eks.describeNodeGroup(cluster, name)
    if (!group || group.status === 'DELETING') return
    if (act.recall(deletingNote) === undefined) await act.note(deletingNote, group.arn)
    else if (act.recall(deletingNote) !== group.arn) return
    const seen = { status: group.status, createdAt: group.createdAt }
    await act.act({ name: 'eks:DeleteNodegroup', object: group.arn, seen }, () =>
      eks.deleteNodeGroup(cluster, name),
    )
  },
})

/**
 * A managed node group at a version, by EKS's own rolling update and without `force`: a budget that allows no eviction
 * for 15 minutes fails it. https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
export const nodeGroupAt = (name: string, version: string, release: string): Change<Target> => ({
  expectedSeconds: minutes(15),
  timeoutSeconds: minutes(180),
  reached: async (look) => {
    const { eks, cluster } = look.target
    const group = await eks.describeNodeGroup(cluster, name)
    if (group?.version === version && group.release === release && group.status === 'ACTIVE') return 'reached'
    const update = await ownUpdate(look, { nodeGroup: name })
    const which = update === undefined ? '' : `update ${update.id} of `
    return { waitingFor: `${which}node group ${name}: ${group?.version ?? ''} ${group?.status ?? 'missing'}` }
  },
  apply: async (act) => {
    const { eks, cluster } = act.target
    const running = await inFlight(act, { name, version, release })
    if (running) return act.note('update', running.id)
    const group = await eks.describeNodeGroup(cluster, name)
    if (!group || (group.version === version && group.release === release)) return
    const parameters = { version, releaseVersion: release }
    const update = await act.act(
      { name: 'eks:UpdateNodegroupVersion', object: group.arn, parameters, seen: { release: group.release } },
      (token) => eks.updateNodeGroupVersion({ cluster, name, version, release }, token),
    )
    await act.note('update', update.id)
  },
})

/** The update to our version and release that is in flight. Any other one ends first: EKS takes one at a time. */
const inFlight = async (
  act: Act<Target>,
  { name, version, release }: { readonly name: string; readonly version: string; readonly release: string },
): Promise<EksUpdate | undefined> => {
  const { eks, cluster } = act.target
  for (;;) {
    const updates = await eks.updates({ cluster, nodeGroup: name })
    const running = updates.find(({ status }) => status === 'InProgress')
    if (!running) return undefined
    const { id, type, params } = running
    const isOurs = params['Version'] === version && params['ReleaseVersion'] === release
    if (type === 'VersionUpdate' && isOurs) return running
    act.progress({ waitingFor: `update ${id} (${type}) of node group ${name} that is in flight` })
    await act.clock.sleep(15, act.signal)
  }
}

const issues = (group: NodeGroup | undefined): string =>
  (group?.issues ?? []).map(({ code, message }) => plainText(`, ${code}: ${message}`)).join('')

const unhealthy = (verb: string, group: NodeGroup): RunbookError =>
  new RunbookError('R022', `Cannot ${verb} node group ${group.name}: ${group.status}${issues(group)}`, {
    hint: `aws eks describe-nodegroup --cluster-name <cluster> --nodegroup-name ${group.name}`,
  })
