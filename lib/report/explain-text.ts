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
  readonly permissions: ObservedPermissions
}

/**
 * What the twin saw a runbook call: IAM actions (`eks:UpdateAddon`), and RBAC's verbs with `resource.group`
 * (`list pods`, `patch deployments/scale.apps`).
 */
export interface ObservedPermissions {
  /** To plan: reads only. */
  readonly plan: { readonly aws: readonly string[]; readonly kubernetes: readonly string[] }
  /** To plan, run and undo. */
  readonly run: ObservedPermissions['plan']
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
    'Permissions to plan (reads only), as seen on the twin',
    ...calledLines(runbook.permissions.plan),
    '',
    'Permissions to run and undo, on top of these',
    ...calledLines(onTop(runbook.permissions)),
  ].join('\n')

const calledLines = ({ aws, kubernetes }: ObservedPermissions['plan']): readonly string[] => [
  ...wrap(`AWS: ${aws.join(', ')}`),
  ...wrap(`Kubernetes: ${kubernetes.length === 0 ? 'none' : kubernetes.join(', ')}`),
]

/** What a run needs that a plan does not. */
export const onTop = ({ plan, run }: ObservedPermissions): ObservedPermissions['plan'] => ({
  aws: run.aws.filter((action) => !plan.aws.includes(action)),
  kubernetes: run.kubernetes.filter((call) => !plan.kubernetes.includes(call)),
})

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
