import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { importMark } from '../import/world-text.ts'
import { RunbookError } from '../runbook/errors.ts'

/** What may stand at the place of an import: an earlier import, or anything with `--replace`. */
export type Replacing = 'an import' | 'any file'

/**
 * Looks whether an import can be written to a file, before a cluster is read for minutes. Writes and removes one empty
 * file beside it. Throws R041 for a place that cannot be written, that is no file, or that holds something else than an
 * import.
 */
export const checkImportPlace = (file: string, replacing: Replacing): void => {
  const found = strangerAt(file, replacing) ?? unwritable(file)
  if (found === undefined) return
  throw new RunbookError(
    'R041',
    `Cannot save the world: expected a place to write an import at ${file}, found ${found.what}`,
    { hint: found.hint },
  )
}

interface Obstacle {
  readonly what: string
  readonly hint: string
}

const another = 'give another file with --save'

const strangerAt = (file: string, replacing: Replacing): Obstacle | undefined => {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) return { what: 'something that is no file', hint: another }
  if (replacing === 'any file' || stat.size === 0 || isImport(file)) return undefined
  return { what: 'a file that is none', hint: `${another}, or replace that one with --replace` }
}

const isImport = (file: string): boolean => {
  const handle = openSync(file, 'r')
  try {
    const start = Buffer.alloc(importMark.length)
    readSync(handle, start)
    return start.toString() === importMark
  } finally {
    closeSync(handle)
  }
}

/** Tried, since permissions do not tell of folders such as those of the kernel. */
const unwritable = (file: string): Obstacle | undefined => {
  const scratch = path.join(nearestFolder(path.dirname(file)), `.import-${process.pid}.new`)
  try {
    writeFileSync(scratch, '', { mode: 0o600, flag: 'wx' })
    rmSync(scratch)
    return undefined
  } catch (error) {
    return { what: (error as NodeJS.ErrnoException).code ?? 'an error', hint: another }
  }
}

const nearestFolder = (folder: string): string =>
  existsSync(folder) || path.dirname(folder) === folder ? folder : nearestFolder(path.dirname(folder))
