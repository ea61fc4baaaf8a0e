import { compareRuns } from '../../evidence/compare-runs.ts'
import { compareMarkdown, compareText } from '../../report/compare-text.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { comparedRun } from '../compared-run.ts'
import { openStore } from '../open-store.ts'

/** `eks-runbook compare RUN RUN` */
const compare: MakeCommand = (cli) =>
  newCommand(
    'compare',
    'Lay two runs side by side, step by step: outcome, duration, findings, versions, inputs.',
    {
      example:
        'eks-runbook compare 2026-11-22-a1b2 2026-11-24-c3d4\neks-runbook compare staging.json 2026-11-24-c3d4',
      outputs: ['text', 'json', 'markdown'],
    },
  )
    .argument('<run-a>', 'name of a run or of evidence, or a file of evidence')
    .argument('<run-b>', 'the same')
    .action(async (a: string, b: string, { state, fleet, output }: CommonOptions) => {
      const store = await openStore(state, cli.terminal)
      const [left, right] = await Promise.all([
        comparedRun(cli, { name: a, store, fleet }),
        comparedRun(cli, { name: b, store, fleet }),
      ])
      const comparison = compareRuns(left, right)
      if (output === 'json') writeJson(cli, comparison)
      else writeText(cli, output === 'markdown' ? compareMarkdown(comparison) : compareText(comparison))
    })

export default compare
