import { shapeRules, type ShapeRule } from '../../lib/evidence/shape-rules.ts'
import { table, type Page } from './page.ts'

/** docs/gate.md: what evidence must share with a production plan, and what may differ. */
export const gatePage = (): Page => ({
  path: 'docs/gate.md',
  text: `${[
    '# The gate before production',
    '',
    'Printed from `lib/evidence/shape-rules.ts` by `npm run docs`.',
    '',
    'A plan for a cluster that stands as production in a pair of fleet.yaml, or in the last of several environments, runs only',
    'with evidence: signed, of its paired cluster, not older than `evidence.maxAgeDays`, counted from the start of its run, of a',
    'run that did every step, made by the same version of the tool. Everything the plan does must have been proven just so;',
    'what staging has on top is fine.',
    '`eks-runbook gate explain --plan FILE` names each difference and the command that closes it.',
    '',
    '## Must be equal',
    '',
    ...rows('must'),
    '',
    '## May differ',
    '',
    ...rows('may'),
    '',
    'Not compared, because nothing reads it: what a launch template of your own says besides its user data, and the',
    'configuration of add-ons.',
  ].join('\n')}\n`,
})

const rows = (kind: ShapeRule['kind']): readonly string[] =>
  table(
    ['rule', 'what', 'why'],
    shapeRules
      .filter((each) => each.kind === kind)
      .map(({ rule, title, reason }) => [`\`${rule}\``, title, reason]),
  )
