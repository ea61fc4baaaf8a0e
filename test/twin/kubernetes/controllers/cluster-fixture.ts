import { seededRandom } from '../../../../lib/runbook/random.ts'
import { faultState, strikeFrom } from '../../../../lib/twin/fault-board.ts'
import type { Fault, StrikeFault } from '../../../../lib/twin/faults.ts'
import { items, textAt } from '../../../../lib/twin/kubernetes/api/reading.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import {
  applyManifests,
  clusterTasks,
  createEmulatedCluster,
  emptyEmulated,
} from '../../../../lib/twin/kubernetes/emulated-cluster.ts'
import { createVirtualTime } from '../../../../lib/twin/virtual-time.ts'
import type { WorkloadTiming } from '../../../../lib/twin/world.ts'
import { nodeOf } from '../node-fixture.ts'

interface Opening {
  readonly faults?: readonly Fault[]
  /** In place of `faults`. */
  readonly strike?: StrikeFault
  readonly workloads?: { readonly [name: string]: WorkloadTiming }
  /** Name and zone of each node that joins. */
  readonly nodes?: readonly (readonly [name: string, zone: string])[]
}

const threeZones = [
  ['n1', 'eu-west-1a'],
  ['n2', 'eu-west-1b'],
  ['n3', 'eu-west-1c'],
] as const

/** A cluster with nodes that have been Ready for a while. */
export const openCluster = async ({
  faults = [],
  strike,
  workloads = {},
  nodes = threeZones,
}: Opening = {}) => {
  const time = createVirtualTime(Date.parse('2026-09-23T07:00:00Z'))
  const cluster = createEmulatedCluster({
    state: emptyEmulated('1.33'),
    timeline: time.timeline,
    random: seededRandom(7),
    authenticate: () => undefined,
    strike: strike ?? strikeFrom(faultState(faults)),
    recorder: () => {},
    clusterName: 'shop',
    clusterId: 'shop-id',
    region: 'eu-west-1',
    address: () => ({ endpoint: 'https://127.0.0.1:1', certificateAuthority: '' }),
    workloads,
  })
  time.handle({ ...cluster.api.tasks, ...clusterTasks(() => cluster) })
  const join = (name: string, zone: string, readyAfterSeconds: number | undefined = 10) =>
    cluster.joinNode(
      nodeOf({
        name,
        zone,
        labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
        readyAfterSeconds,
      }),
    )
  for (const [name, zone] of nodes) await join(name, zone)
  await time.pass(20)
  const apply = async (objects: readonly KubeObject[], seconds = 60) => {
    const refused = applyManifests(cluster, objects)
    if (refused[0]) throw new Error(refused[0].message)
    await time.pass(seconds)
  }
  const pods = () => cluster.storage.list('pods', 'default')
  const pod = (name: string) => cluster.storage.get('pods', 'default', name)
  const node = (name: string) => {
    const found = cluster.storage.get('nodes', '', name)
    if (!found) throw new Error(`no node ${name}`)
    return found
  }
  return { time, cluster, join, apply, pods, pod, node }
}

export type Opened = Awaited<ReturnType<typeof openCluster>>

/** A Deployment, StatefulSet or DaemonSet of the namespace default. */
export const workload = (
  kind: string,
  name: string,
  spec: object = {},
  podSpec: object = {},
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, image: `${name}:1` }], ...podSpec },
    },
    ...spec,
  },
})

/** A pod of the namespace default that belongs to nobody. */
export const barePod = (
  name: string,
  spec: object = {},
  labels: { [key: string]: string } = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels },
  spec: { containers: [{ name: 'main', image: 'main:1' }], ...spec },
})

/** Status of a condition: True, False, Unknown, or '' when it is not there. */
export const conditionOf = (object: KubeObject | undefined, type: string): string =>
  textAt(
    items((object?.['status'] as { conditions?: unknown } | undefined)?.conditions).find(
      (one) => textAt(one, 'type') === type,
    ),
    'status',
  )
