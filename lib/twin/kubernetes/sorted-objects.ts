import type { KubeObject } from './cluster-twin.ts'

/** Objects in the order of their keys, kept so by insertion: as cheap to change as to read. */
export interface SortedObjects {
  /** The same list until the next change. */
  readonly all: () => readonly KubeObject[]
  /** Puts the object under the key, in place of one that is there. */
  readonly set: (key: string, object: KubeObject) => void
  readonly remove: (key: string) => void
  /** Those whose keys begin with the text. */
  readonly startingWith: (text: string) => readonly KubeObject[]
  readonly size: () => number
}

export const sortedObjects = (entries: Iterable<readonly [string, KubeObject]> = []): SortedObjects => {
  const first = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const keys = first.map(([key]) => key)
  const objects = first.map(([, object]) => object)
  let shown: readonly KubeObject[] | undefined
  return {
    all: () => (shown ??= objects.slice()),
    set: (key, object) => {
      const at = placeOf(keys, key)
      if (keys[at] === key) objects[at] = object
      else {
        keys.splice(at, 0, key)
        objects.splice(at, 0, object)
      }
      shown = undefined
    },
    remove: (key) => {
      const at = placeOf(keys, key)
      if (keys[at] !== key) return
      keys.splice(at, 1)
      objects.splice(at, 1)
      shown = undefined
    },
    startingWith: (text) => {
      const from = placeOf(keys, text)
      let to = from
      while (keys[to]?.startsWith(text) === true) to += 1
      return objects.slice(from, to)
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
