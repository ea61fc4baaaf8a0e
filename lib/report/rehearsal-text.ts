import {
  quantile,
  type Prediction,
  type RehearsalResult,
  type RehearsalStop,
  type RehearsedRun,
} from '../evidence/rehearsal-result.ts'
import { formatSeconds } from '../runbook/duration.ts'
import { plainText } from '../runbook/plain-text.ts'
import { cell, countFindings, findingLines, findingsMarkdown } from './findings-text.ts'
import { pausedText, shortTitle } from './people-text.ts'

/** What a rehearsal showed, for people: the answer first. */
export const rehearsalText = (result: RehearsalResult): string =>
  [
    ...facts(result).map(([name, value]) => `${name.padEnd(11)}  ${plainText(value)}`),
    ...below(findingLines(result.findings)),
    ...stops(result).flatMap(({ seed, stop }) => ['', ...stopLines(seed, stop)]),
    ...stepLines(result.predicted),
    '',
    'Assumed:',
    ...result.assumed.map((sentence) => `  ${plainText(sentence)}`),
    '',
  ].join('\n')

/** The same for a ticket or a pull request. */
export const rehearsalMarkdown = (result: RehearsalResult): string =>
  [
    `# Rehearsal: ${cell(result.title)}`,
    '',
    ...facts(result)
      .slice(1)
      .map(([name, value]) => `- **${name}**: ${cell(value)}`),
    ...findingsMarkdown(result.findings),
    ...stops(result).flatMap(({ seed, stop }) => [
      '',
      ...stopLines(seed, stop).map((line) => cell(line.trim())),
    ]),
    ...stepTable(result.predicted),
    '',
    '## Assumed',
    '',
    ...result.assumed.map((sentence) => `- ${cell(sentence)}`),
    '',
  ].join('\n')

const below = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines])

type Pair = readonly [name: string, value: string]

const facts = (result: RehearsalResult): readonly Pair[] => [
  ['Rehearsal', `${result.runbook}: ${result.title}`],
  ['Cluster', `${result.cluster}, in the world of ${result.world}`],
  ['Result', resultText(result)],
  ['Findings', countFindings(result.findings)],
  ...(result.predicted ? figures(result, result.predicted) : []),
  ...(result.record === undefined ? [] : ([['Kept', result.record]] as const)),
]

const resultText = ({ runs, refused, interrupted, faults, steps }: RehearsalResult): string => {
  if (refused) return `the plan is refused: ${refused.code} ${refused.message}`
  const done = runs.filter(({ ended }) => ended === 'done').length
  const resumes = runs.reduce((sum, run) => sum + run.resumes.length, 0)
  const words = [
    `${done} of ${runs.length} runs ended done`,
    `${steps} steps`,
    `faults: ${faults}`,
    ...(resumes === 0 ? [] : [`resumed ${resumes} times`]),
    ...(interrupted ? ['stopped by the operator'] : []),
  ]
  return words.join(', ')
}

const figures = ({ runs }: RehearsalResult, predicted: Prediction): readonly Pair[] => {
  const done = runs.filter(({ ended }) => ended === 'done')
  const most = (of: (run: RehearsedRun) => number) => quantile(done.map(of), 0.9)
  const pause = longestPause(done)
  return [
    ['Duration', `${formatSeconds(predicted.p50)} (p50), ${formatSeconds(predicted.p90)} (p90)`],
    [
      'Nodes',
      `${most(({ nodes }) => nodes.peakExtra)} more at once, ${most(({ nodes }) => nodes.extraInstanceHours)} instance-hours more`,
    ],
    ['Pods moved', String(most(({ evictions }) => evictions))],
    ['Budgets', budgetText(done)],
    ['Paused', pause === undefined ? 'nothing' : pause],
    ['Requests', requestText(done)],
  ]
}

const budgetText = (runs: readonly RehearsedRun[]): string => {
  const names = [...new Set(runs.flatMap(({ budgets }) => budgets.map(({ budget }) => budget)))]
  const worst = names.map((name) => {
    const all = runs.flatMap(({ budgets }) => budgets.filter(({ budget }) => budget === name))
    const refusals = Math.max(...all.map((one) => one.refusals))
    const injected = all.some((one) => one.injected) ? ', held by the rehearsal in some runs' : ''
    return { name, refusals, injected, seconds: Math.max(...all.map((one) => one.seconds)) }
  })
  const told = worst
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 5)
    .map(
      ({ name, refusals, injected, seconds }) =>
        `${name} ${formatSeconds(seconds)}${refusals > 0 || injected !== '' ? ` (${refusals} refused${injected})` : ''}`,
    )
  const more = worst.length > 5 ? `, and ${worst.length - 5} more` : ''
  return told.length === 0 ? 'none holds a pod back' : `${told.join(', ')}${more} hold pods back`
}

const longestPause = (runs: readonly RehearsedRun[]): string | undefined => {
  const [longest] = runs
    .flatMap(({ longestPause: pause }) => pause ?? [])
    .toSorted((a, b) => b.seconds - a.seconds)
  return (
    longest &&
    `at most ${formatSeconds(longest.seconds)}: ${pausedText(longest.kind, longest.object, undefined)}`
  )
}

const requestText = (runs: readonly RehearsedRun[]): string => {
  const of = (side: 'aws' | 'kubernetes') =>
    Math.max(...runs.map(({ requests }) => Object.values(requests[side]).reduce((sum, one) => sum + one, 0)))
  return `${of('aws')} to AWS, ${of('kubernetes')} to Kubernetes`
}

const stops = ({ runs }: RehearsalResult) =>
  runs.flatMap(({ seed, stop }) => (stop === undefined ? [] : [{ seed, stop }]))

const stopLines = (
  seed: number,
  { step, code, message, hint, injected }: RehearsalStop,
): readonly string[] => [
  plainText(`Seed ${seed} stopped${step === undefined ? '' : ` at "${shortTitle(step)}"`}:`),
  plainText(`  ${code} ${message}${injected === undefined ? '' : ` (injected: ${injected})`}`),
  plainText(`  -> ${hint}`),
]

const stepLines = (predicted: Prediction | undefined): readonly string[] => {
  if (!predicted || predicted.steps.length === 0) return []
  const rows = predicted.steps.map(({ title, p50, p90 }) => ({
    title: shortTitle(plainText(title)),
    p50,
    p90,
  }))
  const width = Math.min(100, Math.max(...rows.map(({ title }) => title.length)))
  return [
    '',
    `${''.padEnd(5)}  ${'step'.padEnd(width)}  ${'p50'.padStart(8)}  ${'p90'.padStart(8)}`,
    ...rows.map(
      ({ title, p50, p90 }, index) =>
        `${String(index + 1).padStart(4)}.  ${title.padEnd(width)}  ${formatSeconds(p50).padStart(8)}  ${formatSeconds(p90).padStart(8)}`,
    ),
  ]
}

const stepTable = (predicted: Prediction | undefined): readonly string[] =>
  predicted === undefined || predicted.steps.length === 0
    ? []
    : [
        '',
        '## Steps',
        '',
        '| # | step | p50 | p90 |',
        '| ---: | --- | ---: | ---: |',
        ...predicted.steps.map(
          ({ title, p50, p90 }, index) =>
            `| ${index + 1} | ${cell(title)} | ${formatSeconds(p50)} | ${formatSeconds(p90)} |`,
        ),
      ]
