import { formatSeconds } from '../runbook/duration.ts'
import type { Json } from '../runbook/json.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Plan, PlannedStep } from '../runbook/plan.ts'
import { cell, countFindings, findingLines, findingsMarkdown } from './findings-text.ts'
import { reasonOf, shortTitle } from './people-text.ts'

/** A plan as people read it before they say yes. */
export const planText = (plan: Plan): string =>
  [
    ...header(plan).map(([name, value]) => `${name.padEnd(9)}  ${value}`),
    '',
    `Findings   ${countFindings(plan.findings)}`,
    ...findingLines(plan.findings),
    '',
    ...stepsText(plan.steps),
    '',
  ].join('\n')

/** A plan for a ticket or a pull request. */
export const planMarkdown = (plan: Plan): string =>
  [
    `# Plan: ${cell(plan.title)}`,
    '',
    ...header(plan)
      .slice(1)
      .map(([name, value]) => `- **${name}**: ${name === 'Digest' ? `\`${value}\`` : cell(value)}`),
    '',
    `## Findings: ${countFindings(plan.findings)}`,
    ...findingsMarkdown(plan.findings),
    '',
    '## Steps',
    '',
    ...(plan.steps.length === 0 ? [nothingToDo] : stepsMarkdown(plan.steps)),
    '',
  ].join('\n')

const nothingToDo = 'Nothing to do: the cluster is where the plan would bring it.'

const header = (plan: Plan): readonly (readonly [string, string])[] => {
  const { cluster, environment, account, region } = plan.target
  const seconds = plan.steps.reduce((sum, step) => sum + step.expectedSeconds, 0)
  return [
    ['Plan', plainText(`${plan.runbook}: ${plan.title}`)],
    ['Cluster', plainText(`${cluster} (${environment}, account ${account}, ${region})`)],
    ['Inputs', plainText(inputsText(plan.inputs))],
    ...releasesFrom(plan),
    ['Steps', plan.steps.length === 0 ? 'none' : `${plan.steps.length}, about ${formatSeconds(seconds)}`],
    ['Planned', plainText(`${plan.plannedAt} by ${plan.plannedBy} with ${plan.tool}`)],
    ['Digest', plan.digest],
  ]
}

const releasesFrom = ({ asProven }: Plan): readonly (readonly [string, string])[] =>
  asProven === undefined ? [] : [['Releases', plainText(`as proven by evidence ${asProven}`)]]

/** `to 1.34, nodes each-hop`. */
const inputsText = (inputs: Plan['inputs']): string =>
  Object.entries(inputs)
    .filter(([name, value]) => name !== 'cluster' && value !== undefined && value !== false)
    .map(([name, value]) => `${words(name)} ${valueText(value)}`.replace(/ true$/, ''))
    .join(', ') || 'none'

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const valueText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const stepsText = (steps: readonly PlannedStep[]): readonly string[] => {
  if (steps.length === 0) return [nothingToDo]
  const width = Math.min(72, Math.max(...steps.map(({ title }) => shortTitle(plainText(title)).length)))
  const reasons = [
    ...new Set(steps.flatMap(({ undo }) => (typeof undo === 'object' ? [undo.irreversible] : []))),
  ]
  const lines = steps.flatMap((step, index) => [
    ...(groupOf(step) === groupOf(steps[index - 1]) ? [] : [groupOf(step)]),
    `  ${String(index + 1).padStart(3)}. ${shortTitle(plainText(step.title)).padEnd(width)}  ${usually(step).padStart(8)}  ${shortWayBack(step, reasons)}`,
    ...reasonLine(step),
  ])
  const notes = reasons.map((reason, index) => `  (${index + 1}) no way back: ${plainText(reason)}`)
  return notes.length === 0 ? lines : [...lines, '', ...notes]
}

const reasonLine = ({ title }: PlannedStep): readonly string[] => {
  const reason = reasonOf(plainText(title))
  return reason === undefined ? [] : [`         ${reason}`]
}

const stepsMarkdown = (steps: readonly PlannedStep[]): readonly string[] => [
  '| # | step | usually | way back |',
  '| ---: | --- | --- | --- |',
  ...steps.map(
    (step, index) => `| ${index + 1} | ${cell(step.title)} | ${usually(step)} | ${cell(wayBack(step))} |`,
  ),
]

/** The first part of a step's id: `hop-1.33` of `hop-1.33/control-plane`; steps without one are about the whole cluster. */
const groupOf = (step: PlannedStep | undefined): string => {
  if (step === undefined) return ''
  const [group = '', ...rest] = step.id.split('/')
  return plainText(rest.length === 0 ? 'cluster' : group)
}

const usually = ({ expectedSeconds }: PlannedStep): string =>
  expectedSeconds === 0 ? 'at once' : `~${formatSeconds(expectedSeconds)}`

const shortWayBack = (step: PlannedStep, reasons: readonly string[]): string =>
  typeof step.undo === 'object'
    ? `no way back (${reasons.indexOf(step.undo.irreversible) + 1})`
    : wayBack(step)

const wayBack = ({ undo }: PlannedStep): string => {
  if (undo === 'change') return 'undo'
  return undo === 'nothing' ? 'nothing to undo' : plainText(`no way back: ${undo.irreversible}`)
}
