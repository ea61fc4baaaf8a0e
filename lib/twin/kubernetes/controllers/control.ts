import type { Random } from '../../../runbook/random.ts'
import type { StrikeFault } from '../../faults.ts'
import type { Timeline } from '../../timeline.ts'
import type { WorkloadTiming } from '../../world.ts'
import { asText, at, fields, items, textAt } from '../api/reading.ts'
import { selectorMatcher } from '../api/selectors.ts'
import { StatusError } from '../api/status-error.ts'
import { createObject, type Door } from '../api/write.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds, sameJson, type Storage } from '../storage.ts'
import type { Counted, ObjectIndex } from './object-index.ts'
import type { NodeView } from './placement.ts'
import { tallyOf } from './pod-list.ts'
import { isActive } from './seen-pod.ts'

/** What the controllers remember besides the stored objects: plain data, for snapshots. */
export interface ControlState {
  /** Reconciles that are planned already, as `controller key`. */
  readonly pending: Set<string>
  /** Images by the node that has them. */
  readonly pulled: Map<string, Set<string>>
  /** Names of recorded events, oldest first. */
  readonly events: string[]
  counter: number
}

/** What all controllers of one cluster share. */
export interface Control {
  readonly cluster: string
  readonly storage: Storage
  readonly door: Door
  readonly timeline: Timeline
  readonly random: Random
  readonly strike: StrikeFault
  readonly workloads: { readonly [name: string]: WorkloadTiming }
  readonly state: ControlState
  readonly index: ObjectIndex
  /** The scheduler's views of nodes, by the stored node: derived, never part of a snapshot. */
  readonly views: WeakMap<KubeObject, NodeView>
  /** Hashes of pod templates, which are replaced and never changed: derived too. */
  readonly hashes: WeakMap<object, string>
}

/** Plans a reconcile of `key` unless one is planned: however many changes come, it looks once. */
export const wake = (control: Control, controller: string, key: string, seconds = 0): void => {
  const id = `${controller} ${key}`
  if (control.state.pending.has(id)) return
  control.state.pending.add(id)
  const data = { cluster: control.cluster, controller, key }
  control.timeline.after(seconds, { kind: 'k8s.reconcile', data })
}

/** Plans what happens to one pod or node later; `uid` guards against a namesake. */
export const later = (control: Control, seconds: number, kind: string, object: KubeObject): void => {
  const { namespace = '', name, uid = '' } = object.metadata
  control.timeline.after(seconds, { kind, data: { cluster: control.cluster, namespace, name, uid } })
}

/** Creates an object as a controller does; a refusal is recorded as an event and gives undefined. */
export const make = (
  control: Control,
  object: KubeObject,
  owner: KubeObject | undefined,
): KubeObject | undefined => {
  const type = control.storage.typeOfKind(object.apiVersion, object.kind)
  if (!type) return undefined
  try {
    return createObject(control.door, type, { object, options: { manager: 'kube-controller-manager' } })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const message = `Error creating: ${error.message}`
    if (owner) recordEvent(control, owner, { type: 'Warning', reason: 'FailedCreate', message })
    return undefined
  }
}

/** Writes the status where it differs. */
export const writeStatus = (control: Control, resource: string, object: KubeObject, status: object): void => {
  const now = control.storage.get(resource, object.metadata.namespace ?? '', object.metadata.name)
  if (now && !sameJson(now['status'], status)) control.storage.update(resource, { ...now, status })
}

/** How many events a cluster keeps. */
const eventLimit = 300

