import type { Finding, Outcome } from '../runbook/finding.ts'
import { plainText } from '../runbook/plain-text.ts'

/** `31 pass, 2 warn`, worst first. */
export const countFindings = (findings: readonly Finding[]): string => {
  const counts = order.map((outcome) => ({
    outcome,
    count: findings.filter((finding) => finding.outcome === outcome).length,
  }))
  const text = counts.flatMap(({ outcome, count }) => (count === 0 ? [] : [`${count} ${outcome}`])).join(', ')
  return text === '' ? 'none' : text
}

/** Findings that an operator has to read (all but `pass`), worst first, each with its way out. */
export const findingLines = (findings: readonly Finding[]): readonly string[] =>
  notable(findings).flatMap((finding) => [
    `  ${finding.outcome.padEnd(7)}  ${finding.code.padEnd(6)}  ${sentence(finding)}`,
    ...(finding.hint === '' ? [] : [`${indent}-> ${plainText(finding.hint)}`]),
    ...(finding.source === '' ? [] : [`${indent}   ${plainText(finding.source)}`]),
  ])

/** A table of the same findings. */
export const findingsMarkdown = (findings: readonly Finding[]): readonly string[] => {
  const rows = notable(findings).map(
    (finding) =>
      `| ${finding.outcome} | ${cell(finding.code)} | ${cell(finding.object)} | ${cell(finding.expected)} | ${cell(finding.found)} | ${cell(finding.hint)} |`,
  )
  if (rows.length === 0) return []
  return [
    '',
    '| outcome | check | object | expected | found | way out |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ]
}

/** Text for a cell of a Markdown table: one line, no markup of its own. */
export const cell = (text: string): string => plainText(text).replace(/[\\`*_[\]|<>&]/g, escapeMark)

const order: readonly Outcome[] = ['block', 'unknown', 'warn', 'pass']

const indent = ' '.repeat(19)

const notable = (findings: readonly Finding[]): readonly Finding[] =>
  findings
    .filter(({ outcome }) => outcome !== 'pass')
    .toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))

const sentence = ({ object, expected, found }: Finding): string =>
  plainText(`${object}: expected ${expected}, found ${found}`)

const escapeMark = (mark: string): string => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[mark] ?? `\\${mark}`
