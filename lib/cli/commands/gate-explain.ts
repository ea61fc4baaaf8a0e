import { gateText } from '../../report/gate-text.ts'
import { isDigest } from '../../runbook/plan-store.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { askGate } from '../gate.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { planned } from '../planned.ts'

interface Options extends CommonOptions {
  readonly plan: string
}

/** `eks-runbook gate explain --plan FILE` */
const gateExplain: MakeCommand = (cli) =>
  newCommand(
    'explain',
    'Say which evidence a plan needs, what there is, every difference and the command that closes it. Asks no AWS.',
    {
      example:
        'eks-runbook gate explain --plan prod-plan.json\neks-runbook gate explain --plan <digest> --output json',
    },
  )
    .requiredOption('--plan <file>', 'plan that was saved, or the digest of one that the team keeps')
    .action(async (options: Options) => {
      const store = await openStore(options.state, cli.terminal)
      const plan = await planned(cli, options.plan, store)
      const fleet = readCliFleet(cli, options.fleet)
      const file = isDigest(options.plan) ? {} : { file: options.plan }
      const { secondPerson } = fleet.fleet.settings
      const report = await askGate(cli, { plan, store, fleet, ...file })
      if (report.gated && report.passes === undefined) cli.finish(3)
      if (options.output === 'json') writeJson(cli, report)
      else writeText(cli, gateText(report, { file: options.plan, digest: plan.digest, secondPerson }))
    })

export default gateExplain
