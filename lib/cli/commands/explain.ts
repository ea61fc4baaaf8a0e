import { explainText, type Explanation, type ObservedPermissions } from '../../report/explain-text.ts'
import observed from '../../report/permissions.json' with { type: 'json' }
import { plannedSteps } from '../../runbook/plan.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { inputOptions } from '../inputs.ts'
import { loadRunbook } from '../runbook-files.ts'

/** `eks-runbook explain RUNBOOK` */
const explain: MakeCommand = (cli) =>
  newCommand('explain', 'Say what a runbook does, needs and undoes, in plain words.', {
    example: 'eks-runbook explain upgrade-cluster',
  })
    .argument('<runbook>', 'name of the runbook, see: eks-runbook list')
    .action(async (id: string, options: CommonOptions) => {
      const explanation = await explanationOf(id)
      if (options.output === 'json') writeJson(cli, explanation)
      else writeText(cli, explainText(explanation))
    })

export default explain

/** Everything that docs and `explain` tell of a runbook. Throws R002. */
export const explanationOf = async (id: string): Promise<Explanation> => {
  const runbook = await loadRunbook(id)
  const { inputs, facts } = runbook.example
  const options = inputOptions(runbook)
  const typed = options.flatMap(({ name, flag, defaultValue }) => {
    const value = inputs[name]
    const word = typeof value === 'string' ? value : JSON.stringify(value)
    if (value === undefined || value === false || word === defaultValue) return []
    return [value === true ? flag : `${flag} ${word}`]
  })
  return {
    id,
    title: runbook.title,
    about: runbook.about,
    inputs: options,
    example: ['eks-runbook plan', id, ...typed].join(' '),
    steps: plannedSteps(runbook, facts),
    checks: runbook.checks(facts).map(({ code, title }) => ({ code, title })),
    permissions: permissionsOf(id),
  }
}

const nothing = { aws: [], kubernetes: [] }

const permissionsOf = (id: string): ObservedPermissions =>
  (observed as { readonly [id: string]: ObservedPermissions })[id] ?? { plan: nothing, run: nothing }
