import type { TwinSink, TwinStream } from '../../http.ts'
import type { TaskHandlers, Timeline } from '../../timeline.ts'
import type { KubeObject } from '../cluster-twin.ts'
import type { Storage, WatchEvent } from '../storage.ts'
import { numberAt, textAt } from './reading.ts'
import { requireKnown } from './list.ts'
import type { Matches } from './selectors.ts'
import { expired } from './status-error.ts'

export interface WatchQuery {
  readonly resource: string
  readonly namespace: string | undefined
  readonly matches: Matches
  /** '' and '0': begin with everything there is. */
  readonly resourceVersion: string
  readonly bookmarks: boolean
  readonly timeoutSeconds: number
  /** Cut the connection after so many virtual seconds (the fault `watch-cut`). */
  readonly cutAfterSeconds: number | undefined
  /** Answer 410 at once (the fault `gone`). */
  readonly gone: boolean
  /** The JSON of an object as this client wants to see it. */
  readonly text: (object: KubeObject) => string
  /** A bookmark's object has only these and a resourceVersion. */
  readonly apiVersion: string
  readonly kind: string
}

/** The watches of one API server that are open now. They are no part of the twin's state: a snapshot has none. */
export interface Watches {
  /** Throws StatusError 504 for a resourceVersion of the future. */
  readonly open: (query: WatchQuery) => TwinStream
  /** Breaks all connections, as a restart of the control plane does. */
  readonly cutAll: () => void
  /** For the timeline: end, cut and bookmark. Tasks of watches that are gone do nothing. */
  readonly tasks: TaskHandlers
}

interface OpenWatch {
  readonly query: WatchQuery
  readonly sink: TwinSink
}

interface Watching {
  readonly storage: Storage
  readonly timeline: Timeline
  readonly cluster: string
  readonly opened: Map<string, OpenWatch>
  count: number
}

const bookmarkSeconds = 60

/** `cluster` is put into the data of tasks, for several clusters share a timeline. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export const createWatches = (around: { storage: Storage; timeline: Timeline; cluster: string }): Watches => {
  const watching: Watching = { ...around, opened: new Map(), count: 0 }
  around.storage.onChange((event) => {
    for (const { query, sink } of watching.opened.values()) deliver(query, sink, event)
  })
  const withWatch =
    (act: (id: string, watch: OpenWatch) => void) => (data: { readonly [key: string]: unknown }) => {
      const id = textAt(data, 'watch')
      const watch = watching.opened.get(id)
      if (watch && data['cluster'] === around.cluster) act(id, watch)
    }
  return {
    open: (query) => {
      requireKnown(around.storage, Number(query.resourceVersion))
      return (sink) => start(watching, query, sink)
    },
    cutAll: () => {
      for (const [id, watch] of watching.opened) finish(watching, id, () => watch.sink.cut())
    },
    tasks: {
      'k8s.watchEnds': withWatch((id, watch) => finish(watching, id, () => watch.sink.end())),
      'k8s.watchCut': withWatch((id, watch) => finish(watching, id, () => watch.sink.cut())),
      'k8s.watchBookmark': withWatch((id, watch) => bookmark(watching, id, watch)),
    },
  }
}

const start = (watching: Watching, query: WatchQuery, sink: TwinSink): (() => void) => {
  const { storage } = watching
  const from = Number(query.resourceVersion)
  const fresh = query.resourceVersion === '' || query.resourceVersion === '0'
  if (query.gone || (!fresh && from < storage.state.compacted)) return refuse(watching, query, sink)
  watching.count += 1
  const id = `${watching.timeline.now()}-${watching.count}`
  watching.opened.set(id, { query, sink })
  if (fresh)
    for (const object of storage.list(query.resource, query.namespace))
      if (query.matches(object)) write(sink, 'ADDED', query.text(object))
  if (!fresh) for (const event of since(storage, from)) deliver(query, sink, event)
  const data = { cluster: watching.cluster, watch: id }
  watching.timeline.after(query.timeoutSeconds, { kind: 'k8s.watchEnds', data })
  if (query.cutAfterSeconds !== undefined)
    watching.timeline.after(query.cutAfterSeconds, { kind: 'k8s.watchCut', data })
  if (query.bookmarks) watching.timeline.after(bookmarkSeconds, { kind: 'k8s.watchBookmark', data })
  return () => finish(watching, id, () => undefined)
}

const refuse = ({ storage }: Watching, { resourceVersion }: WatchQuery, sink: TwinSink) => {
  const { status } = expired(
    `too old resource version: ${resourceVersion} (${storage.state.compacted || storage.state.resourceVersion})`,
  )
  write(sink, 'ERROR', JSON.stringify(status))
  sink.end()
  return () => undefined
}

/** The history from that resourceVersion on; it is sorted, so the place is found by halving. */
const since = (storage: Storage, resourceVersion: number): readonly WatchEvent[] => {
  const { history } = storage.state
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numberAt(history[middle], 'resourceVersion') ?? 0) <= resourceVersion) low = middle + 1
    else high = middle
  }
  return history.slice(low)
}

const deliver = (query: WatchQuery, sink: TwinSink, event: WatchEvent) => {
  if (event.resource !== query.resource) return
  if (query.namespace !== undefined && event.object.metadata.namespace !== query.namespace) return
  const before = event.previous !== undefined && query.matches(event.previous)
  const after = event.type !== 'DELETED' && query.matches(event.object)
  if (after) write(sink, before ? 'MODIFIED' : 'ADDED', query.text(event.object))
  else if (before) write(sink, 'DELETED', query.text(event.object))
}

/** Tasks run when all have been told of all changes: the newest resourceVersion is one that the client has seen. */
const bookmark = (watching: Watching, id: string, watch: OpenWatch) => {
  const { apiVersion, kind } = watch.query
  const mark = {
    kind,
    apiVersion,
    metadata: { resourceVersion: String(watching.storage.state.resourceVersion) },
  }
  write(watch.sink, 'BOOKMARK', JSON.stringify(mark))
  const data = { cluster: watching.cluster, watch: id }
  watching.timeline.after(bookmarkSeconds, { kind: 'k8s.watchBookmark', data })
}

const write = (sink: TwinSink, type: string, text: string) =>
  sink.write(`{"type":"${type}","object":${text}}\n`)

const finish = (watching: Watching, id: string, close: () => void) => {
  const watch = watching.opened.get(id)
  if (!watch) return
  watching.opened.delete(id)
  close()
}
