import type { CandidateReport, GateReport, OpenDifference } from '../evidence/gate.ts'
import type { Refusal } from '../evidence/gate-refusal.ts'
import type { AllowedDifference } from '../evidence/shape-difference.ts'
import { plainText } from '../runbook/plain-text.ts'

/** How much evidence that does not pass is shown. */
const shown = 3

/** What there is to type once the gate passes. */
interface Next {
  /** What stands after `--plan`. */
  readonly file: string
  readonly digest: string
  /** The fleet asks for the yes of somebody else. */
  readonly secondPerson?: boolean
}

/** What the gate says of a plan, for people. */
export const gateText = (report: GateReport, next: Next): string => {
  const { cluster } = report
  if (!report.gated) return `${plainText(cluster)} needs no evidence: the gate is open`
  const needs = report.staging.map(plainText).join(' or ') || 'a paired cluster'
  return [
    `Gate       ${plainText(cluster)}: ${report.passes === undefined ? 'refused' : `passes by ${report.passes}`}`,
    `Needs      evidence of ${needs}, at most ${report.maxAgeDays} days old, equal in all of docs/gate.md`,
    ...rehearsalLines(report),
    `Found      ${foundText(report)}`,
    ...report.refusals.flatMap((refusal) => ['', ...refusalLines(refusal, '')]),
    ...chosen(report).flatMap(candidateLines),
    ...(report.passes === undefined ? [] : nextLines(next)),
  ].join('\n')
}

const nextLines = ({ file, digest, secondPerson }: Next): readonly string[] => {
  const run = `eks-runbook run --plan ${plainText(file)} --approve ${digest}`
  if (secondPerson !== true) return ['', `Next       ${run}`]
  return ['', `Next       somebody else: eks-runbook approve ${digest} --reason TEXT`, `Then       ${run}`]
}

const origins = { import: '', file: 'the file ' } as const

const rehearsalLines = ({ rehearsal, rehearsedOn: world }: GateReport): readonly string[] => {
  if (rehearsal === undefined || world === undefined) return []
  const on = `${origins[world.origin]}${world.name}, sha256 ${world.sha256}`
  return [`Rehearsal  ${plainText(rehearsal)} on ${plainText(on)}`]
}

const foundText = ({ candidates, passes }: GateReport): string => {
  if (candidates.length === 0) return 'no evidence'
  const hidden = candidates.length - (passes === undefined ? Math.min(shown, candidates.length) : 1)
  return `${candidates.length} in all${hidden === 0 ? '' : `, ${hidden} further from passing not shown (--output json)`}`
}

/** That which passes alone, else the nearest ones. */
const chosen = ({ candidates, passes }: GateReport): readonly CandidateReport[] =>
  passes === undefined ? candidates.slice(0, shown) : candidates.filter(({ name }) => name === passes)

const candidateLines = (candidate: CandidateReport): readonly string[] => {
  const { name, cluster, endedAt, failures, refusals, differences, allowed } = candidate
  const of = cluster === '' ? '' : ` of ${plainText(cluster)}, ended ${plainText(endedAt)}`
  return [
    '',
    `Evidence   ${plainText(name)}${of}`,
    ...failures.map(({ step, codes }) => plainText(`  "${step}" went through after ${codes.join(', ')}`)),
    ...refusals.filter(({ code }) => code !== 'R061').flatMap((refusal) => refusalLines(refusal, '  ')),
    ...differenceLines(differences),
    ...allowedLines(allowed),
  ]
}

const refusalLines = ({ code, message, hint }: Refusal, indent: string): readonly string[] => [
  `${indent}${code}  ${plainText(message)}`,
  `${indent}      -> ${plainText(hint)}`,
]

/** A command that closes several differences stands once, after the last of them. */
const differenceLines = (differences: readonly OpenDifference[]): readonly string[] =>
  [...Map.groupBy(differences, ({ command }) => command)].flatMap(([command, closed]) => [
    ...closed.map(({ rule, object, expected, found, names }) =>
      plainLine(
        `${object} (${rule}): expected ${expected || 'what was proven'}, found ${found}${of(names, object)}`,
      ),
    ),
    `        -> ${plainText(command)}`,
  ])

const plainLine = (text: string): string => `  R061  ${plainText(text)}`

const of = (names: readonly string[], object: string): string => {
  const others = names.filter((name) => !object.includes(name))
  return others.length === 0 ? '' : ` of ${others.join(', ')}`
}

const allowedLines = (allowed: readonly AllowedDifference[]): readonly string[] => {
  const rules = Map.groupBy(allowed, ({ rule }) => rule)
  if (rules.size === 0) return []
  return [
    '  Differs, and may:',
    ...[...rules].flatMap(([rule, [first, ...more]]) =>
      first ? [`    ${rule.padEnd(16)} ${plainText(sample(first, more.length))}`] : [],
    ),
  ]
}

const sample = ({ expected, found, reason }: AllowedDifference, more: number): string =>
  `${short(expected)} there, ${short(found)} here${more === 0 ? '' : ` (and ${more} more)`}: ${reason}`

const short = (text: string): string => {
  const said = text === '' ? 'nothing' : text
  return said.length > 45 ? `${said.slice(0, 42)}...` : said
}
