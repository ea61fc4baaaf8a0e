import type { RunComparison, Side, StepPair } from '../evidence/compare-runs.ts'
import type { EvidenceFinding } from '../evidence/evidence.ts'
import { formatSeconds } from '../runbook/duration.ts'
import type { Json } from '../runbook/json.ts'
import { plainText } from '../runbook/plain-text.ts'
import { cell } from './findings-text.ts'
import { shortTitle } from './people-text.ts'

/** Two runs side by side, step by step; what differs is marked with `!`. Versions that are equal are only counted. */
export const compareText = (comparison: RunComparison): string =>
  [
    ...(['a', 'b'] as const).map((side) => `${side}  ${sideText(comparison[side])}`),
    '',
    'Inputs',
    ...lined(comparison.inputs.map((pair) => [mark(pair), pair.name, inputText(pair.a), inputText(pair.b)])),
    '',
    'Must be equal between staging and production',
    ...versionLines(comparison.versions),
    '',
    'Steps',
    ...stepLines(comparison.steps),
    '',
    summaryText(comparison),
    '',
  ].join('\n')

/** The same for a ticket. */
export const compareMarkdown = (comparison: RunComparison): string =>
  [
    `# ${cell(comparison.a.run)} and ${cell(comparison.b.run)}`,
    '',
    ...(['a', 'b'] as const).map((side) => `- **${side}**: ${cell(sideText(comparison[side]))}`),
    '',
    ...table(
      ['input', 'a', 'b', 'same'],
      comparison.inputs.map((pair) => [pair.name, inputText(pair.a), inputText(pair.b), yesNo(pair)]),
    ),
    ...table(
      ['must be equal', 'of', 'a', 'b', 'same'],
      comparison.versions.map((pair) => [pair.rule, pair.object, pair.a ?? '-', pair.b ?? '-', yesNo(pair)]),
    ),
    ...table(
      ['step', 'a', 'b', 'factor', 'only in a', 'only in b'],
      comparison.steps.map((pair) => [
        pair.title,
        ...timesOf(pair),
        findingsText(pair.onlyInA),
        findingsText(pair.onlyInB),
      ]),
    ),
    cell(summaryText(comparison)),
    '',
  ].join('\n')

const versionLines = (versions: RunComparison['versions']): readonly string[] => {
  if (versions.length === 0) return ['  nothing that both tell of']
  const other = versions.filter(({ same }) => !same)
  const alike = versions.length - other.length
  return [
    ...lined(other.map((pair) => [mark(pair), pair.rule, pair.object, pair.a ?? '-', pair.b ?? '-'])),
    ...(alike === 0 ? [] : [`  =  ${alike} alike (all of them: --output json)`]),
  ]
}

/** `2026-11-22-a1b2: upgrade-cluster on photo-staging (staging), done in 42m10s`. */
const sideText = ({ run, from, runbook, target, state, startedAt, endedAt }: Side): string => {
  const took =
    endedAt === undefined ? '' : ` in ${formatSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)}`
  const by = from === 'evidence' ? ', by its evidence' : ''
  return plainText(
    `${run}: ${runbook} on ${target.cluster} (${target.environment}), ${state}${took}, ${startedAt}${by}`,
  )
}

const stepLines = (steps: readonly StepPair[]): readonly string[] => {
  const rows = lined([
    ['', 'step', 'a', 'b', 'factor'],
    ...steps.map((pair) => [mark(pair), shortTitle(pair.title).slice(0, 72), ...timesOf(pair)]),
  ])
  return rows.flatMap((row, index) => {
    const pair = steps[index - 1]
    return pair ? [row, ...onlyLines('a', pair.onlyInA), ...onlyLines('b', pair.onlyInB)] : [row]
  })
}

/** Outcome and time of both sides, and the factor. */
const timesOf = ({ a, b, factor }: StepPair): readonly string[] => [
  sideOfStep(a),
  sideOfStep(b),
  factor === null ? '' : factor.toFixed(2),
]

const sideOfStep = (side: StepPair['a']): string => {
  if (side === null) return '-'
  const { outcome, seconds, failures } = side
  const after = failures === undefined ? '' : ` after ${failures.join(', ')}`
  return `${outcome === 'already' ? 'already ' : ''}${formatSeconds(seconds)}${after}`
}

const onlyLines = (side: 'a' | 'b', findings: readonly EvidenceFinding[]): readonly string[] =>
  findings.map(
    ({ code, outcome, object }) => `      only in ${side}: ${plainText(`${outcome} ${code} ${object}`)}`,
  )

const findingsText = (findings: readonly EvidenceFinding[]): string =>
  findings.map(({ code, outcome, object }) => `${outcome} ${code} ${object}`).join('; ')

const summaryText = ({ inputs, versions, steps }: RunComparison): string => {
  const differ = [...inputs, ...versions].filter(({ same }) => !same).length
  const otherwise = steps.filter(({ same }) => !same).length
  return `${differ} of ${inputs.length + versions.length} inputs and versions differ, ${otherwise} of ${steps.length} steps went otherwise`
}

const inputText = (value: Json): string => {
  if (value === null) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

interface Marked {
  readonly same: boolean
}

const mark = ({ same }: Marked): string => (same ? '=' : '!')
const yesNo = ({ same }: Marked): string => (same ? 'yes' : 'no')

/** Rows with their columns below each other. */
const lined = (rows: readonly (readonly string[])[]): readonly string[] => {
  const plain = rows.map((row) => row.map(plainText))
  const widthOf = (column: number) => Math.max(0, ...plain.map((row) => row[column]?.length ?? 0))
  return plain.map((row) =>
    `  ${row.map((text, column) => text.padEnd(widthOf(column))).join('  ')}`.trimEnd(),
  )
}

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0
    ? []
    : [titles, titles.map(() => '---'), ...rows.map((row) => row.map(cell))]
        .map((row) => `| ${row.join(' | ')} |`)
        .concat('')
