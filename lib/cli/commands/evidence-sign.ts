import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { signedText, signRun } from '../sign-run.ts'

/** `eks-runbook evidence sign RUN` */
const evidenceSign: MakeCommand = (cli) =>
  newCommand('sign', 'Sign the evidence of a run that is done, where its end could not.', {
    example: 'eks-runbook evidence sign 2026-11-22-a1b2',
  })
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .action(async (run: string, options: CommonOptions) => {
      const { fleet } = readCliFleet(cli, options.fleet)
      const store = await openStore(options.state, cli.terminal)
      const signed = await signRun(cli, run, { store, fleet })
      if (options.output === 'json') writeJson(cli, signed)
      else writeText(cli, signedText(signed))
    })

export default evidenceSign
