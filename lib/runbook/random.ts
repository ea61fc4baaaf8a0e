/** Where chance comes from: a number in [0, 1). */
export type Random = () => number

/** A repeatable generator (mulberry32): the same seed gives the same numbers. */
export const seededRandom = (seed: number): Random => randomFrom({ seed })

/** As seededRandom, its whole state in `holder`: copy it to go on from the same place. */
export const randomFrom = (holder: { seed: number }): Random => {
  holder.seed >>>= 0
  return () => {
    holder.seed = (holder.seed + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(holder.seed ^ (holder.seed >>> 15), holder.seed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
