/** Texts in order, kept so by insertion: cheap to change, read as they are. */
export interface SortedKeys {
  readonly all: readonly string[]
  readonly add: (key: string) => void
  readonly remove: (key: string) => void
  /** Those that begin with the text. */
  readonly startingWith: (text: string) => readonly string[]
}

export const sortedKeys = (keys: Iterable<string>): SortedKeys => {
  const all = [...keys].toSorted()
  return {
    all,
    add: (key) => {
      const at = placeOf(all, key)
      if (all[at] !== key) all.splice(at, 0, key)
    },
    remove: (key) => {
      const at = placeOf(all, key)
      if (all[at] === key) all.splice(at, 1)
    },
    startingWith: (text) => {
      const from = placeOf(all, text)
      let to = from
      while (all[to]?.startsWith(text) === true) to += 1
      return all.slice(from, to)
    },
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
