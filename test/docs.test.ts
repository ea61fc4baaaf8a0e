import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandTable } from '../lib/cli/command-table.ts'
import { planText } from '../lib/report/plan-text.ts'
import upgradeCluster from '../runbooks/upgrade-cluster.ts'
import { openScene, settledWorld } from './runbooks/scene.ts'

const pages = globSync(['*.md', 'docs/**/*.md']).toSorted()
const textOf = (page: string) => readFileSync(page, 'utf8')

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

const hasAnchor = (page: string, anchor: string) =>
  textOf(page)
    .split('\n')
    .some((line) => /^#+ /.test(line) && anchorOf(line.replace(/^#+ /, '')) === anchor)

describe.each(pages)('%s', (page) => {
  test('links to files and headings that exist', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g)]
    const broken = links.filter(([, file = '', anchor]) => {
      const target = file === '' ? page : join(dirname(page), file)
      return !existsSync(target) || (anchor !== undefined && !hasAnchor(target, anchor))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('names commands that exist', () => {
    const known = commandTable.map(({ name }) => name)
    const named = [...textOf(page).matchAll(/(?:npx |\$ |\(|^ {4})eks-runbook ([a-z-]+)/gm)].map(
      ([, command = '']) => command,
    )
    expect(named.filter((command) => !known.includes(command))).toEqual([])
  })

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: object }
    const named = [...textOf(page).matchAll(/npm run ([a-z:]+)/g)].map(([, script = '']) => script)
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
  })
})

test('README shows a plan as it is printed', async () => {
  const scene = await openScene(await settledWorld('examples/worlds/photo-app.yaml'), {
    runbook: upgradeCluster,
    cluster: 'photo-staging',
  })
  const printed = planText(await scene.plan({ cluster: 'photo-staging', to: '1.34' })).split('\n')
  const [, shown = ''] = /\$ eks-runbook plan .*\n((?: {4}.*\n|\n)+)/.exec(textOf('README.md')) ?? []
  const lines = shown
    .split('\n')
    .map((line) => line.replace(/^ {4}/, ''))
    .filter((line) => line.trim() !== '…' && !/^(Digest|Run it)/.test(line))
  expect(lines.length).toBeGreaterThan(15)
  expect(lines.filter((line) => !printed.includes(line))).toEqual([])
})
