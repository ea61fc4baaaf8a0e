import type { KubeObject } from '../cluster-twin.ts'
import { json, listAnswer, shapeOf, shownTo, textTo } from './answer.ts'
import { wholeNumber } from './bodies.ts'
import { thing, type Call, type Outcome } from './call.ts'
import { listPage, type ListQuery } from './list.ts'
import { fieldMatcher, labelMatcher, type Matches } from './selectors.ts'
import { badRequest, expired, notFound, StatusError } from './status-error.ts'

const allOf =
  (...matchers: readonly Matches[]): Matches =>
  (object) =>
    matchers.every((matches) => matches(object))

/** The selectors of a request, and its name where a watch is for one object. */
export const selected = (call: Call): Matches =>
  allOf(
    labelMatcher(call.query.get('labelSelector') ?? ''),
    fieldMatcher(call.query.get('fieldSelector') ?? '', call.type.id),
    call.path.name === '' ? () => true : (object) => object.metadata.name === call.path.name,
  )

/** GET of one object. Throws 404. */
export const getRequest = (call: Call): Outcome => {
  const { name, namespace = '' } = call.path
  const found = call.server.storage.get(call.type.id, namespace, name)
  if (!found) throw notFound(call.type, name)
  return { response: json(200, shownTo(call)(found)), effect: null }
}

const strikeGone = (call: Call) =>
  call.server.strike('gone', {
    service: 'kubernetes',
    operation: `${call.verb === 'watch' ? 'Watch' : 'List'}${call.type.kind}`,
    object: call.path.name,
  }) !== undefined

/** GET of a collection. Throws 400 and 410. */
export const listRequest = (call: Call): Outcome => {
  const query = listQuery(call)
  if (query.continue !== '' && strikeGone(call)) throw expired('The provided continue parameter is too old')
  const page = listPage(call.server.storage, query)
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continue === '' ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  }
  return { response: listAnswer(call, page.objects, metadata), effect: null }
}

const listQuery = (call: Call): ListQuery => {
  const { query } = call
  const match = query.get('resourceVersionMatch')
  if (match !== null && !query.has('resourceVersion'))
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided')
  return {
    resource: call.type.id,
    namespace: call.path.namespace,
    matches: selected(call),
    selective: Boolean(query.get('labelSelector')) || Boolean(query.get('fieldSelector')),
    limit: wholeNumber('limit', query.get('limit')),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    exact: match === 'Exact',
    among: onOneNode(call),
  }
}

/** The pods of the node that a field selector asks for: no need to look at all. */
const onOneNode = ({ type, query, server }: Call): readonly KubeObject[] | undefined => {
  if (type.id !== 'pods') return undefined
  const node = /(?:^|,)spec\.nodeName==?([^,=!\s]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '')?.[1]
  return node === undefined ? undefined : server.podsOn?.(node).map(({ pod }) => pod)
}

const longestWatchSeconds = 1800

/** Watch of a collection, or of one object. Throws 400, 422 and 504. */
export const watchRequest = (call: Call): Outcome => {
  const { query, server } = call
  if (query.get('sendInitialEvents') !== null) throw initialEventsForbidden()
  const resourceVersion = query.get('resourceVersion') ?? ''
  if (!/^\d*$/.test(resourceVersion)) throw badRequest(`invalid resource version "${resourceVersion}"`)
  const operation = `Watch${call.type.kind}`
  const object = thing(call.type, call.path.namespace, call.path.name)
  const cut = server.strike('watch-cut', { service: 'kubernetes', operation, object })
  const stream = server.watches.open({
    resource: call.type.id,
    namespace: call.path.namespace,
    matches: selected(call),
    resourceVersion,
    bookmarks:
      query.get('allowWatchBookmarks') === 'true' && shapeOf(call.headers['accept'] ?? '') !== 'table',
    timeoutSeconds: wholeNumber('timeoutSeconds', query.get('timeoutSeconds')) || longestWatchSeconds,
    cutAfterSeconds: cut ? (cut.seconds ?? 0) : undefined,
    gone: strikeGone(call),
    text: textTo(call),
    apiVersion: call.apiVersion,
    kind: call.type.kind,
  })
  return {
    response: { status: 200, headers: { 'content-type': 'application/json' }, body: stream },
    effect: null,
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists: clients fall back to list and watch. */
const initialEventsForbidden = () => {
  const field = 'sendInitialEvents'
  const message =
    'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
  return new StatusError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`, {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: [{ reason: 'FieldValueForbidden', message, field }],
  })
}
