import type { TwinResponse } from '../../http.ts'
import type { ResourceType } from '../resources.ts'
import { refusalAnswer } from './answer.ts'
import { mayDo, refusal } from './authorize.ts'
import { thing, type Call, type Outcome, type ResourceRequest, type Server, type Verb } from './call.ts'
import { answerFaults, faultsAfter, faultsBefore } from './fault-answers.ts'
import { getRequest, listRequest, watchRequest } from './read-requests.ts'
import { recordCall, recordedParameters } from './record-call.ts'
import { apiVersionOf, servedType, type ResourcePath } from './request-path.ts'
import { forbidden, methodNotAllowed, StatusError } from './status-error.ts'
import { subresourceRequest } from './subresource-requests.ts'
import { virtualAnswer } from './virtual-requests.ts'
import { subresourceWords } from './virtual-resources.ts'
import {
  createRequest,
  deleteCollectionRequest,
  deleteRequest,
  patchRequest,
  updateRequest,
} from './write-requests.ts'

/** Answers a request for a stored or virtual kind: authorization, faults, the deed, the record. Throws StatusError. */
export const resourceAnswer = (server: Server, given: ResourceRequest): TwinResponse => {
  const virtual = virtualAnswer(server, given)
  if (virtual) return virtual
  const type = servedType(server.storage, given.path)
  const call = callOf(server, given, type)
  const fault = { service: 'kubernetes', operation: operationOf(call), object: objectOf(call) }
  const early = faultsBefore(server, fault)
  if (early) return early
  const recorded = { operation: operationOf(call), parameters: recordedParameters(call) }
  try {
    authorize(call)
    const outcome = deeds[call.verb](call)
    const late = faultsAfter(server, fault, call)
    recordCall(call, { ...recorded, ...outcome, error: late ? answerFaults[late] : null })
    return late ? lateAnswer(late) : withWarning(call, outcome.response)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const { reason = 'InternalError', message = '' } = error.status
    recordCall(call, { ...recorded, effect: null, error: { code: reason, message } })
    throw error
  }
}

const lateAnswer = (late: 'server-error-after' | 'lost-answer'): TwinResponse =>
  late === 'lost-answer'
    ? 'cut'
    : refusalAnswer(new StatusError(500, 'InternalError', answerFaults[late].message))

const callOf = (
  server: Server,
  { request, url, path, identity }: ResourceRequest,
  type: ResourceType,
): Call => ({
  server,
  identity,
  verb: verbOf(request.method, path, url.searchParams),
  type,
  path,
  apiVersion: apiVersionOf(path.group, path.version),
  query: url.searchParams,
  headers: request.headers,
  body: request.body,
})

/** RBAC's verb of a request. Throws 405. */
export const verbOf = (method: string, path: ResourcePath, query: URLSearchParams): Verb => {
  const one = path.name !== ''
  if (method === 'GET') {
    const watching = ['true', '1'].includes(query.get('watch') ?? '')
    return watching && path.subresource === '' ? 'watch' : one ? 'get' : 'list'
  }
  if (method === 'POST' && (!one || path.subresource !== '')) return 'create'
  if (method === 'DELETE' && path.subresource === '') return one ? 'delete' : 'deletecollection'
  if (method === 'PUT' && one) return 'update'
  if (method === 'PATCH' && one) return 'patch'
  throw methodNotAllowed()
}

const deeds: { readonly [verb in Verb]: (call: Call) => Outcome } = {
  get: (call) => (call.path.subresource === '' ? getRequest(call) : subresourceRequest(call)),
  list: listRequest,
  watch: watchRequest,
  create: (call) => (call.path.subresource === '' ? createHere(call) : subresourceRequest(call)),
  update: (call) => (call.path.subresource === '' ? updateRequest(call) : subresourceRequest(call)),
  patch: (call) => (call.path.subresource === '' ? patchRequest(call) : subresourceRequest(call)),
  delete: deleteRequest,
  deletecollection: deleteCollectionRequest,
}

const createHere = (call: Call) => {
  if (call.type.namespaced && call.path.namespace === undefined) throw methodNotAllowed()
  return createRequest(call)
}

const authorize = (call: Call) => {
  const { path, type, identity, verb } = call
  const attempt = {
    verb,
    group: type.group,
    resource: path.subresource === '' ? type.plural : `${type.plural}/${path.subresource}`,
    namespace: path.namespace ?? (type.id === 'namespaces' ? path.name : ''),
    name: path.name,
  }
  if (mayDo(call.server.storage, identity, attempt)) return
  throw forbidden(type, path.name, {
    why: refusal(identity, { ...attempt, namespace: path.namespace ?? '' }),
  })
}

const words: { readonly [verb in Verb]: string } = {
  get: 'Get',
  list: 'List',
  watch: 'Watch',
  create: 'Create',
  update: 'Update',
  patch: 'Patch',
  delete: 'Delete',
  deletecollection: 'DeleteCollection',
}

/** Verb and kind: `PatchNode`, `UpdateDeploymentScale`; an eviction is `CreateEviction`. */
const operationOf = ({ verb, type, path }: Call): string => {
  if (path.subresource === '') return `${words[verb]}${type.kind}`
  const { kind } = subresourceWords(type, path.version, path.subresource)
  if (kind !== type.kind) return kind === 'Eviction' ? 'CreateEviction' : `${words[verb]}${type.kind}${kind}`
  return `${words[verb]}${type.kind}${path.subresource.charAt(0).toUpperCase()}${path.subresource.slice(1)}`
}

const objectOf = ({ type, path }: Call): string => thing(type, path.namespace, path.name)

/** https://kubernetes.io/blog/2025/04/24/endpoints-deprecation/ */
const withWarning = (call: Call, response: TwinResponse): TwinResponse => {
  const minor = Number(/^v1\.(\d+)/.exec(call.server.version())?.[1] ?? 0)
  if (call.type.id !== 'endpoints' || minor < 33 || response === 'cut') return response
  call.server.deprecatedRequests.add(
    'group="",removed_release="",resource="endpoints",subresource="",version="v1"',
  )
  const warning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
  return { ...response, headers: { ...response.headers, warning } }
}
