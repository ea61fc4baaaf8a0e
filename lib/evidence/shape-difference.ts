import type { Plan } from '../runbook/plan.ts'
import type { PlanShape, ShapeItem } from '../runbook/plan-shape.ts'
import type { Evidence } from './evidence.ts'
import { ruleOf } from './shape-rules.ts'

/** One thing that a plan has otherwise than what was proven. */
export interface ShapeDifference {
  readonly rule: string
  readonly object: string
  /** What was proven; empty where the evidence has no such thing. */
  readonly expected: string
  /** What the plan has; empty where it has no such thing. */
  readonly found: string
  /** Objects of the plan's cluster that it is about. */
  readonly names: readonly string[]
}

/** A difference that is no reason to refuse. */
export type AllowedDifference = ShapeDifference & { readonly reason: string }

/** A plan with its shape. */
export interface ShapedPlan {
  readonly plan: Pick<Plan, 'runbook' | 'target'>
  readonly shape: PlanShape
}

/** What the plan would do that was not proven just so: each item needs an equal one; what staging has on top is fine. */
export const unproven = ({ plan, shape }: ShapedPlan, evidence: Evidence): readonly ShapeDifference[] => {
  const proven = [runbookItem(evidence.runbook), ...evidence.shape.must]
  const missing = [runbookItem(plan.runbook), ...shape.must].filter(
    (item) => !proven.some((each) => isEqual(each, item)),
  )
  return groupedByValue(missing).map((item) => ({
    rule: item.rule,
    object: item.object,
    expected: valuesOf(proven, item),
    found: item.value,
    names: item.names,
  }))
}

/** What differs and may. */
export const allowed = ({ plan, shape }: ShapedPlan, evidence: Evidence): readonly AllowedDifference[] => {
  const ours = [clusterItem(plan.target), ...shape.may]
  const proven = [clusterItem(evidence.target), ...evidence.shape.may]
  const subjects = new Map([...ours, ...proven].map((item) => [`${item.rule}/${item.object}`, item]))
  return [...subjects.values()].flatMap(({ rule, object }) => {
    const [expected, found] = [valuesOf(proven, { rule, object }), valuesOf(ours, { rule, object })]
    const names = ours
      .filter((item) => item.rule === rule && item.object === object)
      .flatMap((item) => item.names)
    return expected === found
      ? []
      : [{ rule, object, expected, found, names, reason: ruleOf(rule)?.reason ?? '' }]
  })
}

const runbookItem = (id: string): ShapeItem => ({ rule: 'runbook', object: 'runbook', value: id, names: [] })

const clusterItem = ({ cluster, account, region }: Plan['target']): ShapeItem => ({
  rule: 'cluster-name',
  object: 'cluster',
  value: `${cluster} in ${account} ${region}`,
  names: [],
})

type Subject = Pick<ShapeItem, 'rule' | 'object'>

const isEqual = (a: ShapeItem, b: ShapeItem): boolean =>
  a.rule === b.rule && a.object === b.object && a.value === b.value

const valuesOf = (items: readonly ShapeItem[], { rule, object }: Subject): string =>
  [...new Set(items.filter((item) => item.rule === rule && item.object === object).map(({ value }) => value))]
    .toSorted()
    .join(' or ')

/** Several groups that miss the same thing are one difference with all their names. */
const groupedByValue = (items: readonly ShapeItem[]): readonly ShapeItem[] => {
  const groups = Map.groupBy(items, ({ rule, object, value }) => JSON.stringify([rule, object, value]))
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first ? [{ ...first, names: [...new Set([first, ...rest].flatMap(({ names }) => names))] }] : [],
  )
}
