import { formatSeconds } from '../runbook/duration.ts'
import type { Finding } from '../runbook/finding.ts'
import type { StepDifference } from '../runbook/journal-event.ts'
import type { EvidenceFinding, StepEvidence } from './evidence.ts'
import { findingKind, isByObject } from './finding-kind.ts'

/** What counts as too long. */
export interface Tolerance {
  /** How many times longer than where it was proven a step may take. */
  readonly factor: number
}

/** A step as it went, with the words of its findings where they are known. */
export interface DoneStep {
  readonly step: StepEvidence
  readonly said?: readonly Finding[]
}

/**
 * What a step did otherwise than the same step where it was proven; nothing where it went alike. Several groups may
 * share a counterpart there: the one that went most alike counts. `proven`: all steps of the run that proved it.
 */
export const compareStep = (
  done: DoneStep,
  proven: readonly StepEvidence[],
  tolerance: Tolerance,
): readonly StepDifference[] => {
  const { step } = done
  const shown = new Set(proven.flatMap(({ findings }) => findings.filter(isByObject).map(findingKind)))
  const candidates = proven.filter(({ counterpart }) => counterpart === step.counterpart)
  const [first, ...others] = candidates.map((candidate) => [
    ...outcomeDifference(step, candidate),
    ...durationDifference(step, candidate, tolerance),
    ...newFindings(done, { proven: candidate, shown }),
  ])
  if (!first) return [withoutCounterpart(step)]
  return others.reduce((best, next) => (next.length < best.length ? next : best), first)
}

const withoutCounterpart = ({ counterpart }: StepEvidence): StepDifference => ({
  kind: 'no-counterpart',
  object: counterpart,
  expected: 'the same step',
  found: 'no such step',
})

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

/**
 * Warnings and what could not be looked at. Most objects are those of another cluster and count for nothing; reasons of
 * warnings and checks of the team are called the same everywhere: `shown` has those of the whole run that proved it.
 */
const newFindings = (
  { step, said = [] }: DoneStep,
  { proven, shown }: { readonly proven: StepEvidence; readonly shown: ReadonlySet<string> },
): readonly StepDifference[] => {
  const known = new Set([...shown, ...proven.findings.map(findingKind)])
  const noticed = step.findings.filter(({ outcome }) => outcome === 'warn' || outcome === 'unknown')
  const news = Map.groupBy(
    noticed.filter((finding) => !known.has(findingKind(finding))),
    findingKind,
  )
  return [...news.values()].flatMap((findings) => {
    const [first] = findings
    if (!first) return []
    const more = new Set(findings.map(({ object }) => object)).size - 1
    const object = `${first.code} ${first.object}${more === 0 ? '' : ` and ${more} more`}`
    return [
      { kind: 'finding', object, expected: shownThere(proven, first), found: wordsOf(first, said) },
    ] as const
  })
}

const shownThere = ({ findings }: StepEvidence, about: EvidenceFinding): string => {
  const alike = findings.filter(
    ({ code, object }) => code === about.code && (!isByObject(about) || object === about.object),
  )
  const outcomes = new Set(alike.map(({ outcome }) => outcome))
  return outcomes.size === 0 ? 'no such finding' : [...outcomes].toSorted().join(', ')
}

/** The last that was said of it, which is how it stood when the step was done. */
const wordsOf = ({ code, object, outcome }: EvidenceFinding, said: readonly Finding[]): string => {
  const words = said.findLast(
    (each) => each.code === code && each.object === object && each.outcome === outcome,
  )
  return words ? `${outcome}: ${words.found}, not ${words.expected}` : outcome
}
