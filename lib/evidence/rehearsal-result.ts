import type { Finding } from '../runbook/finding.ts'
import type { ErrorRecord } from '../runbook/journal-event.ts'

/** Which troubles a rehearsal lets happen. */
export const faultProfiles = ['none', 'usual', 'harsh'] as const

export type FaultProfile = (typeof faultProfiles)[number]

/** What a rehearsal showed. Plain data; seconds are those of the cluster, not of this machine. */
export interface RehearsalResult {
  readonly runbook: string
  readonly title: string
  /** Name in the fleet. */
  readonly cluster: string
  /** Where the world came from, for people: a file or an import. */
  readonly world: string
  readonly faults: FaultProfile
  readonly stepsDigest: string
  readonly steps: number
  readonly findings: readonly Finding[]
  /** Why nothing was rehearsed: a check stops the plan. */
  readonly refused?: ErrorRecord
  /** A run for each seed that was tried, in order. */
  readonly runs: readonly RehearsedRun[]
  /** Over the runs that ended; left out where none did. */
  readonly predicted?: Prediction
  /** What this rests on, a sentence each. */
  readonly assumed: readonly string[]
  /** True when somebody stopped the rehearsal. */
  readonly interrupted: boolean
  /** Name of the signed record; left out where none was kept. */
  readonly record?: string
}

/** One run on the twin. */
export interface RehearsedRun {
  readonly seed: number
  readonly ended: 'done' | 'stopped'
  /** Where and why it stopped for good. */
  readonly stop?: RehearsalStop
  readonly seconds: number
  readonly steps: readonly RehearsedStep[]
  /** Stops that were gone on from. */
  readonly resumes: readonly RehearsalStop[]
  readonly nodes: NodeFigures
  /** Pods evicted by the run. */
  readonly evictions: number
  /** Budgets that held an eviction back, the longest first. */
  readonly budgets: readonly BindingBudget[]
  readonly requests: RequestFigures
  /** The longest time that one thing was out of service; left out where nothing was. */
  readonly longestPause?: { readonly kind: string; readonly object: string; readonly seconds: number }
  readonly faults: readonly PlacedFault[]
}

/** A stop of a run; `step` is the title of the step it stopped at, left out between steps. */
export interface RehearsalStop extends ErrorRecord {
  readonly step?: string
  /** The injected fault that caused it; left out for the world's own trouble. */
  readonly injected?: string
}

export interface RehearsedStep {
  readonly id: string
  readonly title: string
  readonly seconds: number
}

/** Nodes above those of the beginning: the most at once, and all of them over time. */
export interface NodeFigures {
  readonly peakExtra: number
  readonly extraInstanceHours: number
}

export interface BindingBudget {
  /** `namespace/name`. */
  readonly budget: string
  /** Evictions that the server refused for it. */
  readonly refusals: number
  /** How long a pod under it had to leave its node while it allowed none. */
  readonly seconds: number
  /** True where the rehearsal itself held it. */
  readonly injected?: true
}

/** Requests of the run: to AWS by service, to Kubernetes by verb. */
export interface RequestFigures {
  readonly aws: { readonly [service: string]: number }
  readonly kubernetes: { readonly [verb: string]: number }
}

export interface PlacedFault {
  /** What happens, such as `throttle of eks:UpdateAddon`. */
  readonly what: string
  readonly struck: number
}

/** Over seeds, in seconds. */
export interface Spread {
  readonly p50: number
  readonly p90: number
}

export interface Prediction extends Spread {
  readonly steps: readonly (Spread & { readonly id: string; readonly title: string })[]
}

/** A quantile by the nearest rank: the smallest value that so many of them do not exceed. NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** The durations to expect, over the runs that ended; undefined where none did. */
export const predict = (runs: readonly RehearsedRun[]): Prediction | undefined => {
  const done = runs.filter(({ ended }) => ended === 'done')
  const [first] = done
  if (!first) return undefined
  return {
    ...spread(done.map(({ seconds }) => seconds)),
    steps: first.steps.map(({ id, title }, index) => ({
      id,
      title,
      ...spread(done.map(({ steps }) => steps[index]?.seconds ?? 0)),
    })),
  }
}

const spread = (seconds: readonly number[]): Spread => ({
  p50: Math.round(quantile(seconds, 0.5)),
  p90: Math.round(quantile(seconds, 0.9)),
})
