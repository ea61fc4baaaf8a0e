import type { RequestFigures } from '../../evidence/rehearsal-result.ts'
import type { TwinRequest } from '../../twin/http.ts'
import { resourcePath } from '../../twin/kubernetes/api/request-path.ts'
import { verbOf } from '../../twin/kubernetes/api/resource-requests.ts'

/** Counts what a run asks for, answered or not. */
export interface RequestCount {
  readonly aws: (request: TwinRequest) => void
  readonly kubernetes: (request: TwinRequest) => void
  /** So far, by name. */
  readonly figures: () => RequestFigures
}

export const countRequests = (): RequestCount => {
  const aws = new Map<string, number>()
  const kubernetes = new Map<string, number>()
  return {
    aws: (request) => count(aws, serviceOf(request)),
    kubernetes: (request) => count(kubernetes, kubernetesVerb(request)),
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
