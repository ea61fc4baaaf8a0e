import type { TwinResponse } from '../../http.ts'
import { json } from './answer.ts'
import { allows, grantsOf, refusal } from './authorize.ts'
import { decoded } from './bodies.ts'
import type { ResourceRequest, Server } from './call.ts'
import { metrics } from './metrics.ts'
import { reviewed } from './reviews.ts'
import { labelMatcher } from './selectors.ts'
import { forbidden, methodNotAllowed } from './status-error.ts'
import { virtualResources } from './virtual-resources.ts'

/** Answers reviews and metrics; undefined for a stored kind. Throws 403, 404 and 405. */
export const virtualAnswer = (server: Server, given: ResourceRequest): TwinResponse | undefined => {
  const { path, request, identity, url } = given
  const resource = virtualResources.find(
    (one) => one.group === path.group && one.version === path.version && one.plural === path.plural,
  )
  if (!resource) return undefined
  const grants = grantsOf(server.storage, identity)
  const verb = request.method === 'POST' ? 'create' : path.name === '' ? 'list' : 'get'
  if (!resource.verbs.includes(verb) || (request.method !== 'GET' && verb !== 'create'))
    throw methodNotAllowed()
  const attempt = {
    verb,
    group: path.group,
    resource: path.plural,
    namespace: path.namespace ?? '',
    name: path.name,
  }
  if (!allows(grants, attempt))
    throw forbidden({ plural: path.plural, group: path.group, kind: resource.kind }, path.name, {
      why: refusal(identity, attempt),
    })
  if (verb === 'create') {
    const body = decoded(request.body, request.headers['content-type'] ?? 'application/json')
    return json(201, reviewed(path.plural, body, { identity, grants }))
  }
  const matches = labelMatcher(url.searchParams.get('labelSelector') ?? '')
  const { plural, namespace, name } = path
  return json(200, metrics(server.storage, { plural, namespace, name, matches }, server.now()))
}
