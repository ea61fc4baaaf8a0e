import type { UpdateClusterVersionCommandInput, UpdateType } from '@aws-sdk/client-eks'
import type { TaskHandlers } from '../../timeline.ts'
import type { Aws, AwsCall } from '../call.ts'
import { textOf } from '../task-data.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { supportAt, supportedMinor } from './calendar.ts'
import { refreshInsights } from './insights.ts'
import {
  activePlaceOf,
  addressOf,
  kubernetesOf,
  minorAt,
  minorNumber,
  placeOf,
  placeOfTask,
  type Place,
} from './place.ts'
import { inUse, invalidParameter, invalidRequest, invalidState } from './refusals.ts'
import { beginUpdate, endUpdate, faultErrors, refuseWhileUpdating } from './updates.ts'

const rollbackDays = 7

export const clusterVersionHandlers = {
  'eks.UpdateClusterVersion': async (input, call) => {
    refuseWhileUpdating(placeOf(call, input.name), {})
    const place = activePlaceOf(call, input.name)
    const { cluster } = place.state
    const type = updateTypeOf(place, input.version ?? '')
    if (type === 'VersionRollback') await refuseRollback(place, input)
    else refuseUpgrade(place, input)
    return { update: begin(place, call, { type, from: cluster.version ?? '', to: input.version ?? '' }) }
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>

/**
 * One minor up is an upgrade, one minor down a rollback; nothing else is taken.
 * https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 */
const updateTypeOf = ({ aws, state }: Place, version: string): UpdateType => {
  const clusterName = state.cluster.name
  const target = supportedMinor(version)
  if (!target || Date.parse(target.release) > aws.timeline.now())
    throw invalidParameter('unsupported Kubernetes version', { clusterName })
  const from = state.cluster.version ?? ''
  if (version === minorAt(from, 1)) return 'VersionUpdate'
  if (version === minorAt(from, -1)) return 'VersionRollback'
  throw invalidParameter(`Unsupported Kubernetes minor version update from ${from} to ${version}`, {
    clusterName,
  })
}

const refuseUpgrade = ({ aws, state }: Place, { force }: UpdateClusterVersionCommandInput) => {
  const clusterName = state.cluster.name
  const behind = [...state.nodegroups.values()].filter(
    ({ version }) => minorNumber(version) < minorNumber(state.cluster.version),
  )
  if (aws.switches.nodesMustMatchControlPlane && behind.length > 0)
    throw invalidParameter(
      `Nodegroups ${behind.map(({ nodegroupName }) => nodegroupName).join(', ')} must be updated to match cluster version ` +
        `${state.cluster.version} before updating cluster version`,
      { clusterName },
    )
  if (aws.switches.insightsBlock && force !== true) refuseByInsights(state, 'UPGRADE_READINESS')
}

const refuseByInsights = (state: Place['state'], category: 'UPGRADE_READINESS' | 'ROLLBACK_READINESS') => {
  const blocking = state.insights.filter(
    (insight) => insight.category === category && insight.insightStatus?.status === 'ERROR',
  )
  if (blocking.length > 0)
    throw invalidState(
      `Cluster ${state.cluster.name} has readiness issues: ${blocking.map(({ name }) => name).join(', ')}. ` +
        'Call ListInsights for details, or pass force to override.',
      { clusterName: state.cluster.name },
    )
}

/** The conditions of https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html; the wording is the twin's. */
const refuseRollback = async (place: Place, { version, force }: UpdateClusterVersionCommandInput) => {
  const { aws, state } = place
  const running = state.updates.find(({ update }) => update.status === 'InProgress')
  if (running)
    throw inUse(`Cluster ${state.cluster.name} currently has update ${running.update.id} in progress`, {
      clusterName: state.cluster.name,
    })
  const reason = rollbackObstacle(place, version ?? '')
  if (reason !== undefined)
    throw invalidRequest(
      `Cluster ${state.cluster.name} cannot be rolled back from ${state.cluster.version} to ${version}: ${reason}`,
      { clusterName: state.cluster.name },
    )
  if (force === true) return
  await refreshInsights({ aws, region: place.region, state })
  refuseByInsights(state, 'ROLLBACK_READINESS')
}

const rollbackObstacle = ({ aws, state }: Place, version: string): string | undefined => {
  const [before, latest] = state.versions.slice(-2)
  if (!latest || before?.minor !== version) return 'it was not upgraded in place from that version'
  const now = aws.timeline.now()
  if (now - latest.at > rollbackDays * 86_400_000)
    return `more than ${rollbackDays} days have passed since the upgrade`
  const target = supportedMinor(version)
  const support = target ? supportAt(target, now) : 'none'
  if (support === 'none') return 'that version is no longer supported'
  return support === 'extended' && state.cluster.upgradePolicy?.supportType !== 'EXTENDED'
    ? 'that version is in extended support and the upgrade policy is STANDARD'
    : undefined
}

interface Move {
  readonly type: UpdateType
  readonly from: string
  readonly to: string
}

const begin = (place: Place, call: AwsCall, { type, from, to }: Move) => {
  const platformVersion = supportedMinor(to)?.platformVersion ?? ''
  const begun = beginUpdate(place, {
    type,
    params: [
      { type: 'Version', value: to },
      { type: 'PlatformVersion', value: platformVersion },
    ],
    subject: {},
    operation: 'UpdateClusterVersion',
  })
  place.state.cluster = { ...place.state.cluster, status: 'UPDATING' }
  call.effect(`cluster ${place.state.cluster.name} ${from} -> ${to} started`)
  if (begun.outcome !== 'hangs')
    place.aws.timeline.after(place.aws.durations.updateCluster, {
      kind: 'eks.finishClusterVersion',
      data: { ...addressOf(place), update: begun.update.id ?? '', version: to, outcome: begun.outcome },
    })
  return begun.update
}

export const clusterVersionTasks = (aws: Aws): TaskHandlers => ({
  'eks.finishClusterVersion': async (data) => {
    const place = placeOfTask(aws, data)
    if (!place || place.state.cluster.status === 'DELETING') return
    const { state } = place
    const version = textOf(data, 'version')
    const failed = textOf(data, 'outcome') === 'fails'
    if (!failed) {
      await kubernetesOf(place)?.setVersion(version)
      state.versions.push({ minor: version, at: aws.timeline.now() })
      state.cluster = {
        ...state.cluster,
        version,
        platformVersion: supportedMinor(version)?.platformVersion,
      }
    }
    state.cluster = { ...state.cluster, status: 'ACTIVE' }
    endUpdate(state, textOf(data, 'update'), failed ? faultErrors(state.cluster.name ?? '') : [])
    await refreshInsights(place)
  },
})
