import type { TwinRequest, TwinResponse } from '../../http.ts'
import { json } from './answer.ts'
import type { Server } from './call.ts'
import {
  aggregatedDiscovery,
  aggregatedVersion,
  coreVersions,
  groupList,
  groupOf,
  resourceList,
} from './discovery.ts'
import { openApiDocument, openApiIndex } from './openapi.ts'
import { methodNotAllowed, notServed } from './status-error.ts'

const text = (body: string): TwinResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** What everybody may read: health and version. undefined for other paths. */
export const openAnswer = (server: Server, url: URL): TwinResponse | undefined => {
  const [, root = '', check] = url.pathname.split('/')
  if (root === 'version') return json(200, versionOf(server.version()))
  if (!['healthz', 'livez', 'readyz'].includes(root)) return undefined
  if (check !== undefined && !checks.includes(check)) return undefined
  const verbose = url.searchParams.has('verbose')
  return text(verbose ? `${checks.map((name) => `[+]${name} ok\n`).join('')}${root} check passed\n` : 'ok')
}

const checks = ['ping', 'log', 'etcd', 'poststarthook/start-kube-apiserver-admission-initializer']

/** `/version` as EKS answers it: the minor ends in `+`. */
const versionOf = (gitVersion: string) => {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? []
  return {
    major,
    minor: `${minor}+`,
    gitVersion,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.24.6',
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}

/** https://kubernetes.io/docs/reference/instrumentation/metrics/: the gauge that upgrade checks read */
const metricsText = (server: Server) =>
  [
    '# HELP apiserver_requested_deprecated_apis Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
    '# TYPE apiserver_requested_deprecated_apis gauge',
    ...[...server.deprecatedRequests].map((labels) => `apiserver_requested_deprecated_apis{${labels}} 1`),
    '',
  ].join('\n')

/** Old clients ask for it where version 3 tells them nothing; an empty protobuf message is an empty document. */
const emptyOpenApiV2: TwinResponse = {
  status: 200,
  headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
  body: '',
}

/** Discovery and OpenAPI. Throws 404 and 405. */
export const pathAnswer = (server: Server, request: TwinRequest, url: URL): TwinResponse => {
  if (request.method !== 'GET') throw methodNotAllowed()
  const parts = url.pathname.split('/').filter((part) => part !== '')
  const [root, second, third] = parts
  if (root === 'api' || root === 'apis') return discoveryAnswer(server, request, parts)
  if (root === 'metrics' && second === undefined) return text(metricsText(server))
  if (root === 'openapi' && second === 'v3') {
    const document =
      third === undefined
        ? openApiIndex(server.storage)
        : openApiDocument(server.storage, parts.slice(2).join('/'))
    if (document) return json(200, document)
  }
  if (root === 'openapi' && second === 'v2') return emptyOpenApiV2
  throw notServed()
}

const discoveryAnswer = (server: Server, request: TwinRequest, parts: readonly string[]): TwinResponse => {
  const [root, second, third] = parts
  const { storage } = server
  if (second === undefined && (root === 'api' || root === 'apis')) {
    const version = aggregatedVersion(request.headers['accept'] ?? '')
    if (version === undefined) return json(200, root === 'api' ? coreVersions() : groupList(storage))
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
    return json(200, aggregatedDiscovery(storage, root, version), { 'content-type': type, vary: 'Accept' })
  }
  const found =
    root === 'api'
      ? resourceList(storage, '', second ?? '')
      : third === undefined
        ? groupOf(storage, second ?? '')
        : resourceList(storage, second ?? '', third)
  if (!found) throw notServed()
  return json(200, found)
}
