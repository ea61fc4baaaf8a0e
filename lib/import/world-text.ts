import { stringify } from 'yaml'
import { short } from './admissible.ts'
import type { WorldData } from './world-data.ts'

const options = { lineWidth: 0, aliasDuplicateObjects: false } as const

/** A world as YAML. Objects are written one by one: a large cluster never stands in memory as a tree. */
export const worldText = ({ manifests, ...world }: WorldData, heading: readonly string[]): string => {
  const parts = [...heading.map((line) => `# ${short(line)}\n`), stringify(world, options), 'manifests:\n']
  for (const [set, objects] of Object.entries(manifests)) {
    parts.push(`  ${stringify(set).trim()}:${objects.length === 0 ? ' []' : ''}\n`)
    for (const object of objects) parts.push(stringify([object], options).replace(/^(?=.)/gm, '    '))
  }
  return parts.join('')
}
