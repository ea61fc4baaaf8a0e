/** One measured number. */
export interface Figure {
  readonly what: string
  /** Median of `samples`. */
  readonly value: number
  readonly unit: string
  readonly samples: number
  /** Worth less (`at most`) or more (`at least`) is a miss. */
  readonly goal?: { readonly at: 'most' | 'least'; readonly value: number }
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export const isMet = ({ value, goal }: Figure): boolean =>
  goal === undefined || (goal.at === 'most' ? value <= goal.value : value >= goal.value)

/** `1.92`, `38`, `1,250`: as many digits as mean something. */
export const shownValue = (value: number): string =>
  value.toLocaleString('en', value < 10 ? { maximumFractionDigits: 2 } : { maximumFractionDigits: 0 })

export const shownGoal = (figure: Figure): string =>
  figure.goal === undefined
    ? 'none'
    : `at ${figure.goal.at} ${shownValue(figure.goal.value)}: ${isMet(figure) ? 'met' : 'missed'}`
