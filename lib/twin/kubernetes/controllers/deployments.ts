import { at, fields, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { withMeta } from '../storage.ts'
import { controlledBy, make, podsOf, share, withCondition, writeStatus, type Control } from './control.ts'
import { withProgress } from './deployment-progress.ts'
import { hashOfTemplate } from './template-hash.ts'

const sets = 'replicasets.apps'
const revisionKey = 'deployment.kubernetes.io/revision'

/** Rolls a Deployment towards its template. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ */
export const reconcileDeployment = (control: Control, deployment: KubeObject): void => {
  if (deployment.metadata.deletionTimestamp !== undefined) return
  const all = control.index.dependents(deployment.metadata.uid ?? '', sets)
  const hash = hashOfTemplate(control, deployment)
  const current = all.find((set) => set.metadata.labels?.['pod-template-hash'] === hash)
  const old = all.filter((set) => set !== current)
  if (at(deployment, 'spec', 'paused') !== true || current === undefined)
    roll(control, deployment, { current, old, hash })
  else scaleTo(control, current, numberAt(deployment, 'spec', 'replicas') ?? 1)
  forgetHistory(control, deployment, old)
  writeDeploymentStatus(control, deployment, hash)
}

interface Sets {
  readonly current: KubeObject | undefined
  readonly old: readonly KubeObject[]
  readonly hash: string
}

const roll = (control: Control, deployment: KubeObject, { current, old, hash }: Sets) => {
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1
  const recreate = textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate'
  const busy = old.some((set) => sizeOf(set) > 0 || podsOf(control, set).all().length > 0)
  if (recreate && busy) return old.forEach((set) => scaleTo(control, set, 0))
  const next = renumbered(control, deployment, { old, set: current ?? newSet(control, deployment, hash) })
  if (!next) return undefined
  const { surge, unavailable } = limits(deployment, wanted)
  const total = [...old, next].reduce((sum, set) => sum + sizeOf(set), 0)
  const room = recreate ? wanted : Math.min(wanted, sizeOf(next) + Math.max(0, wanted + surge - total))
  scaleTo(control, next, sizeOf(next) > wanted ? wanted : Math.max(sizeOf(next), room))
  shrinkOld(control, { old, next, least: wanted - unavailable })
  return undefined
}

/** maxSurge rounds up, maxUnavailable down; both 0 makes the latter 1. */
const limits = (deployment: KubeObject, wanted: number) => {
  const rolling = at(deployment, 'spec', 'strategy', 'rollingUpdate')
  const surge = share(at(rolling, 'maxSurge'), wanted, Math.ceil)
  const unavailable = Math.min(wanted, share(at(rolling, 'maxUnavailable'), wanted, Math.floor))
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Old pods that are not available go first, then as many as leave `least` available. */
const shrinkOld = (
  control: Control,
  {
    old,
    next,
    least,
  }: { readonly old: readonly KubeObject[]; readonly next: KubeObject; readonly least: number },
) => {
  const live = control.storage.get(sets, next.metadata.namespace ?? '', next.metadata.name) ?? next
  const total = [...old, live].reduce((sum, set) => sum + sizeOf(set), 0)
  let room = total - least - (sizeOf(live) - availableOf(live))
  for (const set of old) {
    const size = sizeOf(set)
    const dead = Math.max(0, Math.min(size - availableOf(set), room))
    room -= dead
    if (dead > 0) scaleTo(control, set, size - dead)
  }
  let spare = [...old, live].reduce((sum, set) => sum + availableOf(set), 0) - least
  for (const set of old) {
    const live = control.storage.get(sets, set.metadata.namespace ?? '', set.metadata.name) ?? set
    const go = Math.max(0, Math.min(sizeOf(live), availableOf(live), spare, room))
    spare -= go
    room -= go
    if (go > 0) scaleTo(control, live, sizeOf(live) - go)
  }
}

const sizeOf = (set: KubeObject) => numberAt(set, 'spec', 'replicas') ?? 1
const availableOf = (set: KubeObject) =>
  Math.min(sizeOf(set), numberAt(set, 'status', 'availableReplicas') ?? 0)
const revisionOf = (set: KubeObject) => Number(set.metadata.annotations?.[revisionKey] ?? '0')

const scaleTo = (control: Control, set: KubeObject, replicas: number) => {
  if (sizeOf(set) !== replicas)
    control.storage.update(sets, { ...set, spec: { ...fields(set['spec']), replicas } })
}

const newSet = (control: Control, deployment: KubeObject, hash: string) => {
  const { name, namespace = '' } = deployment.metadata
  const template = fields(at(deployment, 'spec', 'template'))
  const labels = { ...fields(at(template, 'metadata', 'labels')), 'pod-template-hash': hash } as {
    [key: string]: string
  }
  const selector = fields(at(deployment, 'spec', 'selector'))
  const matchLabels = { ...fields(selector['matchLabels']), 'pod-template-hash': hash }
  return make(
    control,
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: `${name}-${hash}`, namespace, labels, ownerReferences: controlledBy(deployment) },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels },
        template: { ...template, metadata: { ...fields(template['metadata']), labels } },
      },
    },
    deployment,
  )
}

