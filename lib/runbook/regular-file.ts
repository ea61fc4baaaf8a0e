import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { codeOf } from './folder-files.ts'

/** The text of a file, or what is there instead: `ENOENT`, `a folder`. */
export type FileReading = { readonly text: string } | { readonly found: string; readonly cause?: unknown }

/** Bytes that no plan, evidence or world comes near to. */
const largest = 16 << 20

/**
 * Reads a file that somebody named. Never waits and never reads without an end: a pipe, a device, a folder and more than
 * `bytes` (default 16 MiB) are told instead.
 */
export const readRegular = (
  file: string,
  { bytes = largest }: { readonly bytes?: number } = {},
): FileReading => {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return { found: stats.isDirectory() ? 'a folder' : 'a pipe or a device' }
      const text = stats.size > bytes ? undefined : readUpTo(descriptor, bytes)
      return text === undefined ? { found: `more than ${bytes} bytes` } : { text }
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    return { found: codeOf(cause) ?? 'an error', cause }
  }
}

/**
 * The text of an open file; undefined when it has more bytes. What says that it is empty, as files of /proc do, may still
 * go on for ever.
 */
export const readUpTo = (descriptor: number, bytes: number): string | undefined => {
  const chunks: Buffer[] = []
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(1 << 16)
    const count = readSync(descriptor, chunk)
    if (count === 0) return Buffer.concat(chunks).toString('utf8')
    total += count
    if (total > bytes) return undefined
    chunks.push(chunk.subarray(0, count))
  }
}
