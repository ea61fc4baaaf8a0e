import { renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { RunbookError } from '../runbook/errors.ts'
import { makeFolder } from '../runbook/folder-files.ts'
import type { Cli } from './cli.ts'

/**
 * Writes a file whole or not at all (0600), with its folder; gives its path. `what` is for the error: `the world`.
 * Throws R041 when the place cannot be written.
 */
export const saveFile = (cli: Cli, name: string, { what, text }: Saved): string => {
  const file = path.resolve(cli.terminal.cwd, name)
  const scratch = `${file}.${process.pid}.new`
  try {
    makeFolder(path.dirname(file), { mode: 0o777 })
    writeFileSync(scratch, text, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(scratch, file)
    return file
  } catch (cause) {
    rmSync(scratch, { force: true })
    throw new RunbookError(
      'R041',
      `Cannot save ${what}: expected a place to write at ${file}, found ${(cause as NodeJS.ErrnoException).code ?? 'an error'}`,
      { hint: 'give another file with --save', cause },
    )
  }
}

interface Saved {
  readonly what: string
  readonly text: string
}
