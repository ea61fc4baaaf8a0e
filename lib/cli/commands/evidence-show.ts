import { evidenceText, noSuchEvidence } from '../../evidence/evidence-store.ts'
import { openEvidence } from '../../evidence/read-evidence.ts'
import { evidenceText as shownText } from '../../report/evidence-text.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { readEvidenceFile } from '../evidence-file.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { saveFile } from '../save-file.ts'

interface Options extends CommonOptions {
  readonly save?: string
}

/** `eks-runbook evidence show NAME|FILE` */
const evidenceShow: MakeCommand = (cli) =>
  newCommand('show', 'Show what a run proved; refused unless a trusted signer signed just that.', {
    example:
      'eks-runbook evidence show 2026-11-22-a1b2\neks-runbook evidence show 2026-11-22-a1b2 --save staging.json',
  })
    .argument('<name>', 'name of the evidence, that of its run, or a file')
    .option('--save <file>', 'also write it to a file, as it was signed')
    .action(async (given: string, options: Options) => {
      const { signers } = readCliFleet(cli, options.fleet).fleet.evidence
      const { text, name } = await sealedText(cli, given, options)
      const signed = openEvidence(text, { signers, ...(name === undefined ? {} : { name }) })
      if (options.save !== undefined) saveFile(cli, options.save, { what: 'the evidence', text })
      const { evidence, signer, keyId } = signed
      if (options.output === 'json') writeJson(cli, { evidence, signer, keyId })
      else writeText(cli, shownText(signed))
    })

export default evidenceShow

const sealedText = async (
  cli: Cli,
  given: string,
  options: Options,
): Promise<{ readonly text: string; readonly name?: string }> => {
  if (/[./]/.test(given)) return readEvidenceFile(cli, given)
  const text = await evidenceText(await openStore(options.state, cli.terminal), given)
  if (text === undefined) throw noSuchEvidence(given)
  return { text, name: given }
}
