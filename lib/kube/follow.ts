import { RunbookError } from '../runbook/errors.ts'
import { kubeClient, pathWith, type ListQuery } from './client.ts'
import { attemptOnce, type KubeCall, type KubeSettings } from './exchange.ts'
import type { Metadata } from './metadata.ts'
import { refusedError } from './refusal.ts'

/** A collection that is kept up to date from the moment it is first known. */
export interface Followed<T> {
  /** The objects as last seen, by uid. Empty until `synced`. */
  readonly items: () => readonly T[]
  /** One of them as last seen. */
  readonly find: (uid: string) => T | undefined
  /** Fulfilled when the first list is there; rejects as `ended` does. */
  readonly synced: Promise<void>
  /** Ends with the signal; rejects when the server refuses the list or watch for good (R022, R030). */
  readonly ended: Promise<void>
}

/** What to follow and whom to tell. */
export interface Follow<T extends Metadata> extends ListQuery {
  readonly path: string
  readonly project: (raw: unknown) => T
  readonly signal: AbortSignal
  /** Called after each change with the uid of what changed, and after each list without one. */
  readonly changed?: ((uid?: string) => void) | undefined
}

const watchSeconds = 300
/** A watch that says nothing for so long, bookmarks included, is dead. */
const silenceSeconds = watchSeconds + 30
const longestBackoffSeconds = 15

/**
 * Lists, then watches from there: for as long as the signal lasts, through cut connections, an API server that is being
 * replaced and histories that are too old (410), which it lists again.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export const follow = <T extends Metadata>(settings: KubeSettings, what: Follow<T>): Followed<T> => {
  const known = new Map<string, T>()
  const first = Promise.withResolvers<void>()
  const own = { ...settings, signal: what.signal }
  const ended = followOn(own, what, { known, listed: first.resolve }).then(
    // Told to end before the first list was there: nobody may wait for it for ever.
    () => first.reject(what.signal.reason),
    (error: unknown) => {
      if (what.signal.aborted) return first.reject(what.signal.reason)
      first.reject(error)
      throw error
    },
  )
  // Whoever waits for neither is told by `items` standing still; an unhandled rejection would end the process.
  ended.catch(() => {})
  first.promise.catch(() => {})
  return {
    items: () => [...known.values()],
    find: (uid) => known.get(uid),
    synced: first.promise,
    ended,
  }
}

interface Known<T> {
  readonly known: Map<string, T>
  readonly listed: () => void
}

const followOn = async <T extends Metadata>(
  settings: KubeSettings,
  what: Follow<T>,
  { known, listed }: Known<T>,
): Promise<void> => {
  let from: string | undefined
  let failures = 0
  while (!settings.signal.aborted) {
    try {
      if (from === undefined) {
        from = await relist(settings, what, known)
        listed()
      }
      const watched = await watchFrom(settings, what, { known, from })
      from = watched.next
      failures = watched.heard ? 0 : failures + 1
    } catch (error) {
      settings.signal.throwIfAborted()
      if (!(error instanceof RunbookError) || error.code !== 'R024') throw error
      failures += 1
    }
    if (failures > 0) await settings.clock.sleep(backoff(settings, failures), settings.signal)
  }
}

const backoff = ({ random }: KubeSettings, failures: number): number =>
  Math.min(longestBackoffSeconds, 0.5 * 2 ** (failures - 1)) * (0.5 + random() / 2)

const relist = async <T extends Metadata>(
  settings: KubeSettings,
  { path, labelSelector, fieldSelector, project, changed }: Follow<T>,
  known: Map<string, T>,
): Promise<string> => {
  const listing = await kubeClient(settings).list(path, { labelSelector, fieldSelector }, project)
  known.clear()
  for (const item of listing.items) known.set(item.uid, item)
  changed?.()
  return listing.resourceVersion
}

interface Watched {
  /** Where the next watch begins; undefined: list again. */
  readonly next: string | undefined
  /** The server answered and sent something, or ended in peace. */
  readonly heard: boolean
}

interface Event {
  readonly type: string
  readonly object: { readonly code?: number; readonly metadata?: { readonly resourceVersion?: string } }
}

/** One watch, until it ends by itself or is cut. */
const watchFrom = async <T extends Metadata>(
  settings: KubeSettings,
  what: Follow<T>,
  { known, from }: { readonly known: Map<string, T>; readonly from: string },
): Promise<Watched> => {
  const quiet = new AbortController()
  const signal = AbortSignal.any([settings.signal, quiet.signal])
  const result = await attemptOnce(settings, { ...watchCall(what, from), signal })
  if ('refusal' in result) {
    if (result.refusal.status === 410) return { next: undefined, heard: false }
    if (result.refusal.mayPass) return { next: from, heard: false }
    throw refusedError(`watch ${what.path}`, result.refusal)
  }
  const state: { next: string | undefined; heard: boolean } = { next: from, heard: false }
  const watchdog = endSilence(settings, quiet)
  try {
    for await (const line of result.response.lines()) {
      watchdog.heard()
      state.heard = true
      state.next = take(what, known, JSON.parse(line) as Event)
      if (state.next === undefined) return { next: undefined, heard: false }
    }
    return { next: state.next, heard: true }
  } catch {
    settings.signal.throwIfAborted()
    return state
  } finally {
    watchdog.stop()
    quiet.abort()
  }
}

const watchCall = <T extends Metadata>(
  { path, labelSelector, fieldSelector }: Follow<T>,
  resourceVersion: string,
): KubeCall => ({
  method: 'GET',
  path: pathWith(path, {
    labelSelector,
    fieldSelector,
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: watchSeconds,
    resourceVersion,
  }),
  what: `watch ${path}`,
})

/** Takes one event in; answers where the watch now stands, or undefined when its history is lost. */
const take = <T extends Metadata>(
  { project, changed }: Follow<T>,
  known: Map<string, T>,
  { type, object }: Event,
): string | undefined => {
  if (type === 'ERROR') return undefined
  if (type !== 'BOOKMARK') {
    const item = project(object)
    if (type === 'DELETED') known.delete(item.uid)
    else known.set(item.uid, item)
    changed?.(item.uid)
  }
  return object.metadata?.resourceVersion
}

/** Ends a watch from which nothing is heard for too long. */
const endSilence = ({ clock, signal }: KubeSettings, quiet: AbortController) => {
  const over = new AbortController()
  const stop = AbortSignal.any([over.signal, signal])
  let last = clock.now()
  const wait = async (): Promise<void> => {
    for (;;) {
      const left = silenceSeconds - (clock.now() - last) / 1000
      if (left <= 0) return quiet.abort(new Error(`nothing heard for ${silenceSeconds} s`))
      await clock.sleep(left, stop)
    }
  }
  wait().catch(() => {})
  return { heard: () => void (last = clock.now()), stop: () => over.abort() }
}
