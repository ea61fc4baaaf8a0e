import type { Storage } from '../storage.ts'
import { servedGroupVersions } from './discovery.ts'

const pathOf = (group: string, version: string) =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`

/** `/openapi/v3`: where the document of each group and version lies. */
export const openApiIndex = (storage: Storage): object => ({
  paths: Object.fromEntries(
    servedGroupVersions(storage).map(({ group, version, types }) => {
      const path = pathOf(group, version)
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${types.length}` }]
    }),
  ),
})

const parameters = ['fieldValidation', 'dryRun', 'fieldManager', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}))

/**
 * One group's document: the patch operation of each kind, which is what kubectl looks for before it sends
 * `fieldValidation`; no schemas. undefined when the group is not served.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export const openApiDocument = (storage: Storage, path: string): object | undefined => {
  const found = servedGroupVersions(storage).find(({ group, version }) => pathOf(group, version) === path)
  if (!found) return undefined
  const { group, version, types } = found
  const entries = types.map((type) => {
    const scope = type.namespaced ? '/namespaces/{namespace}' : ''
    const patch = {
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind: type.kind },
      parameters,
      responses: { '200': { description: 'OK' } },
    }
    return [`/${path}${scope}/${type.plural}/{name}`, { patch }] as const
  })
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes of the twin: no schemas are kept', version: 'unversioned' },
    paths: Object.fromEntries(entries),
    components: { schemas: {} },
  }
}
