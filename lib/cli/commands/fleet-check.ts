import { fleetDigest } from '../../fleet/fleet-digest.ts'
import { nameOf } from '../../fleet/fleet.ts'
import { fleetPath, parseFleet, problemText, readFleet, type FleetFile } from '../../fleet/read-fleet.ts'
import type { YamlProblem } from '../../fleet/strict-yaml.ts'
import { plainText } from '../../runbook/plain-text.ts'
import { readRegular } from '../../runbook/regular-file.ts'
import type { AccountCheck } from '../account-check.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'

interface Options extends CommonOptions {
  readonly online?: boolean
}

/** `eks-runbook fleet check` */
const fleetCheck: MakeCommand = (cli) =>
  newCommand('check', 'Check fleet.yaml: offline, with --online also the accounts behind its profiles.', {
    example: 'eks-runbook fleet check --fleet fleet.yaml\neks-runbook fleet check --online',
  })
    .option('--online', 'ask each account who the caller is, and compare')
    .action(async (options: Options) => {
      const search = { option: options.fleet, env: cli.terminal.env, cwd: cli.terminal.cwd }
      tellAllProblems(cli, fleetPath(search))
      const fleet = readFleet(search)
      const accounts = options.online === true ? await ask(cli, fleet) : []
      if (accounts.some(({ ok }) => !ok)) cli.finish(3)
      for (const warning of fleetWarnings(fleet.fleet)) cli.terminal.stderr.write(`${warning}\n`)
      if (options.output === 'json') writeJson(cli, document(fleet, accounts))
      else writeText(cli, text(fleet, accounts))
    })

export default fleetCheck

/** What is allowed and yet hardly meant. */
const fleetWarnings = ({ settings, evidence }: FleetFile['fleet']): readonly string[] =>
  settings.secondPerson && !evidence.signers.some(({ principal }) => principal !== undefined)
    ? [
        'Warning: settings.secondPerson is true, but no entry of evidence.signers has a principal: no approval can count. Fix: add { name, key, principal } for each who approves',
      ]
    : []

const ask = async (cli: Cli, fleet: FleetFile): Promise<readonly AccountCheck[]> => {
  const { checkAccounts } = await import('../account-check.ts')
  return checkAccounts(cli, fleet)
}

/** Every problem on a line of its own; the error that follows names the first. */
const tellAllProblems = (cli: Cli, file: string): void => {
  for (const problem of problemsOf(file).slice(1))
    cli.terminal.stderr.write(`${plainText(`${problemText(file, problem)}. Fix: ${problem.fix}`)}\n`)
}

const problemsOf = (name: string): readonly YamlProblem[] => {
  const file = readRegular(name)
  if (!('text' in file)) return []
  const reading = parseFleet(file.text)
  return 'problems' in reading ? reading.problems : []
}

const document = ({ file, fleet }: FleetFile, accounts: readonly AccountCheck[]): object => ({
  file,
  digest: fleetDigest(fleet),
  accounts: fleet.accounts.map(({ id, alias, regions }) => ({
    id,
    alias,
    regions,
    ...accounts.find((check) => check.alias === alias),
  })),
  clusters: fleet.clusters.map((cluster) => ({ ...cluster, name: nameOf(cluster) })),
  pairs: fleet.pairs,
  warnings: fleetWarnings(fleet),
})

const text = ({ file, fleet }: FleetFile, accounts: readonly AccountCheck[]): string => {
  const width = Math.max(...fleet.clusters.map((cluster) => nameOf(cluster).length))
  return [
    `${file} holds together: ${counted(fleet.accounts.length, 'account')}, ${counted(fleet.clusters.length, 'cluster')}, ${counted(fleet.pairs.length, 'pair')}.`,
    `  rules ${fleetDigest(fleet)}`,
    ...fleet.clusters.map(
      (cluster) =>
        `  ${nameOf(cluster).padEnd(width)}  ${cluster.environment}, ${cluster.account} in ${cluster.region}`,
    ),
    ...fleet.pairs.map(({ production, staging }) => `  ${staging} stands for ${production}`),
    ...accounts.map(
      ({ alias, ok, found }) => `  ${ok ? 'ok' : 'WRONG'}  account ${alias}: ${plainText(found)}`,
    ),
  ].join('\n')
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
