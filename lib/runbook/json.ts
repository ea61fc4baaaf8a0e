/** Plain data as JSON carries it. Facts, plans and journal events hold nothing else. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** JSON with sorted keys and no white space: equal data gives equal bytes. `undefined` members are left out. */
export const canonicalJson = (value: Json): string => JSON.stringify(sorted(value))

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => sorted(item))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value as { readonly [key: string]: Json | undefined })
  return Object.fromEntries(
    entries
      .filter((entry): entry is [string, Json] => entry[1] !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

/** Levels of nesting that nothing written by this tool comes near to. */
const deepest = 200

/** Parses JSON that may be anybody's. Throws a SyntaxError for what is none, a RangeError for what is nested so deep that a walk through it may overflow the stack. */
export const parseForeignJson = (text: string): unknown => {
  const data: unknown = JSON.parse(text)
  if (isWithin(data, deepest)) return data
  throw new RangeError(`JSON nested deeper than ${deepest} levels`)
}

const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((item) => isWithin(item, levels - 1)))
