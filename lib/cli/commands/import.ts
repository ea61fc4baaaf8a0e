import { setFlagsFromString } from 'node:v8'
import path from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { ImportedWorld } from '../../import/import-world.ts'
import { importText, type ImportReport } from '../../report/import-text.ts'
import { findCluster, problemText } from '../../fleet/read-fleet.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { checkImportPlace } from '../import-place.ts'
import { openTarget, readCliFleet } from '../open-target.ts'
import { planningOperator } from '../operator.ts'
import { readingError } from '../reading-refusal.ts'
import { saveFile } from '../save-file.ts'
import { unlessStopped } from '../unless-stopped.ts'
import { wallNow } from '../wall-clock.ts'

interface Options extends CommonOptions {
  readonly cluster?: string
  readonly save?: string
  readonly seed?: number
  readonly replace?: true
  readonly explain?: true
}

/** `eks-runbook import`: a copy of a live cluster as a world file, to rehearse on. */
const importCommand: MakeCommand = (cli) =>
  newCommand('import', 'Copy a live cluster into a world file, without secrets. Reads only.', {
    example:
      'eks-runbook import --cluster photo-prod --save worlds/photo-prod.yaml\neks-runbook import --cluster photo-prod --explain',
  })
    .option('--cluster <name>', 'cluster of the fleet')
    .option('--save <file>', 'world file to write (0600)')
    .option('--replace', 'write over a file that is no import')
    .option('--seed <number>', 'seed of the world (default: 1)', wholeNumber)
    .option(
      '--explain',
      'print the least permissions that an import needs, as an IAM policy and a ClusterRole',
    )
    .action((options: Options) => (options.explain ? explain(cli, options) : importCluster(cli, options)))

export default importCommand

const explain = async (cli: Cli, options: Options): Promise<void> => {
  const { importPermissions } = await import('../../import/permissions.ts')
  const permissions = importPermissions(permissionPlace(cli, options))
  if (options.output === 'json') return writeJson(cli, permissions)
  const { stringify } = await import('yaml')
  writeText(
    cli,
    [
      'IAM policy of the role:',
      JSON.stringify(permissions.policy, null, 2),
      '',
      'ClusterRole, for the group of its access entry:',
      stringify(permissions.clusterRole),
    ].join('\n'),
  )
}

/** Exact where the fleet tells; for any cluster otherwise. */
const permissionPlace = (cli: Cli, { cluster, fleet }: Options) => {
  if (cluster === undefined) return { account: '*', region: '*', cluster: '*' }
  const place = findCluster(readCliFleet(cli, fleet), cluster)
  return { account: place.account.id, region: place.cluster.region, cluster: place.cluster.name }
}

const importCluster = async (cli: Cli, { cluster, save, ...options }: Options): Promise<void> => {
  if (cluster === undefined || save === undefined) throw missing(cluster === undefined ? 'cluster' : 'save')
  // Pages of a large cluster are garbage as soon as they are read: without this V8 lets them pile up.
  setFlagsFromString('--optimize-for-size')
  checkImportPlace(path.resolve(cli.terminal.cwd, save), options.replace ? 'any file' : 'an import')
  const began = wallNow()
  const imported = await importFrom(cli, { ...options, cluster, save })
  await refuseUnreadable(imported)
  const file = saveFile(cli, save, { what: 'the world', text: imported.yaml })
  const { read, taken, leftOut } = imported
  const report: ImportReport = {
    cluster,
    file,
    bytes: Buffer.byteLength(imported.yaml),
    seconds: (wallNow() - began) / 1000,
    read,
    taken,
    leftOut,
  }
  if (options.output === 'json') writeJson(cli, report)
  else writeText(cli, importText(report))
}

interface Chosen extends Omit<Options, 'cluster' | 'save'> {
  readonly cluster: string
  readonly save: string
}

const importFrom = async (cli: Cli, { cluster, save, seed, ...options }: Chosen): Promise<ImportedWorld> => {
  const fleet = readCliFleet(cli, options.fleet)
  try {
    const { target, caller } = await openTarget(cli, fleet, { name: cluster, output: options.output })
    const { importWorld } = await import('../../import/import-world.ts')
    const importing = importWorld(target, {
      place: { fleet: fleet.fleet, ...findCluster(fleet, cluster) },
      caller,
      clock: await cli.clock(),
      operator: await planningOperator(cli, options.output),
      ...(seed === undefined ? {} : { seed }),
    })
    return await unlessStopped(cli.signal, importing)
  } catch (error) {
    throw readingError(error, {
      again: `eks-runbook import --cluster ${cluster} --save ${save}`,
      needs: `eks-runbook import --cluster ${cluster} --explain`,
    })
  }
}

/** What a twin could not read back is not written. Throws R007. */
const refuseUnreadable = async ({ world }: ImportedWorld): Promise<void> => {
  const { worldFileSchema } = await import('../../twin/world-schema.ts')
  const checked = worldFileSchema.safeParse(world)
  if (checked.success) return
  const [issue] = checked.error.issues
  throw new RunbookError(
    'R007',
    `Cannot use ${problemText('the imported world', {
      line: 1,
      column: 1,
      path: (issue?.path ?? []).map(String).join('.'),
      expected: issue?.message ?? 'a world',
      found: 'something else',
      fix: '',
    })}`,
    { hint: 'report it with the command and the output' },
  )
}

const missing = (option: string): RunbookError =>
  new RunbookError('R001', `Cannot import: expected --${option}, found none`, {
    hint: 'eks-runbook import --cluster photo-prod --save worlds/photo-prod.yaml',
  })

const wholeNumber = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number')
}
