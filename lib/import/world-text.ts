import { Document, isScalar, visit } from 'yaml'
import { plainText } from '../runbook/plain-text.ts'
import type { WorldData } from './world-data.ts'

/** How a file of an import begins. */
export const importMark = '# Imported from '

/** A world as YAML. Objects are written one by one: a large cluster never stands in memory as a tree. */
export const worldText = ({ manifests, ...world }: WorldData, heading: readonly string[]): string => {
  const parts = [...heading.map((line) => `# ${plainText(line)}\n`), '\n', text(world), '\nmanifests:\n']
  for (const [set, objects] of Object.entries(manifests)) {
    parts.push(`  ${set}:${objects.length === 0 ? ' []' : ''}\n`)
    for (const object of objects) parts.push(text([object]).replace(/^(?=.)/gm, '    '))
  }
  return parts.join('')
}

/** Lists of words stand on one line. Every text is quoted and escaped as it needs. */
const text = (value: object): string => {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every((item) => isScalar(item))) list.flow = true
    },
  })
  return document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false })
}
