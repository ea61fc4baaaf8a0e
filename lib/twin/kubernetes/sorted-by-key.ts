/** Values in the order of their keys, kept so by insertion: as cheap to change as to read. */
export interface SortedByKey<T> {
  /** The same list until the next change. */
  readonly all: () => readonly T[]
  /** Puts the value under the key, in place of one that is there. */
  readonly set: (key: string, value: T) => void
  readonly remove: (key: string) => void
  /** Those whose keys begin with the text. */
  readonly startingWith: (text: string) => readonly T[]
  readonly size: () => number
}

export const sortedByKey = <T>(entries: Iterable<readonly [string, T]> = []): SortedByKey<T> => {
  const first = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const keys = first.map(([key]) => key)
  const values = first.map(([, value]) => value)
  let shown: readonly T[] | undefined
  return {
    all: () => (shown ??= values.slice()),
    set: (key, value) => {
      const at = placeOf(keys, key)
      if (keys[at] === key) values[at] = value
      else {
        keys.splice(at, 0, key)
        values.splice(at, 0, value)
      }
      shown = undefined
    },
    remove: (key) => {
      const at = placeOf(keys, key)
      if (keys[at] !== key) return
      keys.splice(at, 1)
      values.splice(at, 1)
      shown = undefined
    },
    startingWith: (text) => {
      const from = placeOf(keys, text)
      let to = from
      while (keys[to]?.startsWith(text) === true) to += 1
      return values.slice(from, to)
    },
    size: () => keys.length,
  }
}

/** Where the key is, or would be. */
const placeOf = (keys: readonly string[], key: string): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}
