import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { z } from 'zod'
import { nearest, suggest } from './did-you-mean.ts'
import { plainIssues } from './plain-issues.ts'

/** One thing wrong in a YAML file, with its place. Lines and columns count from 1. */
export interface YamlProblem {
  readonly line: number
  readonly column: number
  /** Such as `clusters[0].account`; empty for the file as a whole. */
  readonly path: string
  readonly expected: string
  readonly found: string
  /** What to change. */
  readonly fix: string
}

export type YamlReading<T> =
  | { readonly value: T }
  | { readonly problems: readonly [YamlProblem, ...YamlProblem[]] }

/** How much of it is read. */
export interface YamlLimits {
  readonly bytes: number
  /** Keys, values and punctuation, as the YAML lexer counts them. */
  readonly tokens: number
}

/**
 * Reads YAML that people wrote by hand, strictly: caps on size, tokens and depth, one document, no anchors, aliases,
 * merge keys or tags, no duplicate and no prototype keys, and only what the schema knows.
 */
export const readStrictYaml = <T>(text: string, schema: z.ZodType<T>, limits: YamlLimits): YamlReading<T> => {
  const tooMuch = excess(text, limits)
  if (tooMuch) return refused([tooMuch])
  const lines = new LineCounter()
  // Comparing each key with all others takes time that grows with the square: forbiddenNodes looks each up in a set.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    merge: false,
    version: '1.2',
  })
  const place = placesOf(document, lines)
  const malformed = [...syntaxProblems(document, place), ...forbiddenNodes(document, place)]
  if (malformed.length > 0) return refused(malformed)
  const data: unknown = document.toJS()
  const parsed = schema.safeParse(data)
  if (parsed.success) return { value: parsed.data }
  const known = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const plain = plainIssues(parsed.error.issues, (path) => valueAt(data, path))
  const misspelt = misspeltPaths(plain, known)
  const issues = plain.filter((issue) => !misspelt.has(pathText(issue.path)))
  return refused(issues.flatMap((issue) => schemaProblems(issue, data, known, place)))
}

const deepest = 64

/** What makes a text too much to read, found in time that grows with its length. */
const excess = (text: string, limits: YamlLimits): YamlProblem | undefined => {
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.bytes) return wholeFile(`at most ${limits.bytes} bytes`, `${bytes} bytes`, 'split it')
  const lines = new LineCounter()
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  let tokens = 0
  for (const token of new Lexer().lex(text)) {
    tokens += 1
    const problem = (expected: string, found: string, fix: string): YamlProblem => {
      const { line, col } = lines.linePos(parser.offset)
      return { ...wholeFile(expected, found, fix), line: Math.max(1, line), column: Math.max(1, col) }
    }
    if (tokens > limits.tokens) return problem(`at most ${limits.tokens} words and signs`, 'more', 'split it')
    for (const _ of parser.next(token));
    if (parser.stack.length > deepest) return problem(`at most ${deepest} levels`, 'more', 'nest less')
  }
  return undefined
}

type Place = Pick<YamlProblem, 'line' | 'column'>
type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

interface Places {
  readonly at: (offset: number | undefined) => Place
  readonly value: (path: Path) => Place
  readonly key: (path: Path, key: string) => Place
}

const refused = (
  problems: readonly YamlProblem[],
): { problems: readonly [YamlProblem, ...YamlProblem[]] } => {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const [first = wholeFile('a readable file', 'none', 'look at the file'), ...rest] = sorted
  return { problems: [first, ...rest] }
}

const wholeFile = (expected: string, found: string, fix: string): YamlProblem => ({
  line: 1,
  column: 1,
  path: '',
  expected,
  found,
  fix,
})

const placesOf = (document: Document, lines: LineCounter): Places => {
  const at = (offset: number | undefined): Place => {
    const { line, col } = lines.linePos(offset ?? 0)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const pairOf = pairFinder()
  const child = (node: unknown, part: PropertyKey): unknown => {
    if (isMap(node)) return pairOf(node, String(part))?.value
    return isSeq(node) ? node.items[Number(part)] : undefined
  }
  const nodeAt = (path: Path): unknown => path.reduce(child, document.contents as unknown)
  const value = (path: Path): Place => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodeAt(path.slice(0, length))
      if (isNode(node) && node.range) return at(node.range[0])
    }
    return at(0)
  }
  const key = (path: Path, name: string): Place => {
    const map = nodeAt(path)
    const pair = isMap(map) ? pairOf(map, name) : undefined
    return isScalar(pair?.key) && pair.key.range ? at(pair.key.range[0]) : value(path)
  }
  return { at, value, key }
}

