import { runsText } from '../../report/run-text.ts'
import { listRuns } from '../../runbook/runs.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openStore } from '../open-store.ts'
import { runReading } from '../run-reading.ts'

/** `eks-runbook runs` */
const runs: MakeCommand = (cli) =>
  newCommand('runs', 'List the runs, newest first.', {
    example: 'eks-runbook runs\neks-runbook runs --output json | jq -r .runs[0].id',
  }).action(async (options: CommonOptions) => {
    const found = await listRuns(await openStore(options.state, cli.terminal), runReading(cli, options.fleet))
    if (options.output === 'json') writeJson(cli, { runs: found })
    else writeText(cli, runsText(found))
  })

export default runs
