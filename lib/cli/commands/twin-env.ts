import { exportLines } from '../../twin/scratch-folder.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin, readTwinFile } from '../twin-client.ts'

/** `eks-runbook twin env` */
const twinEnv: MakeCommand = (cli) =>
  newCommand('env', 'Print the settings that point aws, kubectl and this tool to the twin, for eval.', {
    example: 'eval "$(eks-runbook twin env)"\naws eks list-clusters\nkubectl get nodes',
  }).action(async (options: CommonOptions) => {
    const folder = twinFolder(options.state, cli.terminal)
    await askTwin(folder, 'GET', '/status')
    const { env } = readTwinFile(folder)
    if (options.output === 'json') writeJson(cli, { env })
    else writeText(cli, exportLines(env))
  })

export default twinEnv
