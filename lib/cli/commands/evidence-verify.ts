import path from 'node:path'
import type { Evidence } from '../../evidence/evidence.ts'
import { checkJournal, checkLines } from '../../evidence/evidence-store.ts'
import { verifyEvidence, type EvidenceRules } from '../../evidence/verify-evidence.ts'
import type { TrustedSigner } from '../../evidence/verify-seal.ts'
import { evidenceDefaults } from '../../fleet/fleet.ts'
import { evidenceReportText } from '../../report/evidence-text.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { replay } from '../../runbook/journal.ts'
import { readRegular } from '../../runbook/regular-file.ts'
import { journalOf } from '../../runbook/runs.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { reportDocument } from '../evidence-document.ts'
import { readEvidenceFile } from '../evidence-file.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { errorLine } from '../report-error.ts'
import { stateLocation } from '../state-folder.ts'

interface Options extends CommonOptions {
  readonly signer?: readonly string[]
  readonly journal?: string
}

/** `eks-runbook evidence verify FILE` */
const evidenceVerify: MakeCommand = (cli) =>
  newCommand('verify', 'Say whether a file is evidence that counts. Asks no network.', {
    example:
      'eks-runbook evidence verify staging.json\neks-runbook evidence verify staging.json --signer ed25519:…',
  })
    .argument('<file>', 'file with evidence')
    .option('--signer <key>', 'a key that counts, instead of those of fleet.yaml (repeatable)', collected)
    .option('--journal <file>', 'journal of the run to hold it against, instead of that in the state folder')
    .action(async (given: string, options: Options) => {
      const { file, text, name } = await readEvidenceFile(cli, given)
      const report = await verifyEvidence(text, {
        ...rulesOf(cli, options),
        now: (await cli.clock()).now(),
        ...(name === undefined ? {} : { name }),
        journal: (evidence) => heldAgainst(cli, options, evidence),
      })
      if (options.output === 'json') writeJson(cli, { file, ...reportDocument(report) })
      else writeText(cli, evidenceReportText(report, file))
      if (report.error === undefined) return
      cli.finish(3)
      cli.terminal.stderr.write(`${errorLine(report.error)}\n`)
    })

export default evidenceVerify

const collected = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value]

const rulesOf = (cli: Cli, options: Options): Pick<EvidenceRules, 'signers' | 'maxAgeDays'> => {
  if (options.signer === undefined) return readCliFleet(cli, options.fleet).fleet.evidence
  const signers = options.signer.map((key): TrustedSigner => ({ name: 'the key given', key }))
  return { signers, maxAgeDays: evidenceDefaults.maxAgeDays }
}

/** State in S3 is asked only where the command line names it: this command is for machines without a network. */
const heldAgainst = async (cli: Cli, options: Options, evidence: Evidence): Promise<string | undefined> => {
  if (options.journal !== undefined) return heldAgainstFile(cli, options.journal, evidence)
  const location = stateLocation(options.state, cli.terminal)
  if (options.state === undefined && location.startsWith('s3://')) return undefined
  const store = await openStore(options.state, cli.terminal)
  if ((await journalOf(store, evidence.run).read()) === undefined) return undefined
  await checkJournal(store, evidence)
  return `${evidence.journal.lines} lines in ${store.place}, as signed`
}

const heldAgainstFile = (cli: Cli, given: string, evidence: Evidence): string => {
  const file = path.resolve(cli.terminal.cwd, given)
  checkLines(replayed(file, evidence.run), evidence)
  return `${evidence.journal.lines} lines in ${file}, as signed`
}

const replayed = (file: string, run: string) => {
  try {
    return replay(run, journalText(file)).lines
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new RunbookError('R067', `Cannot trust the journal ${file}: expected it whole, found ${found}`, {
      hint: 'keep it for whoever looks into it, and fetch it again',
      cause,
    })
  }
}

/** Bytes: a year of a large fleet stays below. */
const largestJournal = 256 << 20

const journalText = (file: string): string => {
  const reading = readRegular(file, { bytes: largestJournal })
  if ('text' in reading) return reading.text
  throw new Error(reading.found, { cause: reading.cause })
}
