import type { WorkloadTiming } from '../../world.ts'
import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { withMeta } from '../storage.ts'
import { later, recordEvent, withCondition, type Control } from './control.ts'
import { containerStatuses, ipOf } from './pod-status.ts'
import { controllerOf, isActive, isTrue } from './seen-pod.ts'

/** Seconds that a pod of a Job runs before it succeeds. */
const jobSeconds = 5
const stuckFinalizer = 'example.com/stuck'

/** The pod has a node: its images are pulled, then it starts. */
export const podBound = (control: Control, pod: KubeObject): void => {
  const node = textAt(pod, 'spec', 'nodeName')
  const message = `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${node}`
  recordEvent(control, pod, { type: 'Normal', reason: 'Scheduled', message })
  later(control, pullSeconds(control, pod, node), 'k8s.podStarts', pod)
}

/** The pod is on its way out: its processes get their time, then it goes. A fault may put a finalizer on it. */
export const podStopping = (control: Control, pod: KubeObject): void => {
  const object = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
  const grace = pod.metadata.deletionGracePeriodSeconds ?? 0
  if (control.strike('stuck-finalizer', { service: 'kubernetes', operation: 'DeletePod', object })) {
    const now = control.storage.get('pods', pod.metadata.namespace ?? '', pod.metadata.name) ?? pod
    const finalizers = [...(now.metadata.finalizers ?? []), stuckFinalizer]
    control.storage.update('pods', withMeta(now, { finalizers }))
  }
  recordEvent(control, pod, { type: 'Normal', reason: 'Killing', message: 'Stopping container' })
  later(control, Math.min(grace, timingOf(control, pod).stop ?? 2), 'k8s.podStopped', pod)
}

/** Times of the workload a pod belongs to, over those of `*`. */
const timingOf = (control: Control, pod: KubeObject): WorkloadTiming => ({
  ...control.workloads['*'],
  ...control.workloads[`${pod.metadata.namespace ?? ''}/${workloadOf(control, pod)}`],
})

const workloadOf = (control: Control, pod: KubeObject): string => {
  const owner = controllerOf(pod)
  if (owner?.kind !== 'ReplicaSet') return owner?.name ?? pod.metadata.name
  const set = control.storage.get('replicasets.apps', pod.metadata.namespace ?? '', owner.name)
  return (set && controllerOf(set)?.name) ?? owner.name
}

