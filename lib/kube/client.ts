import { exchange, type KubeCall, type KubeSettings } from './exchange.ts'
import { refusedError } from './refusal.ts'

/** The verbs of an API server over plain JSON. Not found is `undefined`. */
export interface KubeClient {
  readonly get: (path: string) => Promise<unknown>
  /** All of a collection, in chunks of 500, each object cut down at once to what `project` keeps of it. */
  readonly list: <T>(path: string, query: ListQuery, project: (raw: unknown) => T) => Promise<Listing<T>>
  /** Changes an object by a JSON merge patch; preconditions (uid, resourceVersion) stand in its metadata. */
  readonly patch: (path: string, patch: unknown) => Promise<'done' | 'gone' | 'conflict'>
}

/** Selectors as the API server takes them: `app=web,tier!=db`. */
export interface ListQuery {
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** A whole collection at one time. */
export interface Listing<T> {
  readonly items: readonly T[]
  /** Where a watch goes on. */
  readonly resourceVersion: string
}

const chunk = 500

/** A client of one API server. */
export const kubeClient = (settings: KubeSettings): KubeClient => ({
  get: (path) => json(settings, { method: 'GET', path, what: `get ${path}` }),
  list: (path, query, project) => listAll(settings, pathWith(path, { ...query }), project),
  patch: (path, patch) => mergePatch(settings, path, patch),
})

/** `path?query`, members left out that are undefined. */
export const pathWith = (
  path: string,
  query: { readonly [name: string]: string | number | boolean | undefined },
): string => {
  const words = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return words.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${words.join('&')}`
}

const json = async (settings: KubeSettings, call: KubeCall): Promise<unknown> => {
  const result = await exchange(settings, call)
  if ('response' in result) return JSON.parse(await result.response.text())
  if (result.refusal.status === 404) return undefined
  throw refusedError(call.what, result.refusal)
}

const mergePatch = async (settings: KubeSettings, path: string, patch: unknown) => {
  const what = `patch ${path}`
  const contentType = 'application/merge-patch+json'
  const result = await exchange(settings, { method: 'PATCH', path, body: patch, contentType, what })
  if ('response' in result) return 'done'
  if (result.refusal.status === 404) return 'gone'
  if (result.refusal.status === 409) return 'conflict'
  throw refusedError(what, result.refusal)
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly unknown[]
}

/** A continue token lives about five minutes; when it has expired (410) the list begins again. */
const listAll = async <T>(
  settings: KubeSettings,
  path: string,
  project: (raw: unknown) => T,
): Promise<Listing<T>> => {
  const what = `list ${path}`
  for (let start = 1; ; start += 1) {
    const result = await listOnce(settings, { path, what, project })
    if (result !== 'expired') return result
    if (start === 3) throw refusedError(what, { ...expired, message: 'the list expires again and again' })
  }
}

const expired = {
  status: 410,
  reason: 'Expired',
  message: '',
  causes: [],
  retryAfterSeconds: undefined,
  mayPass: false,
}

interface ListCall<T> {
  readonly path: string
  readonly what: string
  readonly project: (raw: unknown) => T
}

const listOnce = async <T>(
  settings: KubeSettings,
  { path, what, project }: ListCall<T>,
): Promise<Listing<T> | 'expired'> => {
  const items: T[] = []
  let next: string | undefined
  for (;;) {
    const result = await exchange(settings, {
      method: 'GET',
      path: pathWith(path, { limit: chunk, continue: next }),
      what,
    })
    if ('refusal' in result) {
      if (result.refusal.status === 410 && next !== undefined) return 'expired'
      throw refusedError(what, result.refusal)
    }
    const page = JSON.parse(await result.response.text()) as Page
    for (const raw of page.items ?? []) items.push(project(raw))
    next = page.metadata?.continue
    if (next === undefined || next === '')
      return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }
}
