import type { Evidence } from '../evidence/evidence.ts'
import type { SignedEvidence } from '../evidence/read-evidence.ts'
import { ageText, type EvidenceCheck, type EvidenceReport } from '../evidence/verify-evidence.ts'
import { formatSeconds } from '../runbook/duration.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { ShapeItem } from '../runbook/plan-shape.ts'

/** Evidence that is kept, as it stands now. */
export interface KeptEvidence {
  readonly name: string
  readonly report: EvidenceReport
}

/** A line for each piece of evidence. For `evidence list`. */
export const evidenceListText = (kept: readonly KeptEvidence[], now: number): string => {
  if (kept.length === 0) return 'No evidence yet: a run that ends done signs it.'
  const titles = ['evidence', 'counts', 'since start', 'runbook', 'cluster', 'versions']
  const rows = [titles, ...kept.map((each) => listRow(each, now))]
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(column < 6 ? (widths[column] ?? 0) : 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const listRow = ({ name, report }: KeptEvidence, now: number): readonly string[] => {
  const { signed, error } = report
  const about = signed
    ? [
        ageText(Math.max(0, now - Date.parse(signed.evidence.startedAt))),
        signed.evidence.runbook,
        signed.evidence.target.cluster,
        versionsOf(signed.evidence),
      ]
    : ['', '', '', '']
  const why = error ? `${error.code} ${error.message}` : ''
  return [name, error ? 'no' : 'yes', ...about, why].map(plainText)
}

/** `1.32 > 1.33`: the way of the control plane; empty where the runbook has none. */
export const versionsOf = ({ shape }: Evidence): string =>
  shape.must.find(({ rule }) => rule === 'hops')?.value ?? ''

/** What was looked at and how it stands. For `evidence verify`. `where`: the file. */
export const evidenceReportText = (report: EvidenceReport, where: string): string =>
  [
    `Evidence   ${plainText(where)} ${report.valid ? 'holds' : 'DOES NOT HOLD'}`,
    ...(report.signed ? headLines(report.signed) : []),
    '',
    ...report.checks.map(checkLine),
  ].join('\n')

const marks = { ok: 'ok', refused: 'REFUSED', 'not made': '-' } as const satisfies {
  readonly [outcome in EvidenceCheck['outcome']]: string
}

const checkLine = ({ what, outcome, found }: EvidenceCheck): string =>
  `  ${marks[outcome].padEnd(7)}  ${what.padEnd(9)}  ${plainText(found)}`

/** Everything a run proved. For `evidence show`. */
export const evidenceText = (signed: SignedEvidence): string => {
  const { evidence } = signed
  return [
    `Evidence   ${evidence.run}`,
    ...headLines(signed),
    '',
    'Proven; must be equal in production',
    ...evidence.shape.must.map(itemLine),
    '',
    'May differ in production',
    ...evidence.shape.may.map(itemLine),
    ...(evidence.shape.may.length === 0 ? ['  nothing'] : []),
    '',
    'Steps',
    ...evidence.steps.map(stepLine),
  ].join('\n')
}

const headLines = ({ evidence, signer, keyId }: SignedEvidence): readonly string[] => {
  const { target, tool, plan, journal } = evidence
  const took = formatSeconds((Date.parse(evidence.endedAt) - Date.parse(evidence.startedAt)) / 1000)
  const whose = signer.principal === undefined ? '' : `, key of ${signer.principal}`
  const pairs: readonly (readonly [string, string])[] = [
    ['Run', `${evidence.run}: ${evidence.runbook} ${versionsOf(evidence)}`],
    ['Cluster', `${target.cluster} (${target.environment}, account ${target.account}, ${target.region})`],
    ['Started', `${evidence.startedAt}; its age counts from here`],
    ['Ended', `${evidence.endedAt}, took ${took}`],
    ['By', `${evidence.by || 'somebody unknown'} with ${tool.version} (${tool.digest.slice(0, 12)})`],
    ['Plan', `${plan.digest} by ${plan.plannedBy}`],
    ['Journal', `${journal.lines} lines, head ${journal.head}`],
    ['Signed', `by ${signer.name} with the key ${keyId}${whose}`],
    ...(evidence.brokeGlass === undefined
      ? []
      : [['GLASS', `BROKEN: ${evidence.brokeGlass}; proves nothing`] as const]),
  ]
  return pairs.map(([name, value]) => `${name.padEnd(9)}  ${plainText(value)}`)
}

const itemLine = ({ rule, object, value }: ShapeItem): string =>
  `  ${plainText(rule).padEnd(14)}  ${plainText(`${object}: ${value}`)}`

const stepLine = (step: Evidence['steps'][number]): string => {
  const { title, outcome, seconds, findings, failures } = step
  const notable = findings.filter((finding) => finding.outcome !== 'pass')
  const after = failures === undefined ? '' : `, after ${failures.join(', ')}`
  const more =
    notable.length === 0 ? '' : `, ${notable.map(({ code, object }) => `${code} ${object}`).join(', ')}`
  return `  ${outcome.padEnd(7)}  ${plainText(`${title} (${formatSeconds(seconds)}${after}${more})`)}`
}
