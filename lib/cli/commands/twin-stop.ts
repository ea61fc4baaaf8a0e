import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { processIsAlive } from '../owner.ts'
import { twinFolder } from '../state-folder.ts'
import { askTwin, readTwinFile } from '../twin-client.ts'
import { wallClock } from '../wall-clock.ts'

/** `eks-runbook twin stop` */
const twinStop: MakeCommand = (cli) =>
  newCommand('stop', 'Stop the twin; its clusters are gone with it.', {
    example: 'eks-runbook twin stop',
  }).action(async (options: CommonOptions) => {
    const folder = twinFolder(options.state, cli.terminal)
    const { pid } = readTwinFile(folder)
    await askTwin(folder, 'POST', '/stop')
    for (let tries = 0; processIsAlive(pid) && tries < 100; tries += 1) await wallClock.sleep(0.05)
    if (options.output === 'json') writeJson(cli, { stopped: !processIsAlive(pid) })
    else
      writeText(
        cli,
        processIsAlive(pid) ? `The twin (process ${pid}) is still ending.` : 'The twin has stopped.',
      )
  })

export default twinStop
