import { statSync } from 'node:fs'
import path from 'node:path'
import { folderStore } from '../runbook/folder-store.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import { readRegular } from '../runbook/regular-file.ts'
import type { Cli } from './cli.ts'

/** A file that should hold evidence. */
export interface EvidenceFile {
  readonly file: string
  readonly text: string
  /** The run whose evidence it says to be by its name, where that is the name of a run. */
  readonly name?: string
}

/** Reads evidence from a file, or from where a state folder keeps it. Throws R079 where there is none. */
export const readEvidenceFile = async (cli: Cli, given: string): Promise<EvidenceFile> => {
  const file = path.resolve(cli.terminal.cwd, given)
  const text = await textOf(file)
  const name = /^(\d{4}-\d{2}-\d{2}-[a-z0-9-]{1,50})\.json$/.exec(path.basename(file))?.[1]
  return { file, text, ...(name === undefined ? {} : { name }) }
}

const textOf = async (file: string): Promise<string> => {
  const reading = readRegular(file)
  if ('text' in reading) return reading.text
  const kept = isFolder(file) ? await keptIn(file) : undefined
  if (kept !== undefined) return kept
  throw notThere(file, reading.found, reading.cause)
}

const isFolder = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true

/** A state folder keeps evidence in a folder of that name. */
const keptIn = async (file: string): Promise<string | undefined> => {
  try {
    return (await folderStore(path.dirname(file)).read(path.basename(file)))?.text
  } catch (error) {
    throw notThere(file, 'a folder', error)
  }
}

const notThere = (file: string, found: string, cause?: unknown): RunbookError =>
  new RunbookError('R079', `Cannot read evidence: expected a file ${plainText(file)}, found ${found}`, {
    hint: 'eks-runbook evidence list, then: eks-runbook evidence show NAME --save FILE',
    cause,
  })
