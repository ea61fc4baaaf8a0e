import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const files = globSync(['lib/**/*.ts', 'runbooks/**/*.ts', 'scripts/**/*.ts']).toSorted()
const source = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const importsOf = (file: string): readonly Import[] =>
  [
    ...(source.get(file) ?? '').matchAll(
      /(?:^|\n)(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
    ),
  ].map((match) => ({ from: file, to: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined }))

const imports = files.flatMap(importsOf)
const local = imports
  .filter(({ to }) => to.startsWith('.'))
  .map((entry) => ({ ...entry, to: normalize(join(dirname(entry.from), entry.to)) }))

/** The room a file stands in: `lib/aws`, `runbooks`, `scripts`. */
const roomOf = (file: string) =>
  file.startsWith('lib/') ? file.split('/').slice(0, 2).join('/') : (file.split('/')[0] ?? '')

/** Which rooms a room may import from (design: imports point one way). The engine's words are open to all. */
const mayImport: { readonly [room: string]: readonly string[] } = {
  runbooks: ['lib/changes', 'lib/checks', 'lib/nodes', 'lib/fleet', 'lib/runbook'],
  'lib/runbook': [],
  'lib/changes': ['lib/checks', 'lib/fleet', 'lib/aws', 'lib/kube', 'lib/shell', 'lib/runbook'],
  'lib/checks': ['lib/fleet', 'lib/aws', 'lib/kube', 'lib/shell', 'lib/runbook'],
  'lib/nodes': ['lib/runbook'],
  'lib/fleet': ['lib/aws', 'lib/kube', 'lib/shell', 'lib/runbook'],
  'lib/import': ['lib/fleet', 'lib/aws', 'lib/kube', 'lib/runbook'],
  'lib/aws': ['lib/runbook'],
  'lib/kube': ['lib/runbook'],
  'lib/ssm': ['lib/aws', 'lib/runbook'],
  'lib/shell': ['lib/runbook'],
  'lib/evidence': ['lib/fleet', 'lib/runbook'],
  'lib/report': ['lib/evidence', 'lib/runbook'],
  'lib/twin': ['lib/fleet', 'lib/runbook'],
}

/** The two sides of a wire agree on its shape: a type, no code. */
const isWireContract = (file: string) => file === 'lib/kube/transport.ts'

const sdk = /^(@aws-sdk|@smithy|@kubernetes\/client-node|zx)/
const sdkRooms = ['lib/aws', 'lib/kube', 'lib/ssm', 'lib/shell', 'scripts', 'lib/twin']

describe('imports point one way', () => {
  test.each(Object.entries(mayImport))('%s imports only the rooms below it', (room, below) => {
    const foreign = local.filter(
      ({ from, to }) =>
        roomOf(from) === room && roomOf(to) !== room && !below.includes(roomOf(to)) && !isWireContract(to),
    )
    expect(foreign).toEqual([])
  })

  test('only the command line imports the twin', () => {
    const foreign = local.filter(
      ({ from, to }) =>
        roomOf(to) === 'lib/twin' && !['lib/twin', 'lib/cli', 'scripts'].includes(roomOf(from)),
    )
    expect(foreign).toEqual([])
  })

  test('SDKs, client-node and zx are imported by their adapters only', () => {
    const foreign = imports.filter(
      ({ from, to, typeOnly }) => sdk.test(to) && !typeOnly && !sdkRooms.includes(roomOf(from)),
    )
    expect(foreign).toEqual([])
  })

  test('runbooks import no SDK, not even a type', () => {
    expect(imports.filter(({ from, to }) => roomOf(from) === 'runbooks' && sdk.test(to))).toEqual([])
  })

  test('no import goes in a circle', () => {
    expect(findCycle(local)).toEqual([])
  })
})

describe('time and chance come in from outside', () => {
  const clocks = ['lib/cli/wall-clock.ts', 'lib/twin/live-timeline.ts']
  const forbidden =
    /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\(|\bperformance\.now\(|\brandomUUID\(/

  test('only the two clocks read the wall clock', () => {
    const guilty = files
      .filter((file) => !file.startsWith('scripts/') && !clocks.includes(file))
      .map((file) => [file, forbidden.exec(codeOf(file))?.[0]])
      .filter(([, found]) => found !== undefined)
    expect(guilty).toEqual([])
  })
})

describe('the house stays readable', () => {
  test.each(files.filter((file) => file.startsWith('runbooks/')))('%s has at most 80 lines', (file) => {
    expect((source.get(file) ?? '').trimEnd().split('\n').length).toBeLessThanOrEqual(80)
  })

  test('nothing is named after its kind', () => {
    expect(files.filter((file) => /\/(utils|helpers|constants|interfaces|types)\b/.test(file))).toEqual([])
  })

  test('only the command line ends the process', () => {
    const exits = files.filter(
      (file) =>
        /process\.exit\(/.test(source.get(file) ?? '') &&
        roomOf(file) !== 'lib/cli' &&
        roomOf(file) !== 'scripts',
    )
    expect(exits).toEqual([])
  })
})

/** Without comments. */
const codeOf = (file: string): string => (source.get(file) ?? '').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')

/** Files of the first circle found, empty when there is none. */
const findCycle = (edges: readonly { readonly from: string; readonly to: string }[]): readonly string[] => {
  const next = Map.groupBy(edges, ({ from }) => from)
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const { to } of next.get(file) ?? []) {
      const cycle = visit(to, [...path, file])
      if (cycle.length > 0) return cycle
    }
    done.add(file)
    return []
  }
  for (const { from } of edges) {
    const cycle = visit(from, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
