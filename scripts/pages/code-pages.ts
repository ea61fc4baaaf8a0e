import { catalogue } from '../../lib/checks/catalogue.ts'
import { errorCodes } from '../../lib/runbook/errors.ts'
import { messageCodes } from '../../lib/runbook/messages.ts'
import { table, type Page } from './page.ts'

/** Pages of the tables of codes: errors, messages, checks. */
export const codePages = (): readonly Page[] => [
  page('docs/errors.md', [
    '# Errors',
    '',
    'Printed from `lib/runbook/errors.ts` by `npm run docs`. Codes are stable.',
    '',
    ...table(
      ['code', 'exit', 'meaning', 'way out'],
      Object.entries(errorCodes).map(([code, { exit, meaning, wayOut }]) => [
        code,
        String(exit),
        meaning,
        wayOut,
      ]),
    ),
  ]),
  page('docs/messages.md', [
    '# Messages',
    '',
    'What a run says, by code. Printed from `lib/runbook/messages.ts` by `npm run docs`. Codes are stable.',
    '',
    ...table(['code', 'meaning'], Object.entries(messageCodes)),
  ]),
  page('docs/checks.md', checksPage()),
]

const page = (path: string, lines: readonly string[]): Page => ({ path, text: `${lines.join('\n')}\n` })

const families: readonly (readonly [prefix: string, title: string])[] = [
  ['CP-', 'Control plane'],
  ['DP-', 'Nodes and their room'],
  ['AD-', 'Add-ons'],
  ['WL-', 'Workloads'],
  ['RG-', 'Held against the baseline'],
  ['SM-', 'Smoke checks'],
]

const checksPage = (): readonly string[] => [
  '# Checks',
  '',
  'What is looked at before anything moves. Printed from `lib/checks/catalogue.ts` by `npm run docs`. Codes are stable.',
  '',
  'A title says what holds when the check passes. `block` stops the plan or the step (exit 3), `warn` is shown,',
  '`unknown` means that the check could not be made and stops like `block` unless `--accept-unknown CODE` names it.',
  ...families.flatMap(([prefix, title]) => [
    '',
    `## ${title}`,
    '',
    ...table(
      ['code', 'holds when it passes', 'rule'],
      Object.entries(catalogue)
        .filter(([code]) => code.startsWith(prefix))
        .map(([code, { title: holds, source }]) => [code, holds, `[source](${source})`]),
    ),
  ]),
]
