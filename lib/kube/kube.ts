import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node'
import { RunbookError } from '../runbook/errors.ts'
import { budgetFrom, type KubeBudget } from './budget.ts'
import { kubeClient, type KubeClient, type ListQuery } from './client.ts'
import { conditionOf, type ConditionStatus, type ObjectRef } from './condition.ts'
import { endpointsFrom, type KubeEndpoints } from './endpoints.ts'
import { evict, type Eviction } from './evict.ts'
import type { KubeSettings } from './exchange.ts'
import { follow, type Followed } from './follow.ts'
import { joined } from './joined.ts'
import { nodeFrom, type KubeNode } from './node.ts'
import { podFrom, type KubePod, type PodRef } from './pod.ts'
import { serviceFrom, type KubeService } from './service.ts'
import { claimFrom, volumeFrom, type KubeClaim, type KubeVolume } from './volume.ts'
import { warningEventFrom, warningEventsPath, type WarningEvent } from './warning-event.ts'
import {
  collectionOf,
  workloadFrom,
  type KubeWorkload,
  type WorkloadKind,
  type WorkloadRef,
} from './workload.ts'

/**
 * The Kubernetes of one cluster in plain data. Not found is `undefined`. Throws R022 with the server's own words for a
 * refusal, R030 when it does not know the caller, R024 when it keeps failing. Lists of nodes, pods, budgets and workloads
 * that are asked for in the same moment with the same query share one answer.
 */
export interface Kube {
  /** Such as `v1.34.1-eks-1a2b3c4`. */
  readonly serverVersion: () => Promise<string>
  readonly nodes: (query?: ListQuery) => Promise<readonly KubeNode[]>
  readonly node: (name: string) => Promise<KubeNode | undefined>
  readonly pods: (query?: ListQuery) => Promise<readonly KubePod[]>
  readonly pod: (namespace: string, name: string) => Promise<KubePod | undefined>
  readonly budgets: () => Promise<readonly KubeBudget[]>
  readonly workloads: (kind: WorkloadKind) => Promise<readonly KubeWorkload[]>
  readonly workload: (ref: WorkloadRef) => Promise<KubeWorkload | undefined>
  readonly volumes: () => Promise<readonly KubeVolume[]>
  readonly claims: () => Promise<readonly KubeClaim[]>
  readonly services: () => Promise<readonly KubeService[]>
  /** All slices of all Services. */
  readonly endpoints: () => Promise<readonly KubeEndpoints[]>
  readonly warningEvents: () => Promise<readonly WarningEvent[]>
  /** What an object says of itself, such as `Available` of `deployments.apps` `photos/web`. */
  readonly condition: (object: ObjectRef, type: string) => Promise<ConditionStatus>
  /** Any collection by its path, such as `/apis/batch/v1/jobs`; each object is cut down at once to what `project` keeps. */
  readonly objects: <T>(path: string, project: (raw: unknown) => T) => Promise<readonly T[]>
  /**
   * Sets or lifts `unschedulable`. Repeatable. `gone`: there is no such node, or another one has its name (the uid is
   * a precondition).
   */
  readonly cordon: (node: NodeRef) => Promise<'done' | 'gone'>
  readonly uncordon: (node: NodeRef) => Promise<'done' | 'gone'>
  readonly evict: (pod: PodRef) => Promise<Eviction>
  /** Sets the wanted number of pods. Absolute and repeatable. */
  readonly scale: (workload: WorkloadRef, replicas: number) => Promise<'done' | 'gone'>
  /** Collections kept up to date until the signal ends them. */
  readonly followNodes: (query: FollowQuery) => Followed<KubeNode>
  readonly followPods: (query: FollowQuery) => Followed<KubePod>
  readonly followBudgets: (query: FollowQuery) => Followed<KubeBudget>
}

/** A node's name and uid. */
export type NodeRef = Pick<KubeNode, 'name' | 'uid'>

/** `changed` is called after each change with the uid of what changed, and without one when all were listed anew. */
export interface FollowQuery extends ListQuery {
  readonly signal: AbortSignal
  readonly changed?: (uid?: string) => void
}

const paths = {
  nodes: '/api/v1/nodes',
  pods: '/api/v1/pods',
  budgets: '/apis/policy/v1/poddisruptionbudgets',
  volumes: '/api/v1/persistentvolumes',
  claims: '/api/v1/persistentvolumeclaims',
  services: '/api/v1/services',
  endpoints: '/apis/discovery.k8s.io/v1/endpointslices',
}

