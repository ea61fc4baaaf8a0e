import { formatSeconds } from '../runbook/duration.ts'
import { openDifferences } from '../runbook/hold.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { ActionView, PauseView, RunView, StepView } from '../runbook/run-view.ts'
import type { RunSummary } from '../runbook/runs.ts'
import { secondsWalked } from '../runbook/step-moves.ts'
import { clearanceLines } from './clearance-text.ts'
import { comparisonLines, heldText } from './comparison-text.ts'
import { countFindings, findingLines } from './findings-text.ts'
import { pausedText, peopleText, shortTitle } from './people-text.ts'

/** Where a run stands: its steps, what stopped it, and what can be typed now. For `show`. */
export const runText = (run: RunView): string =>
  standText(
    run,
    run.error
      ? ['', `${run.error.code} ${plainText(run.error.message)}`, `-> ${plainText(run.error.hint)}`]
      : [],
  )

const standText = (run: RunView, trouble: readonly string[]): string =>
  [
    ...runHeader(run).map(([name, value]) => `${name.padEnd(9)}  ${value}`),
    '',
    ...run.steps.flatMap((step, index) => [stepLine(step, index, run), ...comparisonLines(step)]),
    ...trouble,
    ...openPauseLines(run.pauses),
    ...nextLines(run),
    '',
  ].join('\n')

/** As `runText`, at the end of the command that ran it: the error stands in its own line on stderr. */
export const outcomeText = (run: RunView): string => standText(run, [])

/** All that happened in a run: steps with times, findings, actions with their tokens, pauses. For `report`. */
export const runReportText = (run: RunView): string =>
  [
    runText(run).trimEnd(),
    '',
    'Actions',
    ...actionsOf(run).map(({ step, action }) => actionLine(step, action)),
    ...(actionsOf(run).length === 0 ? ['  none'] : []),
    '',
    'Paused and restored',
    ...run.pauses.map(pauseLine),
    ...(run.pauses.length === 0 ? ['  nothing'] : []),
    '',
    `Findings   ${countFindings(findingsOf(run))}`,
    ...findingLines(findingsOf(run)),
    ...run.takeOvers.map(({ at, from, reason }) =>
      plainText(`Lock taken at ${at} from ${from || 'nobody'}: ${reason}`),
    ),
    ...run.tornLines.map((line) => `Line ${line} of the journal was torn by a crash and dropped`),
    '',
  ].join('\n')

