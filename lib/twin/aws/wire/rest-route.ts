import { decodePercent } from './percent.ts'
import { membersOf, requiredMembersOf, type Operation, type Service } from './schemas.ts'

/** What a REST request is about. */
export interface Route {
  readonly operation: Operation
  /** Decoded parts of the path, by member. */
  readonly labels: { readonly [member: string]: string }
}

/** A request before its operation is known. */
export interface RestRequest {
  readonly method: string
  /** Undecoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | undefined }
}

/** Makes requests' operations found. */
export type Router = (request: RestRequest) => Route | undefined

/**
 * The router of a REST service. It finds the operation whose method and path fit, whose fixed query words are all there, and
 * whose required query and header members are as well; the most specific one wins.
 */
export const createRouter = (service: Service): Router => {
  const patterns = [...service.operations.values()]
    .flatMap((operation) => patternOf(operation, service.protocol === 'restXml'))
    .toSorted((a, b) => b.specificity - a.specificity)
  return (request) => {
    for (const pattern of patterns) {
      const labels = fit(pattern, request)
      if (labels) return { operation: pattern.operation, labels }
    }
    return undefined
  }
}

interface Pattern {
  readonly operation: Operation
  readonly method: string
  readonly path: RegExp
  readonly labels: readonly string[]
  readonly words: readonly (readonly [key: string, value: string])[]
  readonly required: readonly Bound[]
  readonly specificity: number
}

interface Bound {
  readonly httpQuery: string | undefined
  readonly httpHeader: string | undefined
}

const patternOf = (operation: Operation, bucketInPath: boolean): readonly Pattern[] => {
  const { http } = operation
  if (!http) return []
  const [template = '', literals = ''] = http.path.split('?')
  const inPath =
    bucketInPath && hasBucket(operation) ? `/{Bucket}${template === '/' ? '' : template}` : template
  const words = [...new URLSearchParams(literals)]
  const required = boundRequired(operation)
  const fixed = inPath.replaceAll(/\{[^}]+\}/g, '').length
  return [
    {
      operation,
      method: http.method,
      ...pathPattern(inPath),
      words,
      required,
      specificity: fixed * 10 + words.length + required.length,
    },
  ]
}

const fit = (pattern: Pattern, request: RestRequest): Route['labels'] | undefined => {
  if (pattern.method !== request.method) return undefined
  const match = pattern.path.exec(request.path)
  if (!match || !pattern.words.every(([key, value]) => hasWord(request.query, key, value))) return undefined
  if (!pattern.required.every((bound) => isPresent(bound, request))) return undefined
  return Object.fromEntries(
    pattern.labels.map((name, index) => [name, decodePercent(match[index + 1] ?? '')]),
  )
}

const hasBucket = (operation: Operation): boolean =>
  membersOf(operation.input).some(([name, member]) => name === 'Bucket' && member.getMergedTraits().httpLabel)

/** `x-id` is a hint that some clients leave out. */
const hasWord = (query: URLSearchParams, key: string, value: string): boolean => {
  const given = query.get(key)
  return key === 'x-id'
    ? given === null || given === value
    : given !== null && (value === '' || given === value)
}

const pathPattern = (template: string): Pick<Pattern, 'path' | 'labels'> => {
  const labels: string[] = []
  const pattern = template.replaceAll(/\{(\w+)(\+?)\}/g, (_all, name: string, greedy: string) => {
    labels.push(name)
    return greedy ? '(.+)' : '([^/]+)'
  })
  return { path: new RegExp(`^${pattern}/?$`), labels }
}

const boundRequired = (operation: Operation): readonly Bound[] => {
  const required = requiredMembersOf(operation.input)
  return membersOf(operation.input).flatMap(([name, member]) => {
    const { httpQuery, httpHeader } = member.getMergedTraits()
    return required.includes(name) && (httpQuery ?? httpHeader) ? [{ httpQuery, httpHeader }] : []
  })
}

const isPresent = (bound: Bound, request: RestRequest): boolean =>
  bound.httpQuery === undefined
    ? request.headers[(bound.httpHeader ?? '').toLowerCase()] !== undefined
    : request.query.has(bound.httpQuery)
