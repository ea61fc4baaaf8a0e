import path from 'node:path'
import { RunbookError } from '../runbook/errors.ts'
import { parseForeignJson } from '../runbook/json.ts'
import { checkPlan, type Plan } from '../runbook/plan.ts'
import { readRegular } from '../runbook/regular-file.ts'
import type { Cli } from './cli.ts'
import { saveFile } from './save-file.ts'

/** Writes a plan whole or not at all (0600). Throws R041 when the place cannot be written. */
export const savePlan = (cli: Cli, name: string, plan: Plan): void =>
  void saveFile(cli, name, { what: 'the plan', text: `${JSON.stringify(plan, null, 2)}\n` })

/** Reads a plan file. Throws R006 when it is missing, is not a plan or was edited. */
export const readPlan = (cli: Cli, name: string): Plan => {
  const file = path.resolve(cli.terminal.cwd, name)
  return checkPlan(parse(file))
}

const parse = (file: string): unknown => {
  const reading = readRegular(file)
  if (!('text' in reading)) throw notPlan(file, reading)
  try {
    return parseForeignJson(reading.text)
  } catch (cause) {
    const found = cause instanceof RangeError ? cause.message : 'something that is not JSON'
    throw notPlan(file, { found, cause })
  }
}

const notPlan = (
  file: string,
  { found, cause }: { readonly found: string; readonly cause?: unknown },
): RunbookError =>
  new RunbookError('R006', `Cannot use the plan: expected a plan file at ${file}, found ${found}`, {
    hint: 'make it again: eks-runbook plan <runbook> --save plan.json',
    cause,
  })
