import type { ErrorDetail, Update, UpdateParam, UpdateType } from '@aws-sdk/client-eks'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { nextUuid } from '../ids.ts'
import type { ClusterState } from '../state.ts'
import { eksPage, placeOf, type Place } from './place.ts'
import { inUse, invalidRequest, notFound } from './refusals.ts'

/** What an update is about; empty: the cluster itself. */
export type UpdateSubject = ClusterState['updates'][number]['subject']

/** An update to begin. */
export interface UpdateSpec {
  readonly type: UpdateType
  readonly params: readonly UpdateParam[]
  readonly subject: UpdateSubject
  /** The call that begins it: what the faults update-fails and update-hangs match. */
  readonly operation: string
}

/** An update just begun. A fault may have decided how it ends. */
export interface Begun {
  readonly update: Update
  readonly outcome: 'succeeds' | 'fails' | 'hangs'
}

/** Throws ResourceInUseException while an update of the same cluster, node group or add-on is in progress. */
export const refuseWhileUpdating = ({ state }: Place, subject: UpdateSubject): void => {
  const running = state.updates.find(
    (entry) => entry.update.status === 'InProgress' && sameSubject(entry.subject, subject),
  )
  if (!running) return
  const clusterName = state.cluster.name
  const what =
    subject.nodegroupName === undefined
      ? subject.addonName === undefined
        ? `Cluster ${clusterName}`
        : `Addon ${subject.addonName}`
      : `Nodegroup ${subject.nodegroupName}`
  throw inUse(`${what} currently has update ${running.update.id} in progress`, { clusterName, ...subject })
}

/** Begins an update, one at a time for each subject. Throws ResourceInUseException. */
export const beginUpdate = (place: Place, spec: UpdateSpec): Begun => {
  refuseWhileUpdating(place, spec.subject)
  const { aws, state } = place
  const update: Update = {
    id: nextUuid(aws),
    status: 'InProgress',
    type: spec.type,
    params: spec.params.map((param) => ({ ...param })),
    createdAt: new Date(aws.timeline.now()),
    errors: [],
  }
  state.updates.push({ update, subject: spec.subject })
  const object = JSON.stringify({ name: state.cluster.name, ...spec.subject, params: spec.params })
  const matched = { service: 'eks', operation: spec.operation, object }
  if (aws.strike('update-hangs', matched)) return { update, outcome: 'hangs' }
  return { update, outcome: aws.strike('update-fails', matched) ? 'fails' : 'succeeds' }
}

/** Ends an update: Successful, or Failed when there are errors. */
export const endUpdate = (state: ClusterState, id: string, errors: readonly ErrorDetail[] = []): void => {
  const entry = state.updates.find(({ update }) => update.id === id)
  if (entry)
    entry.update = {
      ...entry.update,
      status: errors.length === 0 ? 'Successful' : 'Failed',
      errors: [...errors],
    }
}

/** Why an update failed that a fault made fail. */
export const faultErrors = (resource: string): readonly ErrorDetail[] => [
  {
    errorCode: 'Unknown',
    errorMessage: 'The update could not be completed. EKS has put the infrastructure back.',
    resourceIds: [resource],
  },
]

const sameSubject = (left: UpdateSubject, right: UpdateSubject) =>
  left.nodegroupName === right.nodegroupName && left.addonName === right.addonName

const subjectOf = (input: {
  nodegroupName?: string | undefined
  addonName?: string | undefined
}): UpdateSubject => ({
  ...(input.nodegroupName !== undefined && { nodegroupName: input.nodegroupName }),
  ...(input.addonName !== undefined && { addonName: input.addonName }),
})

const updateOf = ({ state }: Place, id: string | undefined, subject: UpdateSubject): Update => {
  const found = state.updates.find((entry) => entry.update.id === id && sameSubject(entry.subject, subject))
  if (found) return found.update
  throw notFound(`No update found for id: ${id}`, { clusterName: state.cluster.name, ...subject })
}

export const updateHandlers = {
  'eks.DescribeUpdate': (input, call) => ({
    update: updateOf(placeOf(call, input.name), input.updateId, subjectOf(input)),
  }),
  'eks.ListUpdates': (input, call) => {
    const subject = subjectOf(input)
    const ids = placeOf(call, input.name)
      .state.updates.filter((entry) => sameSubject(entry.subject, subject))
      .map(({ update }) => update.id ?? '')
    const page = eksPage(ids, input)
    return { updateIds: [...page.items], nextToken: page.next }
  },
  // Only the node phase of a rollback in Auto Mode can be cancelled, and the twin has no Auto Mode:
  // https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
  'eks.CancelUpdate': (input, call) => {
    const update = updateOf(placeOf(call, input.name), input.updateId, {})
    throw invalidRequest(
      `Update ${update.id} of type ${update.type} in status ${update.status} cannot be cancelled`,
      { clusterName: input.name },
    )
  },
} satisfies HandlersOf<'eks', typeof import('@aws-sdk/client-eks')>
