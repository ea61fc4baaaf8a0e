import type { Random } from '../../runbook/random.ts'
import type { StrikeFault } from '../faults.ts'
import type { TwinRequest, TwinResponse } from '../http.ts'
import type { Recorder } from '../record.ts'
import type { TaskHandlers, Timeline } from '../timeline.ts'
import type { WorkloadTiming } from '../world.ts'
import { createApiServer, type ApiServer } from './api/api-server.ts'
import { deleteObject } from './api/delete.ts'
import { evictPod } from './api/evict.ts'
import { at, fields, numberAt } from './api/reading.ts'
import { serverSideApply } from './api/server-side-apply.ts'
import { StatusError } from './api/status-error.ts'
import { baseObjects } from './base-objects.ts'
import type { ClusterTwin, KubeObject, PodOnNode } from './cluster-twin.ts'
import type { Control, ControlState } from './controllers/control.ts'
import { controllerOf, isTrue } from './controllers/seen-pod.ts'
import { controllerTasks, followChange, recountBudgets } from './controllers/controllers.ts'
import { forgetNode, registerNode } from './controllers/node-lifecycle.ts'
import { indexObjects } from './controllers/object-index.ts'
import type { Authenticate } from './identity.ts'
import type { ResourceType } from './resources.ts'
import { createStorage, emptyStorage, withMeta, type Storage, type StorageState } from './storage.ts'

/** All of one emulated cluster as plain data: survives structuredClone. */
export interface EmulatedState {
  readonly storage: StorageState
  readonly control: ControlState
  minor: string
}

/** A cluster of that minor with nothing in it yet. */
export const emptyEmulated = (minor: string): EmulatedState => ({
  storage: emptyStorage(),
  control: { pending: new Set(), pulled: new Map(), events: [], counter: 0 },
  minor,
})

export interface EmulatedClusterOptions {
  /** Fresh, or from a snapshot; used and changed in place. */
  readonly state: EmulatedState
  readonly timeline: Timeline
  readonly random: Random
  readonly authenticate: Authenticate
  readonly strike: StrikeFault
  readonly recorder: Recorder
  readonly clusterName: string
  /** Tells the tasks of several clusters on one timeline apart, such as the ARN. */
  readonly clusterId: string
  readonly region: string
  /** Where clients reach the API server. */
  readonly address: () => { readonly endpoint: string; readonly certificateAuthority: string }
  readonly workloads: { readonly [name: string]: WorkloadTiming }
}

/** A Kubernetes cluster in this process. */
export interface EmulatedCluster extends ClusterTwin {
  readonly kind: 'emulated'
  readonly id: string
  readonly state: EmulatedState
  readonly storage: Storage
  readonly control: Control
  readonly api: ApiServer
  readonly handle: (request: TwinRequest) => TwinResponse
  /** To be called when a fault of the kind budget-never-allows came or went: budgets are counted on changes only. */
  readonly recountBudgets: () => void
}

/** Puts storage, API server and controllers together; a fresh state gets the objects every cluster has. */
export const createEmulatedCluster = (options: EmulatedClusterOptions): EmulatedCluster => {
  const { state, timeline, clusterId } = options
  const seed = seedOf(clusterId)
  const storage = createStorage(state.storage, { now: timeline.now, seed })
  const index = indexObjects(storage)
  const api = createApiServer({
    ...options,
    podsOn: (node) => index.podsOn(node).all(),
    storage,
    now: timeline.now,
    version: () => gitVersion(state.minor),
  })
  const control: Control = {
    cluster: clusterId,
    storage,
    door: api.door,
    timeline,
    random: options.random,
    strike: options.strike,
    workloads: options.workloads,
    state: state.control,
    index,
    views: new WeakMap(),
    hashes: new WeakMap(),
  }
  storage.onChange((event) => followChange(control, event))
  if (state.storage.objects.size === 0) furnish(storage)
  return {
    id: clusterId,
    state,
    storage,
    control,
    api,
    handle: api.handle,
    recountBudgets: () => recountBudgets(control),
    ...twinOf(options, { api, control }),
  }
}

/** A hexadecimal word that follows from the id, so that uids differ between clusters. */
const seedOf = (id: string): string => {
  let hash = 2166136261
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 16777619) >>> 0
  return hash.toString(16).padStart(8, '0')
}

const furnish = (storage: Storage) => {
  for (const object of baseObjects()) {
    const type = storage.typeOfKind(object.apiVersion, object.kind)
    if (type) storage.create(type.id, object)
  }
}

/** `v1.33.4-eks-1a2b3c4`: the patch and the hash are the twin's own. */
const gitVersion = (minor: string) => `v${minor}.4-eks-1a2b3c4`

interface Parts {
  readonly api: ApiServer
  readonly control: Control
}