/** The pair of a key; each map is gone through once, however many of its keys are asked for. */
const pairFinder = () => {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>()
  return (map: YAMLMap, key: string): Pair | undefined => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [String(pair.key), pair]))
    indexes.set(map, index)
    return index.get(key)
  }
}

const wellFormed = 'well-formed YAML in one document'

const syntaxProblems = (document: Document, places: Places): YamlProblem[] =>
  document.errors.map((error) => ({
    ...places.at(error.pos[0]),
    path: '',
    expected: wellFormed,
    found: error.message.replace(/ at line \d+[^]*/, ''),
    fix: 'mend this line',
  }))

const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype'])

const forbiddenNodes = (document: Document, places: Places): YamlProblem[] => {
  const problems: YamlProblem[] = []
  const refuse = (offset: number | undefined, expected: string, found: string, fix: string) =>
    problems.push({ ...places.at(offset), path: '', expected, found, fix })
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        if (seen.has(String(key)))
          refuse(offsetOf(key), wellFormed, 'Map keys must be unique', 'keep one of the two')
        seen.add(String(key))
      }
    },
    Alias: (_, node) => void refuse(node.range?.[0], 'no aliases', `*${node.source}`, 'write the value out'),
    Pair: (_, pair) => {
      if (!isScalar(pair.key)) refuse(undefined, 'plain keys', 'a key that is not a word', 'use a plain key')
      else if (prototypeKeys.has(String(pair.key.value)))
        refuse(pair.key.range?.[0], 'no prototype keys', String(pair.key.value), 'remove this key')
    },
    Node: (_, node) => {
      if ('anchor' in node && node.anchor)
        refuse(node.range?.[0], 'no anchors', `&${node.anchor}`, 'remove the anchor')
      if (node.tag?.startsWith('!')) refuse(node.range?.[0], 'no tags', node.tag, 'remove the tag')
    },
  })
  return problems
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

/** Keys that are missing because they were misspelt: the unknown key is told instead. */
const misspeltPaths = (issues: readonly Issue[], known: unknown): Set<string> =>
  new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) =>
            pathText([...issue.path, nearest(key, keysAt(known, known, issue.path)) ?? '']),
          )
        : [],
    ),
  )

const schemaProblems = (issue: Issue, data: unknown, known: unknown, places: Places): YamlProblem[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...places.key(issue.path, key),
      path: pathText([...issue.path, key]),
      expected: 'a known key',
      found: key,
      fix: suggest(key, keysAt(known, known, issue.path)),
    }))
  const found = valueAt(data, issue.path)
  return [
    {
      ...places.value(issue.path),
      path: pathText(issue.path),
      expected: expectation(issue),
      found: shown(found),
      fix: fixOf(issue, found),
    },
  ]
}

const expectation = (issue: Issue): string => {
  if (issue.code === 'custom') return String(issue.params?.['expected'] ?? issue.message)
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`
  return issue.message.replace(/^Invalid input: expected /, '').replace(/, received .*$/, '')
}

const fixOf = (issue: Issue, found: unknown): string => {
  if (issue.code === 'custom' && typeof issue.params?.['fix'] === 'string') return issue.params['fix']
  if (issue.code === 'invalid_value') return suggest(String(found), issue.values.map(String))
  if (found === undefined) return `add ${String(issue.path.at(-1) ?? 'it')}`
  if (issue.code === 'invalid_type' && issue.expected === 'string')
    return `write it in quotes: '${shown(found)}'`
  return 'change the value'
}

/** User and password of an address, and its query. */
const userInfo = /\/\/[^\s"]*@/g
const query = /(\/\/[^\s"?#]*)[?#][^\s"]*/g

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = (JSON.stringify(value) ?? 'nothing').replaceAll(userInfo, '//...@').replaceAll(query, '$1?...')
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const pathText = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')

const valueAt = (data: unknown, path: Path): unknown => {
  let at = data
  for (const part of path) at = member(at, part)
  return at
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as { readonly [key: PropertyKey]: unknown })[key]
    : undefined

/** The keys that the JSON Schema knows at a path. */
const keysAt = (root: unknown, schema: unknown, path: Path): string[] => {
  const reference = member(schema, '$ref')
  if (typeof reference === 'string')
    return keysAt(root, valueAt(root, reference.replace('#/', '').split('/')), path)
  const choices = member(schema, 'anyOf')
  if (Array.isArray(choices)) return [...new Set(choices.flatMap((choice) => keysAt(root, choice, path)))]
  const [head, ...rest] = path
  if (head === undefined) return Object.keys(member(schema, 'properties') ?? {})
  const next =
    typeof head === 'number'
      ? member(schema, 'items')
      : (member(member(schema, 'properties'), head) ?? member(schema, 'additionalProperties'))
  return next === undefined ? [] : keysAt(root, next, rest)
}
