import { Command, InvalidArgumentError } from 'commander'
import type { Catalogue } from '../../twin/aws/catalogue.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin } from '../twin-client.ts'

interface AddOnOptions extends CommonOptions {
  readonly minors: readonly string[]
  readonly defaultOf?: readonly string[]
  readonly new?: true
}

/** `eks-runbook twin publish add-on | ami | list` */
const twinPublish: MakeCommand = (cli) =>
  new Command('publish')
    .description('Let the EKS of the twin publish a version; `list` shows what it has.')
    .helpCommand(false)
    .addCommand(addOn(cli))
    .addCommand(ami(cli))
    .addCommand(list(cli))

export default twinPublish

const addOn = (cli: Cli): Command =>
  newCommand('add-on', 'Publish a version of an add-on.', {
    example:
      'eks-runbook twin publish add-on coredns v1.13.2-eksbuild.4 --minors 1.33,1.34 --default-of 1.34',
  })
    .argument('<name>', 'name of the add-on')
    .argument('<version>', 'such as v1.13.2-eksbuild.4')
    .requiredOption('--minors <minors>', 'Kubernetes versions it supports, with commas', minors)
    .option('--default-of <minors>', 'those of them that take it by default (default: none)', minors)
    .option('--new', 'an add-on that EKS did not have until now')
    .action(async (name: string, version: string, options: AddOnOptions) => {
      const { minors: supported, defaultOf = [] } = options
      const addOns = [{ name, versions: [{ version, minors: supported, defaultOf }] }]
      await tell(cli, options, { addOns, ...(options.new ? { new: true } : {}) })
    })

const ami = (cli: Cli): Command =>
  newCommand('ami', 'Publish an AMI release, the recommended one from now on.', {
    example: 'eks-runbook twin publish ami AL2023_x86_64_STANDARD 1.33 1.33.6-20261101',
  })
    .argument('<type>', 'AMI type of EKS, such as AL2023_x86_64_STANDARD')
    .argument('<minor>', 'Kubernetes version, such as 1.33')
    .argument('<release>', 'such as 1.33.6-20261101 or, for Bottlerocket, 1.51.0-0a1b2c3d')
    .action(async (amiType: string, minor: string, release: string, options: CommonOptions) =>
      tell(cli, options, { amis: [{ minor, amiType, release }] }),
    )

const list = (cli: Cli): Command =>
  newCommand('list', 'Show what was published on top of what every twin has.', {
    example: 'eks-runbook twin publish list',
  }).action(async (options: CommonOptions) => tell(cli, options))

/** The answer is this tool's own: a twin is of the same version as who steers it. */
const tell = async (cli: Cli, options: CommonOptions, news?: object): Promise<void> => {
  const folder = twinFolder(options.state, cli.terminal)
  const answer = news
    ? await askTwin(folder, 'POST', '/catalogue', news)
    : await askTwin(folder, 'GET', '/catalogue')
  const catalogue = answer as Catalogue
  if (options.output === 'json') return writeJson(cli, catalogue)
  const lines = [...addOnLines(catalogue), ...amiLines(catalogue)]
  writeText(cli, lines.length === 0 ? 'Nothing was published.' : lines.join('\n'))
}

const addOnLines = ({ addOns }: Catalogue): readonly string[] =>
  addOns.flatMap(({ name, versions }) =>
    versions.map(({ version, minors: supported, defaultOf }) => {
      const usual = defaultOf.length === 0 ? '' : `, default of ${defaultOf.join(', ')}`
      return `${name} ${version} for ${supported.join(', ')}${usual}`
    }),
  )

const amiLines = ({ amis }: Catalogue): readonly string[] =>
  amis.map(
    ({ amiType, minor, release, recommended }) =>
      `${amiType} ${release} for ${minor}${recommended ? '' : ', not recommended'}`,
  )

const minors = (text: string): readonly string[] => {
  const given = text.split(',').map((minor) => minor.trim())
  if (given.every((minor) => /^1\.\d{2}$/.test(minor))) return given
  throw new InvalidArgumentError('expected Kubernetes versions with commas, such as 1.33,1.34')
}
