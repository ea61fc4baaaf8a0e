import { isMap, parseAllDocuments } from 'yaml'
import { fields, isFields, items, textAt } from './api/reading.ts'
import type { KubeObject } from './cluster-twin.ts'

/** Reads manifests: several YAML documents, lists flattened, empty documents skipped. Throws Error for YAML that cannot be read. */
export const loadManifests = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const problem = document.errors[0]
    if (problem) throw problem
    return isMap(document.contents) ? flattened(document.toJS({ maxAliasCount: 100 })) : []
  })

const flattened = (value: unknown): readonly KubeObject[] => {
  const kind = textAt(value, 'kind')
  const content = fields(value)['items']
  if (kind.endsWith('List') && Array.isArray(content)) {
    const itemKind = kind.slice(0, -4)
    const given = { apiVersion: textAt(value, 'apiVersion'), ...(itemKind === '' ? {} : { kind: itemKind }) }
    return items(content).flatMap((one) => flattened({ ...given, ...fields(one) }))
  }
  // A manifest is whatever its author wrote; the API server validates it.
  return isFields(value) ? [value as KubeObject] : []
}
