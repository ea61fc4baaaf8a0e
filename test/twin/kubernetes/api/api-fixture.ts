import { createApiServer } from '../../../../lib/twin/kubernetes/api/api-server.ts'
import type { KubeObject } from '../../../../lib/twin/kubernetes/cluster-twin.ts'
import { indexObjects } from '../../../../lib/twin/kubernetes/controllers/object-index.ts'
import type { Identity } from '../../../../lib/twin/kubernetes/identity.ts'
import { createStorage, emptyStorage } from '../../../../lib/twin/kubernetes/storage.ts'
import type { Fault, FaultKind, StrikeFault } from '../../../../lib/twin/faults.ts'
import type { CallRecord } from '../../../../lib/twin/record.ts'
import { createVirtualTime } from '../../../../lib/twin/virtual-time.ts'

/** Tokens that the fixture's API server knows, with who they speak for. */
export const identities: { readonly [token: string]: Identity } = {
  admin: {
    username: 'arn:aws:sts::111122223333:assumed-role/admin/ann',
    groups: [],
    principal: 'arn:aws:iam::111122223333:role/admin',
    policies: [{ name: 'AmazonEKSClusterAdminPolicy', namespaces: 'all' }],
  },
  viewer: {
    username: 'viewer',
    groups: [],
    principal: 'arn:aws:iam::111122223333:role/viewer',
    policies: [{ name: 'AmazonEKSViewPolicy', namespaces: ['shop'] }],
  },
  editor: {
    username: 'editor',
    groups: [],
    principal: 'arn:aws:iam::111122223333:role/editor',
    policies: [{ name: 'AmazonEKSEditPolicy', namespaces: 'all' }],
  },
  plain: {
    username: 'plain',
    groups: ['builders'],
    principal: 'arn:aws:iam::111122223333:user/plain',
    policies: [],
  },
}

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  // Tests look into answers of many shapes.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export interface CallOptions {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: { readonly [name: string]: string }
}

const start = Date.parse('2026-03-01T10:00:00Z')

/** An API server over an empty storage with the namespaces default and shop, faults to throw in and the record. */
export const openApi = () => {
  const time = createVirtualTime(start)
  const storage = createStorage(emptyStorage(), { now: time.clock.now, seed: 'abc' })
  const faults: Fault[] = []
  const record: Omit<CallRecord, 'at'>[] = []
  const strike: StrikeFault = (kind: FaultKind, call) => {
    const index = faults.findIndex(
      (fault) =>
        fault.kind === kind &&
        (fault.match?.operation === undefined || fault.match.operation === call.operation) &&
        (fault.match?.object === undefined || call.object.includes(fault.match.object)),
    )
    return index < 0 ? undefined : faults.splice(index, 1)[0]
  }
  const index = indexObjects(storage)
  storage.onChange(index.follow)
  const api = createApiServer({
    storage,
    podsOn: (node) => index.podsOn(node).all(),
    version: () => 'v1.33.4-eks-1a2b3c4',
    authenticate: (token) => identities[token],
    strike,
    recorder: (call) => void record.push(call),
    clusterName: 'photo',
    now: time.clock.now,
    timeline: time.timeline,
  })
  time.handle(api.tasks)
  for (const name of ['default', 'shop']) storage.create('namespaces', namespace(name))

  const request = (method: string, url: string, options: CallOptions = {}) =>
    api.handle({
      method,
      url,
      headers: {
        authorization: `Bearer ${options.token ?? 'admin'}`,
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'tester/1.0',
        ...options.headers,
      },
      body: encodeBody(options.body),
    })
  const call = (method: string, url: string, options: CallOptions = {}): Answer => {
    const answer = request(method, url, options)
    if (answer === 'cut' || typeof answer.body !== 'string') throw new Error('not a plain answer')
    const json = (answer.headers['content-type'] ?? '').includes('json')
    return { ...answer, body: json ? JSON.parse(answer.body) : answer.body }
  }
  return { time, storage, api, faults, record, request, call }
}

const encodeBody = (body: unknown): Uint8Array => {
  if (body === undefined) return new Uint8Array()
  if (body instanceof Uint8Array) return body
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
}

export const namespace = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
})

export const configMap = (name: string, data: object = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data,
})

export const podOn = (node: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: 'web' }, ...more },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 10,
    containers: [{ name: 'web', image: 'web:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.9',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'web', ready: true, restartCount: 2 }],
  },
})

export const readyNode = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  spec: {},
  status: {
    capacity: { cpu: '2', memory: '8Gi', pods: '29' },
    allocatable: { cpu: '1930m', memory: '7Gi', pods: '29' },
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: '10.0.1.1' }],
    nodeInfo: {
      kubeletVersion: 'v1.33.4-eks-1a2b3c4',
      osImage: 'Amazon Linux 2023',
      kernelVersion: '6.1',
      containerRuntimeVersion: 'containerd://2.1.5',
    },
  },
})

export const deployment = (name: string, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] },
    },
    ...more,
  },
})

/** The lines of a watch so far, and what became of the connection. */
export const watching = (answer: ReturnType<ReturnType<typeof openApi>['request']>) => {
  if (answer === 'cut' || typeof answer.body !== 'function') throw new Error('not a watch')
  const seen: {
    type: string
    object: {
      kind: string
      metadata: { name: string; resourceVersion: string }
      code?: number
      message?: string
    }
  }[] = []
  const state = { over: '' }
  const stop = answer.body({
    write: (text) => void seen.push(JSON.parse(text)),
    end: () => void (state.over = 'end'),
    cut: () => void (state.over = 'cut'),
  })
  const short = () => seen.map(({ type, object }) => `${type} ${object.metadata?.name ?? ''}`.trim())
  return { seen, state, stop, short }
}
