/** An object whose fields nobody has looked at yet. */
export type Fields = { readonly [field: string]: unknown }

/** True for a JSON object (neither a list nor null). */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value as a JSON object; anything else reads as an empty one. */
export const fields = (value: unknown): Fields => (isFields(value) ? value : {})

/** The value as a list; anything else reads as an empty one. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The value at a path of field names; undefined where it ends early. */
export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let found = value
  for (const name of path) {
    if (!isFields(found) || !Object.hasOwn(found, name)) return undefined
    found = found[name]
  }
  return found
}

/** Text at a path; numbers and booleans as they print; '' where there is none. */
export const textAt = (value: unknown, ...path: readonly string[]): string => asText(at(value, ...path))

/** A scalar as it prints; '' for anything else. */
export const asText = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''

/** Number at a path, or undefined. */
export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** A copy with the value at the path replaced; objects on the way are made where they are missing. */
export const withAt = <T extends Fields>(object: T, path: readonly string[], value: unknown): T => {
  const [name, ...rest] = path
  if (name === undefined) return object
  return { ...object, [name]: rest.length === 0 ? value : withAt(fields(object[name]), rest, value) }
}

/** A copy without the field. */
export const without = (object: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
