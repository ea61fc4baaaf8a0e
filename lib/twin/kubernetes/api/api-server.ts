import type { TwinRequest, TwinResponse } from '../../http.ts'
import type { TaskHandlers } from '../../timeline.ts'
import type { Identity } from '../identity.ts'
import { refusalAnswer } from './answer.ts'
import type { ApiServerOptions, Server } from './call.ts'
import { followCustomTypes } from './custom-types.ts'
import { openAnswer, pathAnswer } from './path-requests.ts'
import { resourcePath } from './request-path.ts'
import { resourceAnswer } from './resource-requests.ts'
import { StatusError, unauthorized } from './status-error.ts'
import { createWatches } from './watch.ts'
import { webhookAdmission } from './webhooks.ts'
import type { Door } from './write.ts'

/** The API server of one emulated cluster. */
export interface ApiServer {
  /** Answers one request, at once; a watch's body goes on over time. */
  readonly handle: (request: TwinRequest) => TwinResponse
  /** For the timeline: what watches have planned. Data holds `cluster`, the id of the cluster. */
  readonly tasks: TaskHandlers
  /** Breaks all watches, as when the control plane is replaced. */
  readonly cutWatches: () => void
  /** Writes of clients, webhooks included, for callers in process. */
  readonly door: Door
}

/** Serves the storage over the Kubernetes API. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export const createApiServer = (options: ApiServerOptions): ApiServer => {
  const { storage, now, strike, timeline } = options
  const door: Door = { storage, now, admission: webhookAdmission(storage, strike), fieldSets: new Map() }
  const cluster = options.clusterId ?? options.clusterName
  const watches = createWatches({ storage, timeline, cluster })
  const server: Server = { ...options, door, watches, deprecatedRequests: new Set(), texts: new WeakMap() }
  followCustomTypes(storage)
  return {
    handle: (request) => answered(server, request),
    tasks: watches.tasks,
    cutWatches: watches.cutAll,
    door,
  }
}

const answered = (server: Server, request: TwinRequest): TwinResponse => {
  try {
    const url = new URL(request.url, 'https://twin')
    const open = openAnswer(server, url)
    if (open) return open
    const identity = identityOf(server, request)
    const path = resourcePath(url.pathname)
    if (path && path.plural !== '') return resourceAnswer(server, { request, url, path, identity })
    return pathAnswer(server, request, url)
  } catch (error) {
    if (error instanceof StatusError) return refusalAnswer(error)
    throw error
  }
}

const identityOf = (server: Server, request: TwinRequest): Identity => {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  const identity = token === undefined ? undefined : server.authenticate(token)
  if (!identity) throw unauthorized()
  return identity
}
