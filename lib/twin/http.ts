/** A request as it reaches the twin, over a socket or in process. */
export interface TwinRequest {
  readonly method: string
  /** Path with query, undecoded. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Uint8Array
}

/** What goes back. `'cut'`: the connection is closed without an answer (the fault `lost-answer`). */
export type TwinResponse =
  | {
      readonly status: number
      readonly headers: { readonly [name: string]: string }
      readonly body: string | Uint8Array | TwinStream
    }
  | 'cut'

/** A body written over time (a watch). Called once with the sink; returns what stops the source when the client leaves. */
export type TwinStream = (sink: TwinSink) => () => void

export interface TwinSink {
  readonly write: (text: string) => void
  readonly end: () => void
  /** Breaks the connection in the middle. */
  readonly cut: () => void
}
