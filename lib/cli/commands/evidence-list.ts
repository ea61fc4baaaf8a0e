import {
  checkJournal,
  isOfOneRecord,
  listEvidence,
  requireEvidenceText,
} from '../../evidence/evidence-store.ts'
import {
  unreadable,
  verifyEvidence,
  type EvidenceReport,
  type EvidenceRules,
} from '../../evidence/verify-evidence.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { evidenceListText, type KeptEvidence } from '../../report/evidence-text.ts'
import type { StateStore } from '../../runbook/store.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { keptDocument } from '../evidence-document.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'

/** `eks-runbook evidence list` */
const evidenceList: MakeCommand = (cli) =>
  newCommand('list', 'List the evidence that is kept and say whether it counts, newest first.', {
    example: 'eks-runbook evidence list',
  }).action(async (options: CommonOptions) => {
    const { fleet } = readCliFleet(cli, options.fleet)
    const store = await openStore(options.state, cli.terminal)
    const now = (await cli.clock()).now()
    const kept = await keptEvidence(store, { fleet, now })
    if (options.output === 'json') writeJson(cli, { evidence: kept.map(keptDocument) })
    else writeText(cli, evidenceListText(kept, now))
  })

export default evidenceList

const keptEvidence = async (
  store: StateStore,
  { fleet, now }: { readonly fleet: Fleet; readonly now: number },
): Promise<readonly KeptEvidence[]> => {
  const names = await listEvidence(store)
  const rules = { ...fleet.evidence, now }
  const found = await Promise.all(
    names.map(async (name) => ({ name, report: await reportOf(store, name, rules) })),
  )
  return found.toSorted((a, b) => endOf(b).localeCompare(endOf(a)) || b.name.localeCompare(a.name))
}

type Rules = Pick<EvidenceRules, 'signers' | 'maxAgeDays' | 'now'>

const reportOf = async (
  store: StateStore,
  name: string,
  { signers, maxAgeDays, now }: Rules,
): Promise<EvidenceReport> => {
  const journal = async (evidence: Parameters<typeof checkJournal>[1]) => {
    await checkJournal(store, evidence)
    return `${evidence.journal.lines} lines, as signed`
  }
  try {
    const text = await requireEvidenceText(store, name)
    return await verifyEvidence(text, { signers, maxAgeDays, now, name, journal })
  } catch (error) {
    if (isOfOneRecord(error)) return unreadable(error)
    throw error
  }
}

const endOf = ({ name, report }: KeptEvidence): string => report.signed?.evidence.endedAt ?? name
