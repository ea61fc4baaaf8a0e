import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandTable } from '../lib/cli/command-table.ts'

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
