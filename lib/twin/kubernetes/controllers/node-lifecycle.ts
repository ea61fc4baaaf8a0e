import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject, NodeRegistration } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { deletePod, later, withCondition, type Control } from './control.ts'
import { followReadiness } from './kubelet.ts'
import { tolerates } from './placement.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'

/** Registers a node, not Ready yet, with the taint that keeps pods away until it is. */
export const registerNode = (control: Control, node: NodeRegistration): void => {
  if (control.storage.get('nodes', '', node.name)) return
  const stored = control.storage.create('nodes', nodeObject(node, control.timeline.now()))
  control.storage.create('leases.coordination.k8s.io', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node.name, namespace: 'kube-node-lease' },
    spec: {
      holderIdentity: node.name,
      leaseDurationSeconds: 40,
      renewTime: isoSeconds(control.timeline.now()),
    },
  })
  if (node.readyAfterSeconds !== undefined) later(control, node.readyAfterSeconds, 'k8s.nodeReady', stored)
}

const nodeObject = (node: NodeRegistration, now: number): KubeObject => {
  const taints = [...node.taints, { key: notReady, effect: 'NoSchedule' }]
  const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].reduce<unknown>(
    (all, type) => withCondition(all, { type, status: 'False', reason: `KubeletHasNo${type}` }, now),
    [],
  )
  const ready = {
    type: 'Ready',
    status: 'False',
    reason: 'KubeletNotReady',
    message: 'network plugin not ready',
  } as const
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels: node.labels },
    spec: { providerID: node.providerId, taints },
    status: {
      addresses: [
        { type: 'InternalIP', address: node.internalIp },
        { type: 'InternalDNS', address: node.name },
        { type: 'Hostname', address: node.name },
      ],
      allocatable: node.allocatable,
      capacity: node.capacity,
      conditions: withCondition(pressures, ready, now),
      nodeInfo: {
        architecture: node.architecture,
        containerRuntimeVersion: node.containerRuntimeVersion,
        kernelVersion: node.kernelVersion,
        kubeProxyVersion: node.kubeletVersion,
        kubeletVersion: node.kubeletVersion,
        machineID: node.instanceId,
        operatingSystem: 'linux',
        osImage: node.osImage,
      },
    },
  }
}

/** The kubelet reports Ready. */
export const nodeReady = (control: Control, node: KubeObject): void => {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  } as const
  const conditions = withCondition(at(node, 'status', 'conditions'), ready, control.timeline.now())
  control.storage.update('nodes', { ...node, status: { ...fields(node['status']), conditions } })
}

/** Looks after a node that changed: its taints say whether it is Ready, and drive out who does not tolerate them. */
export const reconcileNode = (control: Control, node: KubeObject): void => {
  const tainted = withReadinessTaints(control, node)
  followReadiness(control, tainted)
  enforceTaints(control, tainted)
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-not-ready */
const withReadinessTaints = (control: Control, node: KubeObject): KubeObject => {
  const ready = items(at(node, 'status', 'conditions')).find((one) => textAt(one, 'type') === 'Ready')
  if (ready === undefined) return node
  const status = textAt(ready, 'status')
  const key = status === 'True' ? undefined : status === 'Unknown' ? unreachable : notReady
  const before = items(at(node, 'spec', 'taints'))
  const kept = before.filter(
    (taint) => textAt(taint, 'key') === key || ![notReady, unreachable].includes(textAt(taint, 'key')),
  )
  const has = (effect: string) =>
    kept.some((taint) => textAt(taint, 'key') === key && textAt(taint, 'effect') === effect)
  const timeAdded = isoSeconds(control.timeline.now())
  const added =
    key === undefined
      ? []
      : ['NoSchedule', 'NoExecute']
          .filter((effect) => !has(effect))
          .map((effect) => ({ key, effect, timeAdded }))
  if (added.length === 0 && kept.length === before.length) return node
  const { taints: _before, ...spec } = fields(node['spec'])
  const taints = [...kept, ...added]
  return control.storage.update('nodes', {
    ...node,
    spec: { ...spec, ...(taints.length > 0 ? { taints } : {}) },
  })
}

const noExecute = (node: KubeObject | undefined) =>
  items(at(node, 'spec', 'taints')).filter((taint) => textAt(taint, 'effect') === 'NoExecute')

/** NoExecute taints drive out pods that do not tolerate them, those with tolerationSeconds later. */
const enforceTaints = (control: Control, node: KubeObject): void => {
  const taints = noExecute(node)
  if (taints.length === 0) return
  for (const { pod } of control.index.podsOn(node.metadata.name).all()) enforceOn(control, pod, taints)
}

const enforceOn = (control: Control, pod: KubeObject, taints: readonly unknown[]) => {
  if (pod.metadata.deletionTimestamp !== undefined) return
  const end = patienceOf(control, pod, taints)
  const wait = (end - control.timeline.now()) / 1000
  if (wait <= 0) return deletePod(control, pod)
  const planned = `taint ${pod.metadata.uid ?? ''}`
  if (!Number.isFinite(end) || control.state.pending.has(planned)) return
  control.state.pending.add(planned)
  later(control, wait, 'k8s.taintEviction', pod)
}

/** When a pod must leave because of the taints: virtual milliseconds, Infinity for never. */
const patienceOf = (control: Control, pod: KubeObject, taints: readonly unknown[]): number =>
  Math.min(
    ...taints.map((taint) => {
      const tolerations = items(at(pod, 'spec', 'tolerations')).filter((one) => tolerates(one, taint))
      if (tolerations.length === 0) return -Infinity
      const seconds = tolerations.flatMap((one) => numberAt(one, 'tolerationSeconds') ?? [])
      const added = Date.parse(textAt(taint, 'timeAdded'))
      const since = Number.isNaN(added) ? control.timeline.now() : added
      return seconds.length === 0 ? Infinity : since + Math.max(0, Math.min(...seconds)) * 1000
    }),
  )

/** The patience of a pod with a taint is over, if its node still has one that it has tolerated long enough. */
export const evictTainted = (control: Control, pod: KubeObject): void => {
  control.state.pending.delete(`taint ${pod.metadata.uid ?? ''}`)
  const taints = noExecute(control.storage.get('nodes', '', textAt(pod, 'spec', 'nodeName')))
  if (taints.length > 0) enforceOn(control, pod, taints)
}

/** A pod that came to a node with NoExecute taints leaves when its patience is over. */
export const enforceTaintsOn = (control: Control, pod: KubeObject): void => {
  const taints = noExecute(control.storage.get('nodes', '', textAt(pod, 'spec', 'nodeName')))
  if (taints.length > 0) enforceOn(control, pod, taints)
}

/** The node is gone, and what ran on it with it. */
export const forgetNode = (control: Control, name: string): void => {
  const node = control.storage.get('nodes', '', name)
  if (node) control.storage.purge('nodes', node)
  const lease = control.storage.get('leases.coordination.k8s.io', 'kube-node-lease', name)
  if (lease) control.storage.purge('leases.coordination.k8s.io', lease)
  for (const { pod } of control.index.podsOn(name).all()) control.storage.purge('pods', pod)
  control.state.pulled.delete(name)
}
