import type { Json } from './json.ts'
import { asJson, type Plan } from './plan.ts'

/** One place where two plans differ; `undefined`: not there. */
export interface PlanDifference {
  /** Such as `facts.addOns.vpc-cni.to` or `steps[hop-1.33/control-plane].title`. */
  readonly path: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Where two plans differ in what counts for the digest, path by path; steps are matched by their id. */
export const diffPlans = (before: Plan, after: Plan): readonly PlanDifference[] => {
  const [left, right] = [membersOf(asJson(before)), membersOf(asJson(after))]
  return digested.flatMap((part) => differences(part, left?.get(`.${part}`), right?.get(`.${part}`)))
}

const digested = ['runbook', 'tool', 'target', 'inputs', 'facts', 'steps', 'asProven'] as const

/** One line for people: `facts.addOns.vpc-cni.to: v1.19.0 -> v1.20.1`. */
export const formatDifference = ({ path, before, after }: PlanDifference): string =>
  `${path}: ${shown(before)} -> ${shown(after)}`

/** Longest text shown of one side. */
const longest = 60

const shown = (value: Json | undefined): string => {
  if (value === undefined) return '(not there)'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}

/** The differences that count most first (inputs, then facts, then steps), so many of them, and how many more there are. */
export const summarizeDifferences = (differences: readonly PlanDifference[], most = 6): string => {
  const lines = differences.slice(0, most).map(formatDifference)
  const rest = differences.length - lines.length
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}

const differences = (
  path: string,
  before: Json | undefined,
  after: Json | undefined,
): readonly PlanDifference[] => {
  const [left, right] = [membersOf(before), membersOf(after)]
  if (!left || !right || Array.isArray(before) !== Array.isArray(after))
    return before === after || same(before, after) ? [] : [{ path, before, after }]
  const keys = [...new Set([...left.keys(), ...right.keys()])]
  const inner = keys.flatMap((key) => differences(`${path}${key}`, left.get(key), right.get(key)))
  return inner.length > 0 || sameOrder([...left.keys()], [...right.keys()], before)
    ? inner
    : [{ path: `${path} (order)`, before: [...left.keys()], after: [...right.keys()] }]
}

const same = (before: Json | undefined, after: Json | undefined) =>
  JSON.stringify(before) === JSON.stringify(after)

/** The order of a list counts, that of members does not. */
const sameOrder = (before: readonly string[], after: readonly string[], value: Json | undefined) =>
  !Array.isArray(value) || before.join('\n') === after.join('\n')

/** Members of a value by how they continue its path; undefined for what has none. */
const membersOf = (value: Json | undefined): ReadonlyMap<string, Json | undefined> | undefined => {
  if (Array.isArray(value)) return itemsOf(value)
  if (value === null || typeof value !== 'object') return undefined
  const members = Object.entries(value as { readonly [key: string]: Json | undefined })
  return new Map(members.filter(([, item]) => item !== undefined).map(([key, item]) => [`.${key}`, item]))
}

/** By name where each has its own, so that one more at the top does not make all others differ; else by place. */
const itemsOf = (items: readonly Json[]): ReadonlyMap<string, Json> => {
  const named = new Map(items.map((item, at) => [`[${nameOf(item) ?? at}]`, item]))
  return named.size === items.length ? named : new Map(items.map((item, at) => [`[${at}]`, item]))
}

const nameOf = (item: Json): string | undefined => {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return undefined
  const { id, name } = item as { readonly [key: string]: Json | undefined }
  if (typeof id === 'string') return id
  return typeof name === 'string' ? name : undefined
}
