import type { TwinRequest, TwinResponse } from '../../http.ts'
import type { Recorder } from '../../record.ts'
import type { StrikeFault } from '../../faults.ts'
import type { Timeline } from '../../timeline.ts'
import type { Authenticate, Identity } from '../identity.ts'
import type { ResourceType } from '../resources.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { Storage } from '../storage.ts'
import type { ResourcePath } from './request-path.ts'
import type { Watches } from './watch.ts'
import type { Door } from './write.ts'

/** What an API server needs from around it. */
export interface ApiServerOptions {
  readonly storage: Storage
  /** gitVersion, such as `v1.33.4-eks-1a2b3c4`; asked each time, for an upgrade changes it. */
  readonly version: () => string
  readonly authenticate: Authenticate
  readonly strike: StrikeFault
  readonly recorder: Recorder
  readonly clusterName: string
  /** Tells tasks of several clusters on one timeline apart. Default: the cluster's name. */
  readonly clusterId?: string
  /** Virtual milliseconds. */
  readonly now: () => number
  readonly timeline: Timeline
  /** All pods on a node, by namespace and name, where somebody keeps them so. Default: looked for among all pods. */
  readonly podsOn?: (node: string) => readonly { readonly pod: KubeObject }[]
}

/** The options with what the server keeps while it runs. */
export interface Server extends ApiServerOptions {
  readonly door: Door
  readonly watches: Watches
  /** Deprecated kinds that somebody asked for since the server started: lines of `/metrics`. */
  readonly deprecatedRequests: Set<string>
  /** JSON of objects that were listed: a stored object is never changed, only replaced. */
  readonly texts: WeakMap<object, string>
}

/** A request for a kind, with who asks. */
export interface ResourceRequest {
  readonly request: TwinRequest
  readonly url: URL
  readonly path: ResourcePath
  readonly identity: Identity
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** One request for a stored kind, after authentication. */
export interface Call {
  readonly server: Server
  readonly identity: Identity
  readonly verb: Verb
  readonly type: ResourceType
  readonly path: ResourcePath
  /** As in the URL, `apps/v1`. */
  readonly apiVersion: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Uint8Array
}

/** What a call came to. */
export interface Outcome {
  readonly response: TwinResponse
  /** For the record: what changed, or null. */
  readonly effect: string | null
  /** True when what was asked for was so already. */
  readonly repeated?: boolean
}

/** `deployment shop/web`, as effects name things. */
export const thing = (type: ResourceType, namespace: string | undefined, name: string): string =>
  `${type.singular} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`

/** Field manager of a request: as it says, else the first word of its user agent. */
export const managerOf = (call: Call): string =>
  call.query.get('fieldManager') || (call.headers['user-agent'] ?? '').split('/')[0] || 'unknown'

/** Content type without parameters. */
export const contentTypeOf = (call: Call): string =>
  (call.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? 'application/json'
