import type { KubeObject } from '../cluster-twin.ts'
import { keyOf, type Storage } from '../storage.ts'
import { isFields } from './reading.ts'
import type { Matches } from './selectors.ts'
import { badRequest, expired, StatusError } from './status-error.ts'

/** One page of a list. */
export interface Page {
  readonly objects: readonly KubeObject[]
  readonly resourceVersion: string
  /** '' on the last page. */
  readonly continue: string
  /** Only known without selectors. */
  readonly remaining: number | undefined
}

export interface ListQuery {
  readonly resource: string
  readonly namespace: string | undefined
  readonly matches: Matches
  /** True when a selector narrows the list. */
  readonly selective: boolean
  readonly limit: number
  readonly continue: string
  readonly resourceVersion: string
  readonly exact: boolean
  /** All that can match now, in the order of the list, where that is known. Default: all of the resource. */
  readonly among?: readonly KubeObject[] | undefined
}

const tooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/**
 * Lists in pages that all show the same moment. Throws 410 when that moment is no longer remembered, 504 for one that
 * is still to come. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export const listPage = (storage: Storage, query: ListQuery): Page => {
  const token = query.continue === '' ? undefined : readToken(query.continue)
  const now = storage.state.resourceVersion
  const moment = token?.rv ?? (query.exact ? requested(query) : now)
  requireKnown(storage, Math.max(moment, requested(query)))
  if (moment < storage.state.compacted)
    throw expired(token ? tooOld : `The resourceVersion for the provided list is too old.`)
  const start = token?.start ?? ''
  const left = objectsAt(storage, query, moment).filter(
    (object) => (start === '' || keyOf(object) > start) && query.matches(object),
  )
  const objects = query.limit > 0 ? left.slice(0, query.limit) : left
  const last = objects.at(-1)
  const more = last !== undefined && left.length > objects.length
  return {
    objects,
    resourceVersion: String(moment),
    continue: more ? writeToken({ rv: moment, start: keyOf(last) }) : '',
    remaining: more && !query.selective ? left.length - objects.length : undefined,
  }
}

const requested = ({ resourceVersion }: ListQuery) => {
  if (!/^\d*$/.test(resourceVersion)) throw badRequest(`invalid resource version "${resourceVersion}"`)
  return Number(resourceVersion)
}

/** Throws 504 for a resourceVersion of the future, as a server whose cache is behind does. */
export const requireKnown = (storage: Storage, resourceVersion: number): void => {
  const current = storage.state.resourceVersion
  if (resourceVersion <= current) return
  throw new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${resourceVersion}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  )
}

/** The objects as they were at that resourceVersion: now, with later changes taken back. */
const objectsAt = (storage: Storage, query: ListQuery, moment: number): readonly KubeObject[] => {
  if (moment === storage.state.resourceVersion)
    return query.among?.filter(isIn(query)) ?? storage.list(query.resource, query.namespace)
  const objects = new Map(
    storage.list(query.resource, query.namespace).map((object) => [keyOf(object), object]),
  )
  const { history } = storage.state
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const event = history[index]
    if (!event || event.resourceVersion <= moment) break
    if (event.resource !== query.resource || !isIn(query)(event.object)) continue
    if (event.previous === undefined) objects.delete(keyOf(event.object))
    else objects.set(keyOf(event.object), event.previous)
  }
  return [...objects.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const isIn =
  ({ namespace }: ListQuery): Matches =>
  ({ metadata }) =>
    namespace === undefined || metadata.namespace === namespace

interface Token {
  readonly rv: number
  readonly start: string
}

const writeToken = (token: Token) =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url')

const readToken = (text: string): Token => {
  const token = parsed(Buffer.from(text, 'base64url').toString())
  if (isFields(token) && typeof token['rv'] === 'number' && typeof token['start'] === 'string')
    return { rv: token['rv'], start: token['start'] }
  throw badRequest(`continue key is not valid: ${JSON.stringify(text)}`)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
