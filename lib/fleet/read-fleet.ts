import path from 'node:path'
import { RunbookError } from '../runbook/errors.ts'
import { readRegular } from '../runbook/regular-file.ts'
import { suggest } from './did-you-mean.ts'
import { fleetSchema, nameOf, type Fleet, type FleetAccount, type FleetCluster } from './fleet.ts'
import { readStrictYaml, type YamlProblem, type YamlReading } from './strict-yaml.ts'

/** A fleet with the file it came from. */
export interface FleetFile {
  readonly file: string
  readonly fleet: Fleet
}

/** Where to look: `--fleet`, else EKS_RUNBOOK_FLEET, else fleet.yaml of the working folder. */
export interface FleetSearch {
  readonly option?: string | undefined
  readonly env: { readonly [name: string]: string | undefined }
  readonly cwd: string
}

/** Reads the fleet. Throws R004 with line, column, path and fix of the first problem. */
export const readFleet = (search: FleetSearch): FleetFile => {
  const file = fleetPath(search)
  const reading = parseFleet(readText(file))
  if ('value' in reading) return { file, fleet: reading.value }
  const [first, ...rest] = reading.problems
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`
  throw new RunbookError('R004', `Cannot use ${problemText(file, first)}${more}`, {
    hint: `${first.fix}; then: eks-runbook fleet check --fleet ${file}`,
  })
}

/** The path by the search order. */
export const fleetPath = ({ option, env, cwd }: FleetSearch): string =>
  path.resolve(cwd, option ?? (env['EKS_RUNBOOK_FLEET'] || 'fleet.yaml'))

/** Parses fleet.yaml; the problems are values. */
export const parseFleet = (text: string): YamlReading<Fleet> =>
  readStrictYaml<Fleet>(text, fleetSchema, { bytes: 256 << 10, tokens: 50_000 })

/** `fleet.yaml:3:5 (clusters[0].account): expected …, found …`. */
export const problemText = (file: string, problem: YamlProblem): string => {
  const where = problem.path === '' ? '' : ` (${problem.path})`
  return `${file}:${problem.line}:${problem.column}${where}: expected ${problem.expected}, found ${problem.found}`
}

/** The cluster of that name with its account. Throws R005. */
export const findCluster = (
  { file, fleet }: FleetFile,
  name: string,
): { readonly cluster: FleetCluster; readonly account: FleetAccount } => {
  const cluster = fleet.clusters.find((item) => nameOf(item) === name)
  const account = fleet.accounts.find(({ alias }) => alias === cluster?.account)
  if (cluster && account) return { cluster, account }
  const names = fleet.clusters.map(nameOf)
  throw new RunbookError(
    'R005',
    `Cannot find cluster ${name}: expected a cluster of ${file}, found no such name`,
    {
      hint: suggest(name, names),
    },
  )
}

/** Text of a file. Throws R004 when there is none. */
const readText = (file: string): string => {
  const reading = readRegular(file)
  if ('text' in reading) return reading.text
  const { found, cause } = reading
  throw new RunbookError('R004', `Cannot read the fleet: expected a file at ${file}, found ${found}`, {
    hint: 'write fleet.yaml there, or name one with --fleet FILE or EKS_RUNBOOK_FLEET',
    cause,
  })
}
