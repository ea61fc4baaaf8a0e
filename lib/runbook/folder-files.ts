import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { RunbookError } from './errors.ts'

const noFollow = constants.O_NOFOLLOW
const createNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | noFollow

/** Error code of the file system (`ENOSPC`), or undefined. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const reasons: { readonly [code: string]: string } = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOTDIR: 'a part of the path is a file',
  ELOOP: 'it is a symbolic link',
  EIO: 'the disk fails',
}

/** Runs file system calls; what they throw becomes R041 naming the path. */
export const guarded = <R>(path: string, work: () => R): R => {
  try {
    return work()
  } catch (error) {
    if (error instanceof RunbookError) throw error
    const code = codeOf(error)
    const why = reasons[code ?? ''] ?? (error instanceof Error ? error.message : String(error))
    throw new RunbookError('R041', `Cannot keep state in ${path}: ${why}`, {
      hint: 'free space or mend the permissions, or give another folder with --state',
      cause: error,
    })
  }
}

/** The text of a file; undefined when it is not there. A named pipe is empty. */
export const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, {
      encoding: 'utf8',
      flag: constants.O_RDONLY | constants.O_NONBLOCK | noFollow,
    })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Names in a folder, sorted; none when it is not there. */
export const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).toSorted()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Makes the folder (0700, or the mode given) and those above it; each new one is durable. One by one: Node's own `recursive`
 * never ends where a file system refuses with ENOENT, as /proc does.
 */
export const makeFolder = (folder: string, { mode = 0o700 }: { readonly mode?: number } = {}): void => {
  const missing: string[] = []
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const each of missing) if (makeOne(each, mode)) syncFolder(dirname(each))
}

/** False when somebody was faster. */
const makeOne = (folder: string, mode: number): boolean => {
  try {
    mkdirSync(folder, { mode })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Makes names that were added to or taken from a folder durable. */
export const syncFolder = (folder: string): void => {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Creates a file (0600) with this text, durable but for its name. False when the name is taken. The descriptor appends. */
export const createFile = (path: string, text: string): number | undefined => {
  const fd = openNew(path)
  if (fd === undefined) return undefined
  try {
    writeAll(fd, text)
    return fd
  } catch (error) {
    closeSync(fd)
    unlinkSync(path)
    throw error
  }
}

const openNew = (path: string): number | undefined => {
  try {
    return openSync(path, createNew, 0o600)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw error
  }
}

/** Writes all of the text and makes it durable. */
export const writeAll = (fd: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
  fdatasyncSync(fd)
}

/** Writes a new file under a name nobody else uses. */
export const createScratch = (path: string, text: string): { readonly path: string; readonly fd: number } => {
  for (let count = 0; ; count += 1) {
    const scratch = `${path}.new-${process.pid}-${count}`
    const fd = createFile(scratch, text)
    if (fd !== undefined) return { path: scratch, fd }
  }
}

/** Gives a whole file its name in one step; false when the name is taken. */
export const linkNew = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes a file that may be gone already. */
export const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}