const twinOf = (
  options: EmulatedClusterOptions,
  { api, control }: Parts,
): ClusterTwin & { kind: 'emulated' } => {
  const { storage } = control
  return {
    kind: 'emulated',
    endpoint: () => options.address().endpoint,
    certificateAuthority: () => options.address().certificateAuthority,
    setVersion: async (minor) => {
      options.state.minor = minor
      api.cutWatches()
    },
    joinNode: async (node) => registerNode(control, node),
    removeNode: async (name) => forgetNode(control, name),
    cordonNode: async (name, labels) => cordon(storage, name, labels),
    nodesReady: async (names) => names.filter((name) => isTrue(storage.get('nodes', '', name), 'Ready')),
    podsOn: async (node) =>
      control.index
        .podsOn(node)
        .all()
        .map(({ pod }) => onNode(pod)),
    evict: async (pod) => evict(api, pod),
    applyAddOn: async (manifests) => {
      for (const object of inOrder(manifests))
        serverSideApply(api.door, object, { manager: 'eks', force: true })
    },
    removeAddOn: async (manifests) => {
      for (const object of inOrder(manifests).toReversed()) removeLike(api, object)
    },
    rolledOut: async (manifests) => manifests.every((object) => settled(storage, object)),
    list: async (resource) => storage.list(resource),
  }
}

const cordon = (storage: Storage, name: string, labels: { readonly [key: string]: string }) => {
  const node = storage.get('nodes', '', name)
  if (!node) return
  const labelled = withMeta(node, { labels: { ...node.metadata.labels, ...labels } })
  storage.update('nodes', { ...labelled, spec: { ...fields(node['spec']), unschedulable: true } })
}

const onNode = (pod: KubeObject): PodOnNode => ({
  namespace: pod.metadata.namespace ?? '',
  name: pod.metadata.name,
  uid: pod.metadata.uid ?? '',
  daemonSet: controllerOf(pod)?.kind === 'DaemonSet',
  terminating: pod.metadata.deletionTimestamp !== undefined,
})

const evict = (api: ApiServer, { namespace, name, uid }: PodOnNode): 'evicted' | 'refused' => {
  try {
    evictPod(api.door, { namespace, name, options: { uid } })
    return 'evicted'
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return [404, 409].includes(error.status.code) ? 'evicted' : 'refused'
  }
}

const removeLike = ({ door }: ApiServer, object: KubeObject) => {
  const type = door.storage.typeOfKind(object.apiVersion, object.kind)
  const found = type && storedLike(door.storage, type, object)
  if (type && found) deleteObject(door, type, { object: found, options: {} })
}

/** A manifest without a namespace was put into `default`. */
const storedLike = (storage: Storage, type: ResourceType, { metadata }: KubeObject): KubeObject | undefined =>
  storage.get(type.id, metadata.namespace ?? (type.namespaced ? 'default' : ''), metadata.name)

const settled = (storage: Storage, manifest: KubeObject): boolean => {
  const type = storage.typeOfKind(manifest.apiVersion, manifest.kind)
  if (!type || !['Deployment', 'DaemonSet', 'StatefulSet'].includes(manifest.kind)) return true
  const object = storedLike(storage, type, manifest)
  if (!object || at(object, 'status', 'observedGeneration') !== object.metadata.generation) return false
  const of = (name: string) => numberAt(object, 'status', name) ?? 0
  if (manifest.kind === 'DaemonSet') {
    const wanted = of('desiredNumberScheduled')
    return of('numberReady') === wanted && of('updatedNumberScheduled') === wanted
  }
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  return of('readyReplicas') === wanted && of('updatedReplicas') === wanted && of('replicas') === wanted
}

const first = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'ServiceAccount',
  'ConfigMap',
  'Secret',
]

const inOrder = (objects: readonly KubeObject[]) => {
  const rank = (object: KubeObject) =>
    first.includes(object.kind) ? first.indexOf(object.kind) : first.length
  return objects.toSorted((a, b) => rank(a) - rank(b))
}

/** An object that the server refused, with its words. */
export interface RefusedObject {
  readonly object: KubeObject
  readonly message: string
}

/** Applies manifests, namespaces and definitions first. What a real server would refuse comes back; the rest is there. */
export const applyManifests = (
  cluster: EmulatedCluster,
  objects: readonly KubeObject[],
): readonly RefusedObject[] =>
  inOrder(objects).flatMap((object) => {
    try {
      const type = cluster.storage.typeOfKind(object.apiVersion, object.kind)
      if (!type) {
        const message = `no matches for kind "${object.kind}" in version "${object.apiVersion}"`
        return [{ object, message }]
      }
      serverSideApply(cluster.api.door, object, { manager: 'kubectl', force: true })
      return []
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return [{ object, message: error.message }]
    }
  })

/** What to do with the tasks of these clusters: kinds begin with `k8s.`, data names the cluster. */
export const clusterTasks = (find: (id: string) => EmulatedCluster | undefined): TaskHandlers =>
  controllerTasks((id) => find(id)?.control)
