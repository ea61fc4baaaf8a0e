import { closeSync, fstatSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RunbookError } from './errors.ts'
import {
  createFile,
  createScratch,
  guarded,
  linkNew,
  makeFolder,
  namesIn,
  readIfThere,
  removeIfThere,
  syncFolder,
  writeAll,
} from './folder-files.ts'
import { asText, continues, type Log, type LogWriter, type StateStore, type Stored } from './store.ts'

/**
 * State in a folder of this machine; files 0600, folders 0700; a file that is a symbolic link is refused.
 * A record is a folder with one file a version, the highest counts: a version is created whole or not at all, by one
 * process only. A log is one file; whoever opens it puts a copy in its place, so that an earlier writer writes to a file
 * without a name.
 */
export const folderStore = (root: string): StateStore => {
  const at = (key: string) => join(root, ...segments(key))
  const within = async <R>(key: string, work: (path: string) => R): Promise<R> =>
    guarded(at(key), () => work(at(key)))
  return {
    place: root,
    read: (key) => within(key, current),
    create: (key, text) =>
      within(key, (path) => (current(path) ? undefined : put(path, highest(path) + 1, text))),
    replace: (key, text, version) => within(key, (path) => replaced(path, text, version)),
    remove: (key, version) => within(key, (path) => replaced(path, '', version) !== undefined),
    list: (folder) => within(folder, (path) => namesIn(path).filter((name) => !isRemoved(join(path, name)))),
    log: (key) => folderLog(at(key)),
  }
}

const segments = (key: string): readonly string[] => {
  const parts = key.split('/')
  if (parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part))) return parts
  throw new RunbookError('R099', `Cannot keep state under the name ${JSON.stringify(key)}`, {
    hint: 'report it with the command and the output',
  })
}

const versionName = /^v\d{10}$/
const nameOf = (version: number) => `v${String(version).padStart(10, '0')}`

const highest = (path: string): number => Number(newestName(path)?.slice(1) ?? 0)

const newestName = (path: string) => namesIn(path).findLast((name) => versionName.test(name))

/** The newest version of a record; another process may put a newer one in its place while it is read. */
const current = (path: string): Stored | undefined => {
  for (;;) {
    const version = newestName(path)
    if (version === undefined) return undefined
    const text = readIfThere(join(path, version))
    if (text !== undefined) return text === '' ? undefined : { text, version }
  }
}

const isRemoved = (path: string): boolean => {
  try {
    const names = namesIn(path)
    return names.length > 0 && names.every((name) => versionName.test(name)) && current(path) === undefined
  } catch {
    // It is no record: whoever reads it is told why.
    return false
  }
}

const replaced = (path: string, text: string, version: string): string | undefined =>
  current(path)?.version === version ? put(path, Number(version.slice(1)) + 1, text) : undefined

/** Creates this version unless somebody was faster. */
const put = (path: string, version: number, text: string): string | undefined => {
  makeFolder(path)
  const name = nameOf(version)
  const scratch = createScratch(join(path, 'scratch'), text)
  closeSync(scratch.fd)
  const linked = linkNew(scratch.path, join(path, name))
  removeIfThere(scratch.path)
  if (!linked) return undefined
  // A slow process may have created a version that others have already gone past and removed.
  if (highest(path) !== version) {
    removeIfThere(join(path, name))
    return undefined
  }
  syncFolder(path)
  for (const old of namesIn(path)) if (versionName.test(old) && old < name) removeIfThere(join(path, old))
  return name
}

const folderLog = (path: string): Log => ({
  read: async () => guarded(path, () => readIfThere(path)),
  create: async (lines) =>
    guarded(path, () => {
      makeFolder(dirname(path))
      const fd = createFile(path, asText(lines))
      if (fd === undefined) return undefined
      syncFolder(dirname(path))
      return logWriter(path, fd)
    }),
  open: async (keep) =>
    guarded(path, () => {
      const text = readIfThere(path)
      if (text === undefined || !continues(text, keep)) return undefined
      const scratch = createScratch(path, keep)
      renameSync(scratch.path, path)
      syncFolder(dirname(path))
      return logWriter(path, scratch.fd)
    }),
})

const logWriter = (path: string, fd: number): LogWriter => {
  let isOpen = true
  return {
    append: async (lines) =>
      guarded(path, () => {
        if (fstatSync(fd).nlink === 0) return false
        writeAll(fd, asText(lines))
        return fstatSync(fd).nlink > 0
      }),
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
