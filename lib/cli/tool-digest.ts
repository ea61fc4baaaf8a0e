import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds lib/ and runbooks/: the checkout, or dist/ of an installed package. */
const codeFolder = (): string => fileURLToPath(new URL('../..', import.meta.url))

/**
 * Which code this is: sha256 in hex over path and content of the files of lib/ and runbooks/ that Node runs or reads,
 * sorted by path. The same code as a checkout and as a package are two digests, since one is compiled.
 */
export const toolDigest = (folder: string = codeFolder()): string => {
  const sum = createHash('sha256')
  for (const file of codeFiles(folder)) {
    const content = readFileSync(path.join(folder, file))
    sum.update(`${file}\0${content.length}\0`)
    sum.update(content)
  }
  return sum.digest('hex')
}

const codeFiles = (folder: string): readonly string[] =>
  ['lib', 'runbooks']
    .flatMap((room) =>
      readdirSync(path.join(folder, room), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(?:[cm]?[jt]s|json)$/.test(entry.name))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))),
    )
    .map((file) => file.split(path.sep).join('/'))
    .toSorted((a, b) => (a < b ? -1 : 1))
