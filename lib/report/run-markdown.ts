import { plainText } from '../runbook/plain-text.ts'
import type { RunView } from '../runbook/run-view.ts'
import { comparisonSection } from './comparison-text.ts'
import { cell, countFindings, findingsMarkdown } from './findings-text.ts'
import { actionsOf, durationOf, findingsOf, nextCommands, runHeader } from './run-text.ts'

/** The report of a run for a ticket. */
export const runMarkdown = (run: RunView): string =>
  [
    `# Run ${cell(run.id)}: ${cell(run.title)}`,
    '',
    ...runHeader(run)
      .slice(1)
      .map(([name, value]) => `- **${name}**: ${name === 'Digest' ? `\`${value}\`` : cell(value)}`),
    ...(run.error
      ? ['', `**${run.error.code}** ${cell(run.error.message)}`, '', `Way out: ${cell(run.error.hint)}`]
      : []),
    ...nextSection(run),
    '',
    '## Steps',
    '',
    '| # | step | state | time |',
    '| ---: | --- | --- | --- |',
    ...run.steps.map(
      (step, index) => `| ${index + 1} | ${cell(step.title)} | ${step.state} | ${durationOf(step)} |`,
    ),
    '',
    ...comparisonSection(run),
    ...actionSection(run),
    ...pauseSection(run),
    `## Findings: ${countFindings(findingsOf(run))}`,
    ...findingsMarkdown(findingsOf(run)),
    '',
  ].join('\n')

const nextSection = (run: RunView): readonly string[] => {
  const commands = nextCommands(run).map((command) => `\`${plainText(command)}\``)
  return commands.length === 0 ? [] : ['', `Possible now: ${commands.join(', ')}`]
}

const actionSection = (run: RunView): readonly string[] => [
  '## Actions',
  '',
  '| at | action | object | outcome | token |',
  '| --- | --- | --- | --- | --- |',
  ...actionsOf(run).map(
    ({ action }) =>
      `| ${action.startedAt} | ${cell(action.name)} | ${cell(action.object)} | ${action.outcome} | \`${action.token}\` |`,
  ),
  '',
]

const pauseSection = (run: RunView): readonly string[] =>
  run.pauses.length === 0
    ? []
    : [
        '## Paused and restored',
        '',
        '| what | object | paused | restored |',
        '| --- | --- | --- | --- |',
        ...run.pauses.map(
          ({ kind, object, pausedAt, restoredAt, state }) =>
            `| ${cell(kind)} | ${cell(object)} | ${pausedAt} | ${state === 'open' ? 'not yet' : `${restoredAt ?? ''} (${state})`} |`,
        ),
        '',
      ]