/** Records an event about an object, as `kubectl describe` shows it; the oldest go. */
export const recordEvent = (
  control: Control,
  about: KubeObject,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
): void => {
  const namespace = about.metadata.namespace ?? 'default'
  const at = isoSeconds(control.timeline.now())
  control.state.counter += 1
  const name = `${about.metadata.name}.${control.state.counter.toString(16).padStart(16, '0')}`
  const { apiVersion, kind, metadata } = about
  control.storage.create('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      apiVersion,
      kind,
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
    },
    ...event,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'eks-twin' },
  })
  control.state.events.push(`${namespace}/${name}`)
  if (control.state.events.length <= eventLimit) return
  const [oldSpace = '', oldName = ''] = (control.state.events.shift() ?? '').split('/')
  const old = control.storage.get('events', oldSpace, oldName)
  if (old) control.storage.purge('events', old)
}

/** Sets one condition; its transition time moves only when its status does. */
export const withCondition = (
  conditions: unknown,
  condition: { readonly type: string; readonly status: 'True' | 'False' | 'Unknown' } & {
    readonly reason?: string
    readonly message?: string
    readonly lastUpdateTime?: string
  },
  now: number,
): readonly unknown[] => {
  const all = items(conditions)
  const before = all.find((one) => textAt(one, 'type') === condition.type)
  const same = before !== undefined && textAt(before, 'status') === condition.status
  const lastTransitionTime = same ? textAt(before, 'lastTransitionTime') : isoSeconds(now)
  const next = { ...condition, lastTransitionTime }
  return before === undefined ? [...all, next] : all.map((one) => (one === before ? next : one))
}

/** The reference that makes `owner` the controller of an object. */
export const controlledBy = (owner: KubeObject) => [
  {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  },
]

/** Pods that `owner` controls, by name. */
export const podsOf = (control: Control, owner: KubeObject): Counted =>
  control.index.podsOwnedBy(owner.metadata.uid ?? '')

/** Pods of the namespace that the LabelSelector selects, by name: looked for among those with its rarest label. */
export const podsSelected = ({ index }: Control, namespace: string, selector: unknown): Counted => {
  const labels = Object.entries(fields(at(selector, 'matchLabels')))
  const lists = labels.map(([key, value]) => index.podsLabelled(namespace, [key, asText(value)]))
  const [rarest, ...others] = lists.toSorted((a, b) => a.all().length - b.all().length)
  if (rarest && others.length === 0 && at(selector, 'matchExpressions') === undefined) return rarest
  const isSelected = selectorMatcher(selector)
  const among = rarest ?? index.podsIn(namespace)
  const selected = among.all().filter(({ pod }) => isSelected(pod.metadata.labels ?? {}))
  return { all: () => selected, tally: tallyOf(selected) }
}

/** Starts the deletion of a pod, with its own grace period when it runs. */
export const deletePod = (control: Control, pod: KubeObject): void => {
  const runs = textAt(pod, 'spec', 'nodeName') !== '' && isActive(pod)
  const grace = Number(textAt(pod, 'spec', 'terminationGracePeriodSeconds') || '30')
  if (pod.metadata.deletionTimestamp === undefined) control.storage.remove('pods', pod, runs ? grace : 0)
}

/** A count or a percentage of `total`, as in maxSurge and minAvailable. */
export const share = (value: unknown, total: number, round: (number: number) => number): number => {
  const text = typeof value === 'number' ? String(value) : textAt({ value }, 'value')
  return text.endsWith('%') ? round((Number(text.slice(0, -1)) * total) / 100) : Number(text || '0')
}

/** The pod of a template, owned by `owner`. */
export const podFrom = (
  owner: KubeObject,
  more: { readonly name?: string; readonly labels?: { readonly [key: string]: string } },
): KubeObject => {
  const template = fields(at(owner, 'spec', 'template'))
  const labels = { ...fields(at(template, 'metadata', 'labels')), ...more.labels } as {
    [key: string]: string
  }
  const annotations = fields(at(template, 'metadata', 'annotations')) as { [key: string]: string }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: more.name ?? '',
      ...(more.name === undefined ? { generateName: `${owner.metadata.name}-` } : {}),
      namespace: owner.metadata.namespace ?? '',
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: controlledBy(owner),
    },
    spec: template['spec'],
  }
}