/** The set in force has the highest revision, and the Deployment shows it. */
const renumbered = (
  control: Control,
  deployment: KubeObject,
  { old, set }: { readonly old: readonly KubeObject[]; readonly set: KubeObject | undefined },
) => {
  if (!set) return undefined
  const highest = Math.max(0, ...old.map(revisionOf))
  const revision = String(revisionOf(set) > highest ? revisionOf(set) : highest + 1)
  note(control, 'deployments.apps', { object: deployment, revision })
  return note(control, sets, { object: set, revision })
}

const note = (
  { storage }: Control,
  resource: string,
  { object, revision }: { readonly object: KubeObject; readonly revision: string },
): KubeObject => {
  const { annotations } = object.metadata
  if (annotations?.[revisionKey] === revision) return object
  return storage.update(
    resource,
    withMeta(object, { annotations: { ...annotations, [revisionKey]: revision } }),
  )
}

const forgetHistory = (control: Control, deployment: KubeObject, old: readonly KubeObject[]) => {
  const keep = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10
  const empty = old
    .filter((set) => sizeOf(set) === 0 && podsOf(control, set).all().length === 0)
    .toSorted((a, b) => revisionOf(b) - revisionOf(a))
  for (const set of empty.slice(keep)) control.storage.remove(sets, set)
}

const writeDeploymentStatus = (control: Control, deployment: KubeObject, hash: string) => {
  const all = control.index.dependents(deployment.metadata.uid ?? '', sets)
  const sum = (of: (set: KubeObject) => number | undefined) =>
    all.reduce((total, set) => total + (of(set) ?? 0), 0)
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1
  const replicas = sum((set) => numberAt(set, 'status', 'replicas'))
  const available = sum((set) => numberAt(set, 'status', 'availableReplicas'))
  const current = all.find((set) => set.metadata.labels?.['pod-template-hash'] === hash)
  const updated = numberAt(current, 'status', 'replicas') ?? 0
  const enough = available >= wanted - limits(deployment, wanted).unavailable
  const before = withCondition(
    at(deployment, 'status', 'conditions'),
    availability(enough),
    control.timeline.now(),
  )
  const counts = { wanted, replicas, updated, available }
  const conditions = withProgress(control, deployment, { conditions: before, counts })
  writeStatus(control, 'deployments.apps', deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(available > 0 ? { readyReplicas: available, availableReplicas: available } : {}),
    ...(wanted > available ? { unavailableReplicas: wanted - available } : {}),
    conditions,
  })
}

const availability = (enough: boolean) =>
  enough
    ? ({
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      } as const)
    : ({
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      } as const)

/** Time to see whether the rollout has moved. */
export const deadlineReached = (control: Control, deployment: KubeObject): void => {
  control.state.pending.delete(`deadline ${deployment.metadata.uid ?? ''}`)
  reconcileDeployment(control, deployment)
}
