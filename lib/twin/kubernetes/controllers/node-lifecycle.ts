import { at, fields, items, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject, NodeRegistration } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { deletePod, later, withCondition, type Control } from './control.ts'
import { tolerates } from './placement.ts'

const notReady = 'node.kubernetes.io/not-ready'

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

/** The kubelet reports Ready, and the taint goes. */
export const nodeReady = (control: Control, node: KubeObject): void => {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  } as const
  const conditions = withCondition(at(node, 'status', 'conditions'), ready, control.timeline.now())
  const { taints: before, ...spec } = fields(node['spec'])
  const taints = items(before).filter((taint) => textAt(taint, 'key') !== notReady)
  control.storage.update('nodes', {
    ...node,
    spec: { ...spec, ...(taints.length > 0 ? { taints } : {}) },
    status: { ...fields(node['status']), conditions },
  })
}

/** NoExecute taints drive out pods that do not tolerate them, those with tolerationSeconds later. */
export const enforceTaints = (control: Control, node: KubeObject): void => {
  const taints = items(at(node, 'spec', 'taints')).filter((taint) => textAt(taint, 'effect') === 'NoExecute')
  if (taints.length === 0) return
  for (const pod of control.index.podsOn(node.metadata.name)) {
    const matching = taints.map((taint) =>
      items(at(pod, 'spec', 'tolerations')).filter((toleration) => tolerates(toleration, taint)),
    )
    if (matching.some((found) => found.length === 0)) deletePod(control, pod)
    const seconds = matching.flat().flatMap((one) => numberAt(one, 'tolerationSeconds') ?? [])
    if (seconds.length > 0) later(control, Math.min(...seconds), 'k8s.taintEviction', pod)
  }
}

/** The patience of a pod with its node's taint is over, if the taint is still there. */
export const evictTainted = (control: Control, pod: KubeObject): void => {
  const node = control.storage.get('nodes', '', textAt(pod, 'spec', 'nodeName'))
  const tainted = items(at(node, 'spec', 'taints')).some((taint) => textAt(taint, 'effect') === 'NoExecute')
  if (tainted) deletePod(control, pod)
}

/** The node is gone, and what ran on it with it. */
export const forgetNode = (control: Control, name: string): void => {
  const node = control.storage.get('nodes', '', name)
  if (node) control.storage.purge('nodes', node)
  const lease = control.storage.get('leases.coordination.k8s.io', 'kube-node-lease', name)
  if (lease) control.storage.purge('leases.coordination.k8s.io', lease)
  for (const pod of control.index.podsOn(name)) control.storage.purge('pods', pod)
}
