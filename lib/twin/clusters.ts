import type { Random } from '../runbook/random.ts'
import type { Aws } from './aws/call.ts'
import { authenticate } from './aws/eks/authenticate.ts'
import { strikeFrom } from './fault-board.ts'
import type { TwinRequest, TwinResponse } from './http.ts'
import {
  clusterTasks,
  createEmulatedCluster,
  emptyEmulated,
  type EmulatedCluster,
} from './kubernetes/emulated-cluster.ts'
import type { Authenticate } from './kubernetes/identity.ts'
import type { Recorder } from './record.ts'
import type { TwinSnapshot } from './snapshot.ts'
import type { TaskHandlers, Timeline } from './timeline.ts'
import type { WorkloadTiming } from './world.ts'

/** The Kubernetes of all clusters of a twin, by cluster ARN. */
export interface Clusters {
  readonly find: (arn: string) => EmulatedCluster | undefined
  /** Throws for an ARN without Kubernetes. */
  readonly get: (arn: string) => EmulatedCluster
  readonly start: (arn: string, minor: string) => Promise<EmulatedCluster>
  readonly stop: (arn: string) => Promise<void>
  readonly tasks: TaskHandlers
  readonly addressOf: (arn: string) => ClusterAddress
  /** From now on clusters are served over the network: those there are, and those to come. */
  readonly serve: (serve: Serve) => Promise<void>
}

export interface ClusterAddress {
  readonly endpoint: string
  /** Base64 of PEM. */
  readonly certificateAuthority: string
}

type Serve = (
  handle: (request: TwinRequest) => TwinResponse | Promise<TwinResponse>,
) => Promise<ClusterAddress>

interface Surroundings {
  readonly timeline: Timeline
  readonly random: Random
  readonly recorder: Recorder
  readonly strike: ReturnType<typeof strikeFrom>
  readonly wallNow: () => number
  readonly aws: () => Aws
}

/** Where a cluster is that can only be reached in process. */
const nowhere: ClusterAddress = { endpoint: 'https://cluster.invalid', certificateAuthority: '' }

/** Opens the clusters of the snapshot; new ones are added to it. */
export const openClusters = (snapshot: TwinSnapshot, around: Surroundings): Clusters => {
  const open = new Map<string, EmulatedCluster>()
  const addresses = new Map<string, ClusterAddress>()
  const network: { serve: Serve } = { serve: async () => nowhere }
  const addressOf = (arn: string) => addresses.get(arn) ?? nowhere
  const make = (arn: string) => {
    const cluster = emulate(snapshot, around, { arn, address: () => addressOf(arn) })
    open.set(arn, cluster)
    return cluster
  }
  for (const arn of snapshot.kubernetes.keys()) make(arn)
  const find = (arn: string) => open.get(arn)
  return {
    find,
    get: (arn) => {
      const cluster = find(arn)
      if (cluster) return cluster
      throw new Error(`The twin has no Kubernetes for ${arn}`)
    },
    start: async (arn, minor) => {
      snapshot.kubernetes.set(arn, emptyEmulated(minor))
      const cluster = make(arn)
      addresses.set(arn, await network.serve(cluster.handle))
      return cluster
    },
    stop: async (arn) => {
      open.delete(arn)
      snapshot.kubernetes.delete(arn)
    },
    tasks: { ...clusterTasks(find), ...watchTasks(find) },
    addressOf,
    serve: async (serve) => {
      network.serve = serve
      for (const [arn, cluster] of open) {
        addresses.set(arn, await serve(cluster.handle))
        publish(snapshot, arn, addressOf(arn))
      }
    },
  }
}

interface Place {
  readonly arn: string
  readonly address: () => ClusterAddress
}

const emulate = (snapshot: TwinSnapshot, around: Surroundings, { arn, address }: Place): EmulatedCluster => {
  const state = snapshot.kubernetes.get(arn)
  if (!state) throw new Error(`The twin has no Kubernetes for ${arn}`)
  let identify: Authenticate | undefined
  return createEmulatedCluster({
    state,
    timeline: around.timeline,
    strike: around.strike,
    recorder: around.recorder,
    authenticate: (token) => (identify ??= authenticate(around.aws(), arn, around.wallNow))(token),
    clusterName: arn.split('/').at(-1) ?? arn,
    clusterId: arn,
    region: arn.split(':')[3] ?? '',
    random: around.random,
    address,
    workloads: timingsOf(snapshot, arn),
  })
}

/** Tasks of watches name the cluster; its own API server handles them. */
const watchTasks = (find: Clusters['find']): TaskHandlers =>
  Object.fromEntries(
    ['k8s.watchEnds', 'k8s.watchCut', 'k8s.watchBookmark'].map((kind) => [
      kind,
      (data) => {
        const { cluster } = data
        return typeof cluster === 'string' ? find(cluster)?.api.tasks[kind]?.(data) : undefined
      },
    ]),
  )

/** DescribeCluster gives the address under which the cluster is served now. */
const publish = ({ aws }: TwinSnapshot, arn: string, { endpoint, certificateAuthority }: ClusterAddress) => {
  const [, , , region = '', account = '', name = ''] = arn.split(':')
  const state = aws.regions.get(`${account}/${region}`)?.clusters.get(name.replace('cluster/', ''))
  if (state)
    state.cluster = { ...state.cluster, endpoint, certificateAuthority: { data: certificateAuthority } }
}

const timingsOf = ({ world }: TwinSnapshot, arn: string): { readonly [name: string]: WorkloadTiming } => {
  const [, , , region = '', account = '', name = ''] = arn.split(':')
  const found = world.accounts
    .filter(({ id, region: where }) => id === account && where === region)
    .flatMap(({ clusters }) => clusters)
    .find((cluster) => `cluster/${cluster.name}` === name)
  return found?.workloads ?? {}
}
