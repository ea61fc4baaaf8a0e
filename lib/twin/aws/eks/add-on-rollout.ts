import type { Addon, AddonIssueCode, ErrorCode } from '@aws-sdk/client-eks'
import type { KubeObject } from '../../kubernetes/cluster-twin.ts'
import type { Task, TaskHandlers } from '../../timeline.ts'
import type { Aws } from '../call.ts'
import { textOf } from '../task-data.ts'
import { addressOf, kubernetesOf, placeOfTask, type Place } from './place.ts'
import { endUpdate, faultErrors, type Begun } from './updates.ts'

/** EKS gives up on an add-on whose workloads are not Ready by then (the twin's figure). */
const rolloutTimeoutSeconds = 1200
const pollSeconds = 5

/** An add-on whose objects are to be applied. */
export interface Installation {
  readonly addon: Addon
  readonly addonVersion: string
  /** Id of the update; undefined when it is being created. */
  readonly update: string | undefined
  readonly outcome: Begun['outcome']
}

/** The objects of an add-on at a version, on the cluster as it is. */
export const manifestsOf = (place: Place, addon: Addon, addonVersion: string): readonly KubeObject[] =>
  place.aws.addOnManifests({
    name: addon.addonName ?? '',
    version: addonVersion,
    configurationValues: addon.configurationValues,
    minor: place.state.cluster.version ?? '',
  }) ?? []

/** Applies the objects and follows them until they are rolled out, or the time is up. */
export const installAddOn = async (place: Place, job: Installation): Promise<void> => {
  if (job.outcome === 'hangs') return
  if (job.outcome === 'succeeds')
    await kubernetesOf(place)?.applyAddOn(manifestsOf(place, job.addon, job.addonVersion))
  place.aws.timeline.after(Math.min(pollSeconds, place.aws.durations.updateAddon), {
    kind: 'eks.settleAddon',
    data: {
      ...addressOf(place),
      addon: job.addon.addonName,
      version: job.addonVersion,
      update: job.update,
      outcome: job.outcome,
      since: place.aws.timeline.now(),
    },
  })
}

/** DEGRADED ends when the workloads are Ready again; EKS looks now and then, the twin when asked. */
export const recovered = async (place: Place, addon: Addon): Promise<Addon> => {
  if (addon.status !== 'DEGRADED') return addon
  const manifests = manifestsOf(place, addon, addon.addonVersion ?? '')
  if (!(await kubernetesOf(place)?.rolledOut(manifests))) return addon
  const healthy: Addon = { ...addon, status: 'ACTIVE', health: { issues: [] } }
  place.state.addons.set(addon.addonName ?? '', healthy)
  return healthy
}

const settle = async (aws: Aws, data: Task['data']): Promise<void> => {
  const place = placeOfTask(aws, data)
  const addon = place?.state.addons.get(textOf(data, 'addon'))
  if (!place || !addon || addon.status === 'DELETING') return
  const elapsed = (aws.timeline.now() - Number(data['since'])) / 1000
  const waiting = data['waited'] !== true && elapsed < aws.durations.updateAddon
  if (!waiting && textOf(data, 'outcome') === 'fails') return end(place, data, failure(addon, 'fault'))
  const rolledOut =
    !waiting &&
    ((await kubernetesOf(place)?.rolledOut(manifestsOf(place, addon, textOf(data, 'version')))) ?? false)
  if (rolledOut) return end(place, data, undefined)
  if (elapsed >= rolloutTimeoutSeconds) return end(place, data, failure(addon, 'replicas'))
  const wait = waiting ? aws.durations.updateAddon - elapsed : pollSeconds
  aws.timeline.after(wait, { kind: 'eks.settleAddon', data: { ...data, waited: true } })
}

interface Failure {
  readonly code: AddonIssueCode & ErrorCode
  readonly message: string
  readonly resource: string
}

const failure = (addon: Addon, why: 'fault' | 'replicas'): Failure | 'fault' =>
  why === 'fault'
    ? 'fault'
    : {
        code: 'InsufficientNumberOfReplicas',
        message: "The add-on is unhealthy because it doesn't have the desired number of replicas.",
        resource: addon.addonName ?? '',
      }

const end = (place: Place, data: Task['data'], failed: Failure | 'fault' | undefined): void => {
  const { aws, state } = place
  const name = textOf(data, 'addon')
  const updating = textOf(data, 'update') !== ''
  const failedStatus = updating ? ('UPDATE_FAILED' as const) : ('DEGRADED' as const)
  const issue = failed !== undefined && failed !== 'fault' ? failed : undefined
  state.addons.set(name, {
    ...state.addons.get(name),
    status: failed === undefined ? 'ACTIVE' : failedStatus,
    ...(failed !== 'fault' && { addonVersion: textOf(data, 'version') }),
    health: {
      issues: issue ? [{ code: issue.code, message: issue.message, resourceIds: [issue.resource] }] : [],
    },
    modifiedAt: new Date(aws.timeline.now()),
  })
  if (!updating) return
  const errors = issue
    ? [{ errorCode: issue.code, errorMessage: issue.message, resourceIds: [issue.resource] }]
    : failed === 'fault'
      ? faultErrors(name)
      : []
  endUpdate(state, textOf(data, 'update'), errors)
}

export const addOnTasks = (aws: Aws): TaskHandlers => ({
  'eks.settleAddon': (data) => settle(aws, data),
  'eks.forgetAddon': (data) => {
    placeOfTask(aws, data)?.state.addons.delete(textOf(data, 'addon'))
  },
})
