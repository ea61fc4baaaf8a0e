import type { KubeObject } from '../cluster-twin.ts'
import type { ResourceType } from '../resources.ts'
import { isoSeconds, type Storage } from '../storage.ts'
import { asText, at, fields, isFields, items, textAt } from './reading.ts'

/** Storage key of CustomResourceDefinitions. */
export const definitions = 'customresourcedefinitions.apiextensions.k8s.io'

/**
 * Serves custom kinds as their definitions come and go; with a definition, its objects go.
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export const followCustomTypes = (storage: Storage): void => {
  storage.onChange((event) => {
    if (event.resource !== definitions) return
    const type = customType(event.object)
    if (event.type !== 'DELETED') {
      storage.state.customTypes.set(type.id, type)
      return
    }
    storage.state.customTypes.delete(type.id)
    for (const object of storage.list(type.id)) storage.purge(type.id, object)
  })
}

/** The type that a CustomResourceDefinition describes. */
export const customType = (definition: KubeObject): ResourceType => {
  const names = at(definition, 'spec', 'names')
  const group = textAt(definition, 'spec', 'group')
  const kind = textAt(names, 'kind')
  const plural = textAt(names, 'plural')
  return {
    id: `${plural}.${group}`,
    group,
    versions: servedVersions(definition),
    kind,
    plural,
    singular: textAt(names, 'singular') || kind.toLowerCase(),
    shortNames: items(at(names, 'shortNames')).map(asText),
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
    subresources: Object.keys(fields(at(storageVersion(definition), 'subresources'))),
    categories: items(at(names, 'categories')).map(asText),
    generation: true,
  }
}

const servedVersions = (definition: KubeObject) =>
  items(at(definition, 'spec', 'versions'))
    .filter((version) => at(version, 'served') === true)
    .map((version) => textAt(version, 'name'))
    .toSorted(byPriority)

const storageVersion = (definition: KubeObject | undefined) =>
  items(at(definition, 'spec', 'versions')).find((version) => at(version, 'storage') === true)

/** v2, v1, v1beta2, v1beta1, v1alpha1, then the rest. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority */
export const byPriority = (a: string, b: string): number => {
  const [left, right] = [rank(a), rank(b)]
  for (let index = 0; index < 3; index += 1) {
    const difference = (right[index] ?? 0) - (left[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a < b ? -1 : 1
}

const rank = (version: string): readonly number[] => {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!found) return [-1, 0, 0]
  const stability = found[2] === undefined ? 2 : found[2] === 'beta' ? 1 : 0
  return [stability, Number(found[1]), Number(found[3] ?? 0)]
}

/** True for a kind that comes from a definition. */
export const isCustom = (storage: Pick<Storage, 'state'>, type: ResourceType): boolean =>
  storage.state.customTypes.has(type.id)

/** The version entry of the definition behind a custom type, as the definition spells it. */
export const definedVersion = (storage: Storage, type: ResourceType, version: string): unknown =>
  items(at(storage.get(definitions, '', type.id), 'spec', 'versions')).find(
    (entry) => textAt(entry, 'name') === version,
  )

/** What the server fills into a new or changed definition: names, conversion and the Established condition. */
export const definitionDefaults = (definition: KubeObject, now: number): KubeObject => {
  const spec = fields(definition['spec'])
  const names = fields(spec['names'])
  const kind = textAt(names, 'kind')
  const filled = { listKind: `${kind}List`, singular: kind.toLowerCase(), ...names }
  const status = fields(definition['status'])
  const stored = textAt(storageVersion(definition), 'name')
  const former = items(status['storedVersions']).map(asText)
  return {
    ...definition,
    spec: { conversion: { strategy: 'None' }, ...spec, names: filled },
    status: {
      acceptedNames: filled,
      storedVersions: former.includes(stored) ? former : [...former, stored],
      conditions: isFields(items(status['conditions'])[0])
        ? status['conditions']
        : [
            condition('NamesAccepted', { reason: 'NoConflicts', message: 'no conflicts found' }, now),
            condition(
              'Established',
              { reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
              now,
            ),
          ],
    },
  }
}

const condition = (
  type: string,
  why: { readonly reason: string; readonly message: string },
  now: number,
) => ({
  type,
  status: 'True',
  ...why,
  lastTransitionTime: isoSeconds(now),
})
