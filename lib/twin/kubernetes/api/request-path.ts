import type { ResourceType } from '../resources.ts'
import type { Storage } from '../storage.ts'
import { notServed } from './status-error.ts'

/** A path under /api or /apis that names a resource, an object or a subresource. */
export interface ResourcePath {
  readonly group: string
  readonly version: string
  /** undefined: all namespaces, or a kind without namespaces. */
  readonly namespace: string | undefined
  readonly plural: string
  /** '' for a collection. */
  readonly name: string
  /** '' for the object itself. */
  readonly subresource: string
}

/** Takes a path apart; undefined when it names no resource (discovery, health, ...). */
export const resourcePath = (path: string): ResourcePath | undefined => {
  const parts = path.split('/').filter((part) => part !== '')
  const [root, ...rest] = parts.map((part) => decoded(part))
  if (root === 'api' && rest.length >= 2) return withinVersion('', rest[0] ?? '', rest.slice(1))
  if (root === 'apis' && rest.length >= 3) return withinVersion(rest[0] ?? '', rest[1] ?? '', rest.slice(2))
  return undefined
}

const ofNamespace = ['status', 'finalize']

const withinVersion = (group: string, version: string, parts: readonly string[]): ResourcePath => {
  const inside = parts[0] === 'namespaces' && parts.length >= 3 && !ofNamespace.includes(parts[2] ?? '')
  const [plural = '', name = '', ...sub] = inside ? parts.slice(2) : parts
  return {
    group,
    version,
    namespace: inside ? parts[1] : undefined,
    plural,
    name,
    subresource: sub.join('/'),
  }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw notServed()
  }
}

/** The type that a path names. Throws 404 when the group, the version or the kind is not served. */
export const servedType = (storage: Storage, path: ResourcePath): ResourceType => {
  const type = storage.type(path.group === '' ? path.plural : `${path.plural}.${path.group}`)
  if (!type || !type.versions.includes(path.version)) throw notServed()
  if (path.namespace !== undefined && !type.namespaced) throw notServed()
  if (path.name !== '' && type.namespaced && path.namespace === undefined) throw notServed()
  if (path.subresource !== '' && !type.subresources.includes(path.subresource)) throw notServed()
  return type
}

/** `apps/v1`, or `v1` of the core group. */
export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`