/** An image is pulled once a node. EKS's own add-ons come from the Region's registry, and faster. */
const pullSeconds = (control: Control, pod: KubeObject, node: string): number => {
  const containers = [...items(at(pod, 'spec', 'initContainers')), ...items(at(pod, 'spec', 'containers'))]
  const fresh = new Set(containers.map((one) => textAt(one, 'image')))
  const there = control.state.pulled.get(node) ?? new Set<string>()
  for (const image of fresh) if (there.has(image)) fresh.delete(image)
  for (const image of fresh) there.add(image)
  control.state.pulled.set(node, there)
  const object = [`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, ...fresh].join(' ')
  const fault =
    fresh.size > 0 && control.strike('slow-pull', { service: 'kubernetes', operation: 'PullImage', object })
  if (fault) return fault.seconds ?? 300
  if (fresh.size === 0) return 0.5
  return timingOf(control, pod).pull ?? Math.max(...[...fresh].map(usualPull))
}

const usualPull = (image: string) => (image.includes('/eks/') ? 1 : 3 + (image.length % 5))

/** The images are there: the containers run. */
export const podStarts = (control: Control, pod: KubeObject): void => {
  const node = control.storage.get('nodes', '', textAt(pod, 'spec', 'nodeName'))
  if (!node || !isActive(pod) || textAt(pod, 'status', 'phase') === 'Running') return
  started(control, pod, node)
  const { ready } = timingOf(control, pod)
  if (controllerOf(pod)?.kind === 'Job') later(control, ready ?? jobSeconds, 'k8s.podSucceeds', pod)
  else later(control, ready ?? readySeconds(pod), 'k8s.podReady', pod)
}

/** The readiness probes succeed. */
export const podReady = (control: Control, pod: KubeObject): void => {
  if (textAt(pod, 'status', 'phase') === 'Running') writeReadiness(control, pod, true)
}

/** The work of a Job's pod is done. */
export const podSucceeds = (control: Control, pod: KubeObject): void => {
  if (isActive(pod)) ended(control, pod)
}

/** The processes have ended: the pod goes, unless a finalizer holds it. */
export const podStopped = (control: Control, pod: KubeObject): void => {
  const left = control.storage.remove('pods', pod, 0)
  if (left) ended(control, left)
}

const readySeconds = (pod: KubeObject): number =>
  Math.max(
    1,
    ...items(at(pod, 'spec', 'containers')).map(
      (one) => numberAt(one, 'readinessProbe', 'initialDelaySeconds') ?? 1,
    ),
  )

const started = (control: Control, pod: KubeObject, node: KubeObject) => {
  const now = control.timeline.now()
  const ip = at(pod, 'spec', 'hostNetwork') === true ? hostIp(node) : ipOf(pod)
  let conditions = at(pod, 'status', 'conditions')
  for (const type of ['PodReadyToStartContainers', 'Initialized'])
    conditions = withCondition(conditions, { type, status: 'True' }, now)
  for (const type of ['ContainersReady', 'Ready'])
    conditions = withCondition(conditions, { type, status: 'False', reason: 'ContainersNotReady' }, now)
  control.storage.update('pods', {
    ...pod,
    status: {
      ...fields(pod['status']),
      phase: 'Running',
      conditions,
      hostIP: hostIp(node),
      hostIPs: [{ ip: hostIp(node) }],
      podIP: ip,
      podIPs: [{ ip }],
      ...containerStatuses(pod, { now, state: 'starting' }),
    },
  })
}

const hostIp = (node: KubeObject) =>
  textAt(
    items(at(node, 'status', 'addresses')).find((one) => textAt(one, 'type') === 'InternalIP'),
    'address',
  )

/** Says whether a running pod is Ready: its containers are, or its node is not heard of any more. */
export const writeReadiness = (control: Control, pod: KubeObject, ready: boolean): void => {
  const now = control.timeline.now()
  const condition = (type: string) =>
    ready ? ({ type, status: 'True' } as const) : ({ type, status: 'False', reason: 'NodeNotReady' } as const)
  const first = withCondition(at(pod, 'status', 'conditions'), condition('ContainersReady'), now)
  const conditions = withCondition(first, condition('Ready'), now)
  const statuses = ready ? containerStatuses(pod, { now, state: 'ready' }) : {}
  control.storage.update('pods', { ...pod, status: { ...fields(pod['status']), conditions, ...statuses } })
}

const ended = (control: Control, pod: KubeObject) => {
  const now = control.timeline.now()
  const conditions = withCondition(
    at(pod, 'status', 'conditions'),
    { type: 'Ready', status: 'False', reason: 'PodCompleted' },
    now,
  )
  control.storage.update('pods', {
    ...pod,
    status: {
      ...fields(pod['status']),
      phase: 'Succeeded',
      conditions,
      ...containerStatuses(pod, { now, state: 'ended' }),
    },
  })
}

/** The readiness of the pods of a node that came back or went silent. */
export const followReadiness = (control: Control, node: KubeObject): void => {
  const ready = isTrue(node, 'Ready')
  for (const { pod, isReady } of control.index.podsOn(node.metadata.name).all()) {
    if (isReady === ready || textAt(pod, 'status', 'phase') !== 'Running') continue
    if (!ready) writeReadiness(control, pod, false)
    else if (isSilenced(pod)) writeReadiness(control, pod, true)
  }
}

const isSilenced = (pod: KubeObject) =>
  items(at(pod, 'status', 'conditions')).some((one) => textAt(one, 'reason') === 'NodeNotReady')
