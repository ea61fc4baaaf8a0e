import type { V1LabelSelector } from '@kubernetes/client-node'

/** Labels of an object. */
export type Labels = { readonly [key: string]: string }

/** A selector in plain data. */
export interface LabelSelector {
  readonly matchLabels: Labels
  readonly matchExpressions: readonly {
    readonly key: string
    readonly operator: string
    readonly values: readonly string[]
  }[]
}

/** Undefined stays undefined: a budget without a selector selects nothing, an empty one selects all. */
export const labelSelectorFrom = (raw: V1LabelSelector | undefined): LabelSelector | undefined =>
  raw && {
    matchLabels: raw.matchLabels ?? {},
    matchExpressions: (raw.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
      key,
      operator,
      values,
    })),
  }

/**
 * Whether a selector selects these labels; no selector selects nothing.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export const selects = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  selector !== undefined &&
  Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
  selector.matchExpressions.every((expression) => holds(expression, labels))

const holds = (
  { key, operator, values }: LabelSelector['matchExpressions'][number],
  labels: Labels,
): boolean => {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
