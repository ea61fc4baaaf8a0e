import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suggest } from '../fleet/did-you-mean.ts'
import type { Target } from '../fleet/target.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { AnyRunbook } from '../runbook/runbook.ts'

/** Ids of the runbooks: the names of the files in runbooks/, sorted. */
export const runbookIds = (): readonly string[] =>
  readdirSync(folder())
    .filter((name) => name.endsWith(extension()) && !name.endsWith('.d.ts'))
    .map((name) => name.slice(0, -extension().length))
    .toSorted()

/** Loads one runbook and nothing of the others. Throws R002. */
export const loadRunbook = async (id: string): Promise<AnyRunbook<Target>> => {
  const ids = runbookIds()
  if (!ids.includes(id))
    throw new RunbookError(
      'R002',
      `Cannot find runbook ${id}: expected one of the runbooks, found no such name`,
      {
        hint: `${suggest(id, ids)} (see: eks-runbook list)`,
      },
    )
  const file = path.join(folder(), `${id}${extension()}`)
  const { default: runbook } = (await import(pathToFileURL(file).href)) as {
    readonly default: AnyRunbook<Target>
  }
  return runbook
}

/**
 * The runbook that a command line names: its first word that is the name of one.
 * Undefined when there is none; the command's own parsing then says what is wrong.
 */
export const chosenRunbook = async (argv: readonly string[]): Promise<AnyRunbook<Target> | undefined> => {
  const ids = runbookIds()
  const id = argv.find((word) => ids.includes(word))
  if (id !== undefined) return loadRunbook(id)
  const [first] = argv
  return first === undefined || first.startsWith('-') ? undefined : loadRunbook(first)
}

/** runbooks/ of the checkout, dist/runbooks/ of an installed package: beside lib/ either way. */
const folder = (): string => fileURLToPath(new URL('../../runbooks', import.meta.url))

const extension = (): string => path.extname(fileURLToPath(import.meta.url))
