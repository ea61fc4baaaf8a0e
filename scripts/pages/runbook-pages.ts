import { explanationOf } from '../../lib/cli/commands/explain.ts'
import { runbookIds } from '../../lib/cli/runbook-files.ts'
import { onTop, type Explanation } from '../../lib/report/explain-text.ts'
import { formatSeconds } from '../../lib/runbook/duration.ts'
import type { PlannedStep } from '../../lib/runbook/plan.ts'
import { table, type Page } from './page.ts'

/** docs/runbooks/<id>.md of each runbook, and the list of them. */
export const runbookPages = async (): Promise<readonly Page[]> => {
  const explanations = await Promise.all(runbookIds().map(explanationOf))
  return [
    ...explanations.map((explanation) => ({
      path: `docs/runbooks/${explanation.id}.md`,
      text: `${runbookPage(explanation).join('\n')}\n`,
    })),
    { path: 'docs/runbooks/README.md', text: `${index(explanations).join('\n')}\n` },
  ]
}

const index = (explanations: readonly Explanation[]): readonly string[] => [
  '# Runbooks',
  '',
  'Printed from `runbooks/` by `npm run docs`.',
  '',
  ...explanations.map(({ id, title }) => `- [${id}](${id}.md): ${title}`),
]

const runbookPage = (runbook: Explanation): readonly string[] => [
  `# ${runbook.id}`,
  '',
  `${runbook.title}. Printed from \`runbooks/${runbook.id}.ts\` by \`npm run docs\`.`,
  '',
  runbook.about,
  '',
  '## Inputs',
  '',
  ...table(['option', 'what', 'default'], runbook.inputs.map(inputRow)),
  '',
  '## Checked when planning',
  '',
  ...runbook.checks.map(({ code, title }) => `- ${code}: ${title}`),
  '',
  'All checks with their rules: [checks](../checks.md).',
  '',
  '## Steps of the example',
  '',
  `    ${runbook.example}`,
  '',
  ...table(['', 'step', 'checks before', 'checks after', 'usual', 'at most', 'way back'], stepRows(runbook)),
  ...wayBack(runbook.steps),
  '',
  '## Permissions',
  '',
  'What was called when the runbook was planned, run and undone on the twin (`npm run observe`). Kubernetes: verb and',
  '`resource.group`, as in RBAC. Not observed, because nobody calls it: `iam:PassRole` for the node role (EKS asks for it when a',
  'node group is made), and what keeping state in S3 takes.',
  '',
  ...table(
    ['to', 'AWS', 'Kubernetes'],
    [
      calledRow('plan', runbook.permissions.plan),
      calledRow('run and undo, on top', onTop(runbook.permissions)),
    ],
  ),
]

const calledRow = (
  what: string,
  { aws, kubernetes }: Explanation['permissions']['plan'],
): readonly string[] => [
  what,
  aws.map((action) => `\`${action}\``).join(' '),
  kubernetes.map((call) => `\`${call}\``).join(', '),
]

const inputRow = ({ flag, description, required, choices, defaultValue }: Explanation['inputs'][number]) => [
  `\`${flag}\``,
  choices ? `${description}: ${choices.join(' or ')}` : description,
  required ? 'required' : defaultValue === undefined ? '' : `\`${defaultValue}\``,
]

const stepRows = ({ steps }: Explanation) =>
  steps.map((step, position) => [
    String(position + 1),
    step.title,
    step.before.join(', '),
    step.after.join(', '),
    step.expectedSeconds === 0 ? '' : formatSeconds(step.expectedSeconds),
    formatSeconds(step.timeoutSeconds),
    undoWord(step),
  ])

const undoWord = ({ undo }: PlannedStep): string =>
  typeof undo === 'object' ? 'none' : undo === 'nothing' ? 'nothing to undo' : 'undo'

const wayBack = (steps: readonly PlannedStep[]): readonly string[] => {
  const reasons = steps.flatMap(({ title, undo }) =>
    typeof undo === 'object' ? [`- ${title}: ${undo.irreversible}`] : [],
  )
  return reasons.length === 0 ? [] : ['', 'No way back:', '', ...reasons]
}
