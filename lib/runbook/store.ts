/** A text with the version that a later `replace` must name. */
export interface Stored {
  readonly text: string
  readonly version: string
}

/**
 * Where runs keep their state: small records changed by compare-and-set, and logs that only grow.
 * Keys are paths such as `runs/2026-11-22-a1b2/journal.jsonl`. What a promise resolved is durable.
 * Every function throws R041 when the place cannot be read or written, and one far away R024 when it does not answer and
 * R030 without valid credentials.
 */
export interface StateStore {
  /** Where it is, for people: a folder or an `s3://` address. */
  readonly place: string
  readonly read: (key: string) => Promise<Stored | undefined>
  /** The version written; undefined when the key is there already. */
  readonly create: (key: string, text: string) => Promise<string | undefined>
  /** The version written; undefined when the record is no longer of that version. The text must not be empty. */
  readonly replace: (key: string, text: string, version: string) => Promise<string | undefined>
  /** False when the record is no longer of that version. */
  readonly remove: (key: string, version: string) => Promise<boolean>
  /** Names of what is directly in a folder, sorted. */
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly log: (key: string) => Log
}

/** Lines that are only ever appended, by one writer at a time. */
export interface Log {
  /** All of it, a torn last line included; undefined when there is none. */
  readonly read: () => Promise<string | undefined>
  /** Begins it with these lines; undefined when it is there already. */
  readonly create: (lines: readonly string[]) => Promise<LogWriter | undefined>
  /**
   * Goes on after `keep`, which is what `read` gave without a torn last line. From now on an earlier writer's
   * appends are refused or lead nowhere. Undefined when complete lines were added meanwhile.
   */
  readonly open: (keep: string) => Promise<LogWriter | undefined>
}

export interface LogWriter {
  /**
   * Appends all lines or none. False when another writer has taken over. Lines hold no line break. After R024 or R030
   * it is not known which: nothing else may be appended before the same lines.
   */
  readonly append: (lines: readonly string[]) => Promise<boolean>
  readonly close: () => void
}

/** Each line with its line break. */
export const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** How many complete lines a text has. */
export const countLines = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** True when `text` is `keep` and nothing but an unterminated line after it. */
export const continues = (text: string, keep: string): boolean =>
  text.startsWith(keep) && !text.includes('\n', keep.length)