// Answers of the API server have the types of its API.
const asNode = (raw: unknown) => nodeFrom(raw as V1Node)
const asPod = (raw: unknown) => podFrom(raw as V1Pod)
const asBudget = (raw: unknown) => budgetFrom(raw as Parameters<typeof budgetFrom>[0])
const asVolume = (raw: unknown) => volumeFrom(raw as V1PersistentVolume)
const asService = (raw: unknown) => serviceFrom(raw as Parameters<typeof serviceFrom>[0])
const asEndpoints = (raw: unknown) => endpointsFrom(raw as Parameters<typeof endpointsFrom>[0])
const asWarning = (raw: unknown) => warningEventFrom(raw as Parameters<typeof warningEventFrom>[0])
const asClaim = (raw: unknown) => claimFrom(raw as V1PersistentVolumeClaim)

/** Opens the Kubernetes behind a transport. */
export const openKube = (settings: KubeSettings): Kube => {
  const client = kubeClient(settings)
  return {
    ...reads(client),
    cordon: (node) => setUnschedulable(client, node, 'cordoned'),
    uncordon: (node) => setUnschedulable(client, node, 'open'),
    evict: (pod) => evict(settings, pod),
    scale: (workload, replicas) => scale(client, workload, replicas),
    followNodes: (query) => follow(settings, { ...query, path: paths.nodes, project: asNode }),
    followPods: (query) => follow(settings, { ...query, path: paths.pods, project: asPod }),
    followBudgets: (query) => follow(settings, { ...query, path: paths.budgets, project: asBudget }),
  }
}

type Reads = Omit<Kube, 'cordon' | 'uncordon' | 'evict' | 'scale' | `follow${string}`>

const reads = (client: KubeClient): Reads => {
  const all = async <T>(
    path: string,
    query: ListQuery,
    project: (raw: unknown) => T,
  ): Promise<readonly T[]> => (await client.list(path, query, project)).items
  const joinedAll = <T>(path: string, project: (raw: unknown) => T) =>
    joined((query: ListQuery) => all(path, query, project))
  const one = async <T>(path: string, project: (raw: unknown) => T): Promise<T | undefined> => {
    const raw = await client.get(path)
    return raw === undefined ? undefined : project(raw)
  }
  const [nodes, pods] = [joinedAll(paths.nodes, asNode), joinedAll(paths.pods, asPod)]
  const budgets = joinedAll(paths.budgets, asBudget)
  const workloads = joined((kind: WorkloadKind) =>
    all(`/apis/apps/v1/${collectionOf[kind]}`, {}, (raw) => workloadFrom(kind, raw)),
  )
  return {
    serverVersion: async () =>
      ((await client.get('/version')) as { readonly gitVersion?: string }).gitVersion ?? '',
    nodes: (query = {}) => nodes(query),
    node: (name) => one(`${paths.nodes}/${encodeURIComponent(name)}`, asNode),
    pods: (query = {}) => pods(query),
    pod: (namespace, name) =>
      one(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`, asPod),
    budgets: () => budgets({}),
    workloads,
    workload: (ref) => one(workloadPath(ref), (raw) => workloadFrom(ref.kind, raw)),
    volumes: () => all(paths.volumes, {}, asVolume),
    claims: () => all(paths.claims, {}, asClaim),
    services: () => all(paths.services, {}, asService),
    endpoints: () => all(paths.endpoints, {}, asEndpoints),
    warningEvents: () => all(warningEventsPath, {}, asWarning),
    condition: (object, type) => conditionOf(client, object, type),
    objects: (path, project) => all(path, {}, project),
  }
}

const workloadPath = ({ kind, namespace, name }: WorkloadRef): string =>
  `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${collectionOf[kind]}/${encodeURIComponent(name)}`

/** Tries of a write that met another one. */
const tries = 5

const setUnschedulable = async (
  client: KubeClient,
  { name, uid }: NodeRef,
  wanted: 'cordoned' | 'open',
): Promise<'done' | 'gone'> => {
  const path = `${paths.nodes}/${encodeURIComponent(name)}`
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const raw = await client.get(path)
    const node = raw === undefined ? undefined : asNode(raw)
    if (node?.uid !== uid) return 'gone'
    if (node.cordoned === (wanted === 'cordoned')) return 'done'
    const patch = { metadata: { uid }, spec: { unschedulable: wanted === 'cordoned' ? true : null } }
    const outcome = await client.patch(path, patch)
    if (outcome !== 'conflict') return outcome
  }
  throw conflictError(`change node ${name}`)
}

const scale = async (
  client: KubeClient,
  workload: WorkloadRef,
  replicas: number,
): Promise<'done' | 'gone'> => {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const outcome = await client.patch(`${workloadPath(workload)}/scale`, { spec: { replicas } })
    if (outcome !== 'conflict') return outcome
  }
  throw conflictError(`scale ${workload.kind} ${workload.namespace}/${workload.name}`)
}

const conflictError = (what: string): RunbookError =>
  new RunbookError('R024', `Cannot ${what}: others keep writing to it at the same time`, {
    hint: 'when it is quiet: eks-runbook resume <run>',
  })
