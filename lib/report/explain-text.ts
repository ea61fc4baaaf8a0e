import { formatSeconds } from '../runbook/duration.ts'
import type { PlannedStep } from '../runbook/plan.ts'

/** What `explain` tells of a runbook. Plain data. */
export interface Explanation {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly inputs: readonly {
    readonly flag: string
    readonly description: string
    readonly required: boolean
    readonly choices?: readonly string[]
    readonly defaultValue?: string
  }[]
  /** Inputs of the example, as typed. */
  readonly example: string
  readonly steps: readonly PlannedStep[]
  /** Checks made when planning. */
  readonly checks: readonly { readonly code: string; readonly title: string }[]
}

/** A runbook in plain words. */
export const explainText = (runbook: Explanation): string =>
  [
    `${runbook.id}: ${runbook.title}`,
    '',
    ...wrap(runbook.about),
    '',
    'Inputs',
    ...runbook.inputs.map((input) => `  ${input.flag.padEnd(20)} ${inputNote(input)}`),
    '',
    'Checked when planning',
    ...runbook.checks.map(({ code, title }) => `  ${code.padEnd(8)} ${title}`),
    '',
    'Steps of the example',
    `  ${runbook.example}`,
    ...runbook.steps.map((step, index) => `  ${String(index + 1).padStart(3)}. ${step.title}${time(step)}`),
    '',
    'The way back (newest step first; undo stops at the first step without one)',
    ...wayBackLines(runbook.steps),
    '',
    'Permissions',
    ...wrap(
      'Reading AWS and the cluster is enough to plan. What a run calls is recorded by the twin: rehearse it there, ' +
        'then: eks-runbook twin calls --output json',
    ),
  ].join('\n')

const inputNote = ({
  description,
  required,
  choices,
  defaultValue,
}: Explanation['inputs'][number]): string => {
  const notes = [
    ...(required ? ['required'] : []),
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(defaultValue === undefined ? [] : [`default ${defaultValue}`]),
  ]
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`
}

const time = ({ expectedSeconds }: PlannedStep): string =>
  expectedSeconds === 0 ? '' : `, about ${formatSeconds(expectedSeconds)}`

const wayBackLines = (steps: readonly PlannedStep[]): readonly string[] => {
  const reasons = steps.flatMap(({ title, undo }) =>
    typeof undo === 'object' ? [`  no way back from "${title}": ${undo.irreversible}`] : [],
  )
  return reasons.length === 0 ? ['  every step has one'] : reasons
}

const wrap = (text: string): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length > 98) lines.push(`  ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
