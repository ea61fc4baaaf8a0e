import { runText } from '../../report/run-text.ts'
import { readRun } from '../../runbook/runs.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openStore } from '../open-store.ts'
import { runReading } from '../run-reading.ts'

/** `eks-runbook show RUN` */
const show: MakeCommand = (cli) =>
  newCommand('show', 'Show where a run stands and what can be typed now.', {
    example: 'eks-runbook show 2026-11-22-a1b2',
  })
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .action(async (id: string, options: CommonOptions) => {
      const run = await readRun(
        await openStore(options.state, cli.terminal),
        id,
        runReading(cli, options.fleet),
      )
      if (options.output === 'json') writeJson(cli, run)
      else writeText(cli, runText(run))
    })

export default show