/** A line for each run, newest first. For `runs`. */
export const runsText = (runs: readonly RunSummary[]): string => {
  if (runs.length === 0) return 'No runs yet.'
  const rows = runs.map((run) => [
    run.id,
    run.state,
    `${run.steps.done}/${run.steps.total}`,
    run.runbook,
    run.cluster,
    standOf(run),
  ])
  const titles = ['run', 'state', 'steps', 'runbook', 'cluster', 'at']
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...(column === 5 ? [] : rows.map((row) => row[column]?.length ?? 0))),
  )
  return [titles, ...rows]
    .map((row) =>
      row
        .map((text, column) => plainText(text).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const standOf = ({ error, at, review }: RunSummary): string => {
  const stand = error ? `${error.code} ${error.message}` : (at ?? '')
  return [...(review === 'open' ? ['review open'] : []), stand].filter((text) => text !== '').join('; ')
}

/** Name and value of what identifies a run. */
export const runHeader = (run: RunView): readonly (readonly [string, string])[] => {
  const { cluster, environment, account, region } = run.target
  const done = run.steps.filter(({ state }) => state === 'done' || state === 'already').length
  const took = formatSeconds((Date.parse(run.endedAt ?? run.updatedAt) - Date.parse(run.startedAt)) / 1000)
  const pairs: readonly (readonly [string, string])[] = [
    ['Run', `${run.id}: ${run.title}`],
    ['Cluster', `${cluster} (${environment}, account ${account}, ${region})`],
    ['State', `${run.state}, ${done} of ${run.steps.length} steps done, ${took}${resumed(run.resumes)}`],
    ['Started', `${run.startedAt}${run.by === '' ? '' : ` by ${run.by}`} with ${run.tool}`],
    ['Digest', run.plan.digest],
    ...heldPair(run),
    ...clearanceLines(run),
  ]
  return pairs.map(([name, value]) => [name, plainText(value)] as const)
}

const heldPair = (run: RunView): readonly (readonly [string, string])[] => {
  const held = heldText(run)
  return held === undefined ? [] : [['Held', held]]
}

/** `12m30s` of a step that has ended, without the time in which the run stood still; otherwise what it is in. */
export const durationOf = (step: StepView): string => {
  if (step.startedAt === undefined) return ''
  if (step.endedAt === undefined) return `since ${step.startedAt.slice(11, 19)}`
  return formatSeconds(secondsWalked(step) ?? 0)
}

/** Actions of all steps with their step, in the order in which they were made. */
export const actionsOf = (
  run: RunView,
): readonly { readonly step: StepView; readonly action: ActionView }[] =>
  run.steps
    .flatMap((step) => step.actions.map((action) => ({ step, action })))
    .toSorted((a, b) =>
      a.action.startedAt < b.action.startedAt ? -1 : Number(a.action.startedAt > b.action.startedAt),
    )

/** Findings of the plan and of all steps; a repeated one counts once. */
export const findingsOf = (run: RunView) => [
  ...new Map(
    [
      ...run.plan.findings,
      ...run.steps.flatMap((step) => step.findings.flatMap(({ findings }) => findings)),
    ].map(
      (finding) =>
        [`${finding.code} ${finding.object} ${finding.outcome} ${finding.found}`, finding] as const,
    ),
  ).values(),
]

const nextLines = (run: RunView): readonly string[] => {
  const commands = nextCommands(run)
  return commands.length === 0 ? [] : ['', 'Possible now', ...commands.map((command) => `  ${command}`)]
}

/** What can be typed now. */
export const nextCommands = (run: RunView): readonly string[] => [
  ...goOnCommands(run),
  ...(run.review?.state === 'open' ? [`eks-runbook review ${run.id} --reason TEXT`] : []),
]

const goOnCommands = (run: RunView): readonly string[] => {
  const open = run.pauses.some(({ state }) => state === 'open')
  const repair = open ? [`eks-runbook repair ${run.id}`] : []
  if (run.state === 'undone' || run.state === 'running') return []
  if (run.undoing) return [`eks-runbook undo ${run.id}`, ...repair]
  if (run.state === 'done') return [`eks-runbook undo ${run.id}`, `eks-runbook report ${run.id}`]
  const asked = run.steps.some((step) => openDifferences(step).length > 0)
  const accepting = asked ? ' --accept-differences --reason "why it is well"' : ''
  return [`eks-runbook resume ${run.id}${accepting}`, `eks-runbook undo ${run.id}`, ...repair]
}

const resumed = (times: number): string =>
  times === 0 ? '' : `, gone on with ${times === 1 ? 'once' : `${times} times`}`

const marks = {
  waiting: ' ',
  running: '>',
  done: '+',
  already: '=',
  failed: '!',
  undoing: '<',
  undone: '-',
} as const satisfies { readonly [state in StepView['state']]: string }

const stepLine = (step: StepView, index: number, run: RunView): string => {
  const width = Math.min(72, Math.max(...run.steps.map(({ title }) => shortTitle(title).length)))
  const state = step.state === 'done' ? durationOf(step) : `${step.state} ${durationOf(step)}`
  const title = shortTitle(plainText(step.title)).padEnd(width)
  return `  ${marks[step.state]} ${String(index + 1).padStart(3)}. ${title}  ${state}`.trimEnd()
}

const openPauseLines = (pauses: readonly PauseView[]): readonly string[] => {
  const open = pauses.filter(({ state }) => state === 'open')
  return open.length === 0 ? [] : ['', 'Still paused', ...open.map(pauseLine)]
}

const pauseLine = ({ kind, object, restore, pausedAt, state, restoredAt, error }: PauseView): string => {
  const end = state === 'open' ? 'still paused' : `${state} ${restoredAt?.slice(11, 19) ?? ''}`
  const trouble = error ? ` (${error.code} ${error.message})` : ''
  return plainText(
    `${pausedText(kind, object, restore)}: paused ${pausedAt.slice(11, 19)}, ${end}${trouble}`,
  ).replace(/^/, '  ')
}

const actionLine = (step: StepView, action: ActionView): string => {
  const end = action.error
    ? `${action.outcome}: ${action.error.code} ${action.error.message}`
    : action.outcome
  const attempt = action.attempt > 1 ? `, attempt ${action.attempt}` : ''
  return `  ${plainText(`${action.startedAt.slice(11, 19)} ${action.name} ${peopleText(action.object)}: ${end}${attempt} (${step.id}, token ${action.token})`)}`
}
