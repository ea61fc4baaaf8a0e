import type { NodeRegistration } from '../../../lib/twin/kubernetes/cluster-twin.ts'

/** What a test says of a node; the rest is an ordinary AL2023 node. */
interface NodeChoices {
  readonly name: string
  readonly zone: string
  /** Besides the zone. */
  readonly labels?: { readonly [name: string]: string }
  readonly allocatableCpu?: string
  readonly cpu?: string
  readonly readyAfterSeconds?: number | undefined
}

export const nodeOf = (choices: NodeChoices): NodeRegistration => {
  const { name, zone, labels = {}, allocatableCpu = '1930m', cpu = '2' } = choices
  return {
    name,
    instanceId: `i-${name}`,
    labels: { ...labels, 'topology.kubernetes.io/zone': zone },
    taints: [],
    providerId: `aws:///${zone}/i-${name}`,
    kubeletVersion: 'v1.33.4-eks-1a2b3c4',
    osImage: 'Amazon Linux 2023',
    kernelVersion: '6.12',
    containerRuntimeVersion: 'containerd://2.1.5',
    architecture: 'amd64',
    internalIp: '10.0.0.1',
    allocatable: { cpu: allocatableCpu, memory: '7Gi', pods: '29' },
    capacity: { cpu, memory: '8Gi', pods: '29' },
    readyAfterSeconds: 'readyAfterSeconds' in choices ? choices.readyAfterSeconds : 10,
  }
}
