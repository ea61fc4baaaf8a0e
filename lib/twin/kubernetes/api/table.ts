import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import type { Storage } from '../storage.ts'
import { definedVersion, definitions } from './custom-types.ts'
import { at, asText, fields, isFields, items, textAt } from './reading.ts'
import { ageColumn, builtInColumns, type Column } from './table-columns.ts'
import { age } from './table-words.ts'

/** What tables are made from. */
export interface TableRequest {
  readonly storage: Storage
  readonly type: ResourceType
  readonly version: string
  readonly now: number
  readonly includeObject: string
}

/**
 * A list as meta.k8s.io/v1 Table. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export const tableOf = (request: TableRequest, objects: readonly KubeObject[], metadata: object): object => {
  const columns = columnsOf(request)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type = 'string', priority = 0 }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, request.now)),
      ...rowObject(request.includeObject, object),
    })),
  }
}

const rowObject = (includeObject: string, object: KubeObject) => {
  if (includeObject === 'None') return {}
  return { object: includeObject === 'Object' ? object : partial(object) }
}

/** Only the metadata of an object. */
export const partial = (object: KubeObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
})

const nameColumn: Column = { name: 'Name', cell: (object) => object.metadata.name }
const columnsOf = (request: TableRequest): readonly Column[] => {
  const known = builtInColumns[request.type.id]
  if (known && request.type.id === 'events') return [...known, { ...nameColumn, priority: 1 }]
  if (!known) return [nameColumn, ...customColumns(request)]
  if (request.type.id === definitions) return [nameColumn, ...known]
  const always = known.filter((column) => column.priority !== 1)
  const age = always.includes(ageColumn) ? [] : [ageColumn]
  return [nameColumn, ...always, ...age, ...known.filter((column) => column.priority === 1)]
}

const customColumns = ({ storage, type, version }: TableRequest): readonly Column[] => {
  const defined = items(at(definedVersion(storage, type, version), 'additionalPrinterColumns'))
  return defined.length === 0 ? [ageColumn] : defined.map(customColumn)
}

const customColumn = (definition: unknown): Column => {
  const path = textAt(definition, 'jsonPath')
  const date = textAt(definition, 'type') === 'date'
  return {
    name: textAt(definition, 'name'),
    type: date ? 'date' : 'string',
    priority: textAt(definition, 'priority') === '1' ? 1 : 0,
    cell: (object, now) => {
      const found = byJsonPath(object, path)
      return date ? age(found, now) : found
    },
  }
}

/** The part of JSONPath that printer columns use: `.a.b`, `.a[0]`, `.a['b']`, `.a[?(@.type=="Ready")].status`. */
export const byJsonPath = (object: unknown, path: string): string => {
  let found: readonly unknown[] = [object]
  for (const step of path.matchAll(
    /\.?([\w-]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\]|\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]|\[\*\]/g,
  )) {
    const [whole, field, index, quoted, key, value] = step
    found = found.flatMap((one): readonly unknown[] => {
      if (whole === '[*]') return items(one)
      if (key !== undefined) return items(one).filter((item) => textAt(item, ...key.split('.')) === value)
      if (index !== undefined) return items(one).slice(Number(index), Number(index) + 1)
      const next = at(one, field ?? quoted ?? '')
      return next === undefined ? [] : [next]
    })
  }
  return found
    .map((one) => (isFields(one) || Array.isArray(one) ? JSON.stringify(fields(one)) : asText(one)))
    .join(',')
}
