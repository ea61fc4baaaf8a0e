import { Option } from 'commander'
import { runMarkdown } from '../../report/run-markdown.ts'
import { runReportText } from '../../report/run-text.ts'
import { readRun } from '../../runbook/runs.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand, type Output } from '../cli.ts'
import { newCommand } from '../command.ts'
import { openStore } from '../open-store.ts'
import { runReading } from '../run-reading.ts'

/** `eks-runbook report RUN --format text|markdown|json` */
const report: MakeCommand = (cli) =>
  newCommand('report', 'Print the report of a run: steps, times, findings, actions, pauses.', {
    example: 'eks-runbook report 2026-11-22-a1b2 --format markdown > report.md',
    outputs: ['text', 'json', 'markdown'],
  })
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .addOption(new Option('--format <form>', 'the same as --output').choices(['text', 'markdown', 'json']))
    .action(async (id: string, options: CommonOptions & { readonly format?: Output }) => {
      const run = await readRun(
        await openStore(options.state, cli.terminal),
        id,
        runReading(cli, options.fleet),
      )
      const form = options.format ?? options.output
      if (form === 'json') writeJson(cli, run)
      else writeText(cli, form === 'markdown' ? runMarkdown(run) : runReportText(run))
    })

export default report
