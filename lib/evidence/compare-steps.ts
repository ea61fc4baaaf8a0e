import { formatSeconds } from '../runbook/duration.ts'
import type { StepDifference } from '../runbook/journal-event.ts'
import type { StepEvidence } from './evidence.ts'

/** What counts as too long. */
export interface Tolerance {
  /** How many times longer than where it was proven a step may take. */
  readonly factor: number
}

/**
 * What a step did otherwise than the same step where it was proven; nothing where it went alike. Several groups may
 * share a counterpart there: the one that went most alike counts. `proven`: all steps of the run that proved it.
 */
export const compareStep = (
  done: StepEvidence,
  proven: readonly StepEvidence[],
  tolerance: Tolerance,
): readonly StepDifference[] => {
  const candidates = proven.filter(({ counterpart }) => counterpart === done.counterpart)
  const [first, ...others] = candidates.map((candidate) => differencesOf(done, candidate, tolerance))
  if (!first) return [withoutCounterpart(done)]
  return others.reduce((best, next) => (next.length < best.length ? next : best), first)
}

const withoutCounterpart = ({ counterpart }: StepEvidence): StepDifference => ({
  kind: 'no-counterpart',
  object: counterpart,
  expected: 'the same step',
  found: 'no such step',
})

const differencesOf = (
  done: StepEvidence,
  proven: StepEvidence,
  tolerance: Tolerance,
): readonly StepDifference[] => [
  ...outcomeDifference(done, proven),
  ...durationDifference(done, proven, tolerance),
  ...newFindings(done, proven),
]

const outcomeDifference = (done: StepEvidence, proven: StepEvidence): readonly StepDifference[] =>
  done.looksOnly || done.outcome === proven.outcome
    ? []
    : [{ kind: 'outcome', object: done.id, expected: proven.outcome, found: done.outcome }]

/** Below this many seconds more, a factor says nothing. */
const noiseSeconds = 60

const durationDifference = (
  done: StepEvidence,
  proven: StepEvidence,
  { factor }: Tolerance,
): readonly StepDifference[] => {
  const usual = usualSeconds(done, proven)
  if (done.seconds <= factor * usual || done.seconds <= usual + noiseSeconds) return []
  const atMost = formatSeconds(Math.max(factor * usual, usual + noiseSeconds))
  const there = proven.outcome === 'already' ? 'so already' : formatSeconds(proven.seconds)
  const expected = `up to ${atMost} (there ${there})`
  return [{ kind: 'duration', object: done.id, expected, found: formatSeconds(done.seconds) }]
}

/**
 * What the step took where it was proven, for as much work as is expected here. One that had nothing to do there says
 * nothing of time: then what is expected here counts.
 */
const usualSeconds = (done: StepEvidence, proven: StepEvidence): number => {
  if (proven.outcome === 'already') return Math.max(1, done.expectedSeconds)
  const isLarger = proven.expectedSeconds > 0 && done.expectedSeconds > proven.expectedSeconds
  const scale = isLarger ? done.expectedSeconds / proven.expectedSeconds : 1
  return Math.max(1, proven.seconds) * scale
}

/** Warnings and what could not be looked at; the objects are those of another cluster and count for nothing. */
const newFindings = (done: StepEvidence, proven: StepEvidence): readonly StepDifference[] => {
  const known = new Set(proven.findings.map(kindOf))
  const noticed = done.findings.filter(({ outcome }) => outcome === 'warn' || outcome === 'unknown')
  const news = Map.groupBy(
    noticed.filter((finding) => !known.has(kindOf(finding))),
    kindOf,
  )
  return [...news.values()].flatMap((findings) => {
    const [first] = findings
    if (!first) return []
    const more = new Set(findings.map(({ object }) => object)).size - 1
    const object = `${first.code} ${first.object}${more === 0 ? '' : ` and ${more} more`}`
    return [
      { kind: 'finding', object, expected: shownThere(proven, first.code), found: first.outcome },
    ] as const
  })
}

const kindOf = ({ code, outcome }: StepEvidence['findings'][number]): string => `${code} ${outcome}`

const shownThere = ({ findings }: StepEvidence, code: string): string => {
  const outcomes = new Set(findings.filter((finding) => finding.code === code).map(({ outcome }) => outcome))
  return outcomes.size === 0 ? 'no such finding' : [...outcomes].toSorted().join(', ')
}
