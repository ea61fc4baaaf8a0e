import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { folderStore } from '../runbook/folder-store.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Cli } from './cli.ts'

/** A file that should hold evidence. */
export interface EvidenceFile {
  readonly file: string
  readonly text: string
  /** The run whose evidence it says to be by its name, where that is the name of a run. */
  readonly name?: string
}

/** What no evidence comes near to. */
const largest = 16 << 20

/** Reads evidence from a file, or from where a state folder keeps it. Throws R079 where there is none. */
export const readEvidenceFile = async (cli: Cli, given: string): Promise<EvidenceFile> => {
  const file = path.resolve(cli.terminal.cwd, given)
  const text = await textOf(file)
  const name = /^(\d{4}-\d{2}-\d{2}-[a-z0-9-]{1,50})\.json$/.exec(path.basename(file))?.[1]
  return { file, text, ...(name === undefined ? {} : { name }) }
}

const textOf = async (file: string): Promise<string> => {
  try {
    const { size, isFolder } = kindOf(file)
    const kept = isFolder ? await folderStore(path.dirname(file)).read(path.basename(file)) : undefined
    if (kept) return kept.text
    if (isFolder) throw notThere(file, 'a folder')
    if (size > largest) throw notThere(file, `${size} bytes`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof RunbookError && error.code === 'R079') throw error
    throw notThere(file, (error as NodeJS.ErrnoException).code ?? 'an error', error)
  }
}

const kindOf = (file: string) => {
  const stats = statSync(file)
  return { size: stats.size, isFolder: stats.isDirectory() }
}

const notThere = (file: string, found: string, cause?: unknown): RunbookError =>
  new RunbookError('R079', `Cannot read evidence: expected a file ${plainText(file)}, found ${found}`, {
    hint: 'eks-runbook evidence list, then: eks-runbook evidence show NAME --save FILE',
    cause,
  })
