import type { TwinStatus } from '../../twin/control-server.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin } from '../twin-client.ts'

/** `eks-runbook twin status` */
const twinStatus: MakeCommand = (cli) =>
  newCommand('status', 'Say whether the twin runs and what time it is there.', {
    example: 'eks-runbook twin status',
  }).action(async (options: CommonOptions) => {
    const status = (await askTwin(twinFolder(options.state, cli.terminal), 'GET', '/status')) as TwinStatus
    if (options.output === 'json') return writeJson(cli, status)
    writeText(
      cli,
      `World ${status.world} at ${status.now}, ${status.speed} times as fast as the wall clock: ` +
        `clusters ${status.clusters.join(', ')}; ${status.calls} calls so far.`,
    )
  })

export default twinStatus
