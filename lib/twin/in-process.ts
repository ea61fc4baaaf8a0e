import { Readable } from 'node:stream'
import { encodePercent } from './aws/wire/percent.ts'
import type { TwinRequest, TwinResponse } from './http.ts'

/** The part of the SDK's HttpRequest that is read here. */
interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly query?: { readonly [name: string]: string | readonly (string | null)[] | null | undefined }
  readonly headers: { readonly [name: string]: string }
  readonly body?: unknown
}

/** What the SDK reads of an answer. */
interface SdkResponse {
  readonly statusCode: number
  readonly headers: { [name: string]: string }
  readonly body: Uint8Array | Readable
}

type Endpoint = (request: TwinRequest) => Promise<TwinResponse>

/**
 * Settings of an SDK client that talks to the endpoint in process; region and credentials come on top. Whatever a client would
 * look up in files or the environment is fixed here: no call waits for real I/O, not even the first one of a process.
 * One attempt a call: retries would wait by the wall clock.
 */
export const inProcessSettings = (endpoint: Endpoint) => ({
  endpoint: 'http://127.0.0.1',
  forcePathStyle: true,
  requestHandler: inProcessHandler(endpoint),
  maxAttempts: 1,
  retryMode: 'standard',
  defaultsMode: 'standard' as const,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  ignoreConfiguredEndpointUrls: true,
  userAgentAppId: () => Promise.resolve(undefined),
  authSchemePreference: [],
  sigv4aSigningRegionSet: [],
  disableClockSkewCorrection: true,
  disableS3ExpressSessionAuth: true,
  disableMultiregionAccessPoints: true,
  useArnRegion: false,
  requestChecksumCalculation: 'WHEN_SUPPORTED' as const,
  responseChecksumValidation: 'WHEN_SUPPORTED' as const,
})

/**
 * For the SDK's `requestHandler` option: calls reach the endpoint without a socket, so that virtual time may stand still
 * while they are answered. A cut connection rejects with ECONNRESET. Request bodies are texts or bytes, never streams.
 */
export const inProcessHandler = (endpoint: Endpoint) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  handle: async (request: SdkRequest): Promise<{ response: SdkResponse }> => {
    const answer = await endpoint({
      method: request.method,
      url: urlOf(request),
      headers: lowerCased(request.headers),
      body: bytesOf(request.body),
    })
    if (answer === 'cut')
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' })
    if (typeof answer.body === 'function') throw new Error('A streamed answer cannot be given in process')
    const bytes = bytesOf(answer.body)
    const body = isStreamed(request) && answer.status < 300 ? Readable.from([bytes]) : bytes
    return { response: { statusCode: answer.status, headers: { ...answer.headers }, body } }
  },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  destroy: () => {},
})

/** The one answer whose body the SDK hands on as a stream; of all others it wants the bytes. */
const isStreamed = ({ query }: SdkRequest): boolean => query?.['x-id'] === 'GetObject'

const urlOf = ({ path, query = {} }: SdkRequest): string => {
  const words = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return []
    const values = Array.isArray(value) ? (value as readonly (string | null)[]) : [value as string | null]
    return values.map((item) => `${encodePercent(name)}=${item === null ? '' : encodePercent(item)}`)
  })
  return words.length === 0 ? path : `${path}?${words.join('&')}`
}

const lowerCased = (headers: SdkRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const bytesOf = (body: unknown): Uint8Array => {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return body
  throw new TypeError('Only texts and bytes can be sent in process')
}
