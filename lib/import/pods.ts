import type { V1Pod } from '@kubernetes/client-node'
import { ownerFrom } from '../kube/metadata.ts'
import { addCuts } from './left-out.ts'
import { metadataCuts, metadataOf, type Taken } from './manifest.ts'
import { podCuts, podSpecOf } from './pod-template.ts'

/** Seconds that a pod took from its place to its containers, and from there to Ready. */
export interface Startup {
  readonly pull: number
  readonly ready: number
}

/** One pod, cut down: the controller above it, how it started, and the pod itself where nobody makes it again. */
export interface PodTaken extends Taken {
  readonly namespace: string
  readonly owner: { readonly kind: string; readonly name: string } | undefined
  /** Undefined where the conditions tell nothing sane. */
  readonly startup: Startup | undefined
}

/** Controllers that the twin has: their pods are made again there. */
const makers = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'])

/** Cuts a pod down. */
export const podTaken = (raw: V1Pod): PodTaken => {
  const { metadata, status } = raw
  const owner = ownerFrom(metadata)
  const common = {
    namespace: metadata?.namespace ?? '',
    owner: owner && { kind: owner.kind, name: owner.name },
    startup: startupOf(raw),
  }
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed')
    return { ...common, cuts: { finishedPods: 1 } }
  if (metadata?.deletionTimestamp !== undefined) return { ...common, cuts: { terminating: 1 } }
  if (owner !== undefined)
    return { ...common, cuts: makers.has(owner.kind) ? { ownedPods: 1 } : { foreignPods: 1 } }
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(metadata),
    spec: podSpecOf(raw.spec),
  }
  return { ...common, manifest, cuts: addCuts(metadataCuts(metadata, status), podCuts(raw.spec)) }
}

/** Longer than this is no startup but a pod that was ill for a while. */
const longestSeconds = 900

/** Only of pods that never restarted: their conditions still tell of the first start. */
const startupOf = ({ status }: V1Pod): Startup | undefined => {
  const containers = status?.containerStatuses ?? []
  if (containers.length === 0 || containers.some(({ restartCount }) => restartCount > 0)) return undefined
  const scheduled = conditionTime(status, 'PodScheduled')
  const ready = conditionTime(status, 'Ready')
  const started = Math.max(...containers.map(({ state }) => timeOf(state?.running?.startedAt)))
  const [pull, rest] = [(started - scheduled) / 1000, (ready - started) / 1000]
  const isSane = (seconds: number) => seconds >= 0 && seconds <= longestSeconds
  return isSane(pull) && isSane(rest) ? { pull, ready: rest } : undefined
}

const conditionTime = (status: V1Pod['status'], wanted: string): number => {
  const condition = (status?.conditions ?? []).find(
    ({ type, status: is }) => type === wanted && is === 'True',
  )
  return timeOf(condition?.lastTransitionTime)
}

/** Milliseconds; not a number where there is no time. JSON carries times as text. */
const timeOf = (time: Date | string | undefined): number =>
  time === undefined ? Number.NaN : new Date(time).getTime()
