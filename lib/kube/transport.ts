/** One HTTP exchange with an API server: over TLS (lib/kube/https-transport.ts) or in process (tests, rehearsals). */
export type KubeTransport = (request: KubeRequest) => Promise<KubeResponse>

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with query, from `/`. */
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
  readonly signal: AbortSignal
}

export interface KubeResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: () => Promise<string>
  /** Lines of a watch as they come; ends or throws when the connection does. */
  readonly lines: () => AsyncIterable<string>
}
