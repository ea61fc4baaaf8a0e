import type { RequestFigures } from '../../evidence/rehearsal-result.ts'
import type { TwinRequest, TwinResponse } from '../../twin/http.ts'
import { items, textAt } from '../../twin/kubernetes/api/reading.ts'
import { resourcePath } from '../../twin/kubernetes/api/request-path.ts'
import { verbOf } from '../../twin/kubernetes/api/resource-requests.ts'

type Handle = (request: TwinRequest) => TwinResponse | Promise<TwinResponse>

/** Counts what a run asks for, answered or not. */
export interface RequestCount {
  /** The same, counted. */
  readonly aws: (handle: Handle) => (request: TwinRequest) => Promise<TwinResponse>
  readonly kubernetes: (handle: Handle) => (request: TwinRequest) => Promise<TwinResponse>
  /** So far, by name. */
  readonly figures: () => RequestFigures
  /** Evictions refused so far, by `namespace/name` of the budget. */
  readonly refusals: () => ReadonlyMap<string, number>
}

export const countRequests = (): RequestCount => {
  const aws = new Map<string, number>()
  const kubernetes = new Map<string, number>()
  const refusals = new Map<string, number>()
  return {
    aws: (handle) => async (request) => {
      count(aws, serviceOf(request))
      return await handle(request)
    },
    kubernetes: (handle) => async (request) => {
      count(kubernetes, kubernetesVerb(request))
      const answer = await handle(request)
      const budget = refusingBudget(request, answer)
      if (budget !== undefined) count(refusals, budget)
      return answer
    },
    refusals: () => refusals,
    figures: () => ({ aws: sorted(aws), kubernetes: sorted(kubernetes) }),
  }
}

const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1)

const sorted = (counts: ReadonlyMap<string, number>): { readonly [name: string]: number } =>
  Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** The scope of the signature names the service. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const serviceOf = ({ headers }: TwinRequest): string =>
  /Credential=[^/]+\/\d{8}\/[^/]+\/([a-z0-9-]+)\/aws4_request/.exec(headers['authorization'] ?? '')?.[1] ??
  'unsigned'

/** An eviction is told apart from other creations: it is what moves pods. */
const kubernetesVerb = ({ method, url }: TwinRequest): string => {
  const [path = '', query = ''] = url.split('?')
  const resource = resourcePath(path)
  if (resource === undefined) return 'other'
  return resource.subresource === 'eviction' ? 'evict' : verbOf(method, resource, new URLSearchParams(query))
}

/** The server names the budget in a cause. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
const refusingBudget = ({ url }: TwinRequest, answer: TwinResponse): string | undefined => {
  if (answer === 'cut' || answer.status !== 429 || typeof answer.body === 'function') return undefined
  const resource = resourcePath(url.split('?')[0] ?? '')
  if (resource?.subresource !== 'eviction') return undefined
  const body: unknown = JSON.parse(Buffer.from(answer.body).toString())
  const details = (body as { readonly details?: { readonly causes?: unknown } }).details
  const cause = items(details?.causes).find((one) => textAt(one, 'reason') === 'DisruptionBudget')
  const name = /disruption budget (\S+)/.exec(textAt(cause, 'message'))?.[1]
  return name === undefined ? undefined : `${resource.namespace ?? ''}/${name}`
}
