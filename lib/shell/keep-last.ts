/** What zx keeps of an output. */
type Chunks = (string | Buffer)[]

/** The last characters of an output, however long it is. */
export interface Kept {
  /** To be handed to zx as what it pushes to. */
  readonly chunks: Chunks
  /** Of the same kind, and keeps nothing. */
  readonly nothing: Chunks
  readonly text: () => string
}

/** Keeps the last characters that are pushed. */
export const keepLast = (characters: number): Kept => {
  const chunks: Chunks = []
  const push = (...more: Chunks): number => {
    const all = [...chunks, ...more].map(String).join('')
    chunks.splice(0, chunks.length, all.slice(-characters))
    return chunks.length
  }
  return {
    chunks: Object.assign(chunks, { push }),
    nothing: Object.assign([], { push: () => 0 }),
    text: () => chunks.map(String).join(''),
  }
}
