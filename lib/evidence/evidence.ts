import type { Inputs } from '../runbook/runbook.ts'
import type { Outcome } from '../runbook/finding.ts'
import type { PlanTarget } from '../runbook/plan.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'

/** What a finished run proved. Plain data; the predicate of a signed in-toto statement. Times are ISO 8601. */
export interface Evidence {
  readonly schema: 1
  /** The run it was made from; the name it is kept under. */
  readonly run: string
  /** 32 hex digits by chance: two statements are never the same bytes. */
  readonly nonce: string
  readonly runbook: string
  readonly tool: ToolIdentity
  readonly target: PlanTarget
  readonly inputs: Inputs
  readonly plan: {
    readonly digest: string
    /** sha256 in hex over the canonical JSON of the steps. */
    readonly stepsDigest: string
    readonly plannedBy: string
    readonly plannedAt: string
    readonly findings: readonly EvidenceFinding[]
  }
  /** From and to versions, add-on and AMI versions, node families. */
  readonly shape: PlanShape
  readonly steps: readonly StepEvidence[]
  readonly state: 'done'
  readonly startedAt: string
  readonly endedAt: string
  /** ARN of who ran it last. */
  readonly by: string
  readonly resumes: number
  /** The chain as it was at the end of the run: its last line's hash and how many lines there were. */
  readonly journal: { readonly lines: number; readonly head: string }
  /** Set when the gate was passed by breaking the glass: such a run proves nothing. */
  readonly brokeGlass?: string
}

/** Which code did it: `digest` is sha256 in hex over the package's own code files. */
export interface ToolIdentity {
  readonly version: string
  readonly digest: string
}

export interface EvidenceFinding {
  readonly code: string
  readonly outcome: Outcome
  readonly object: string
}

/** One step as it went. */
export interface StepEvidence {
  readonly id: string
  /** The same on every cluster: the id with names of node groups taken out (Step.counterpart), else the id. */
  readonly counterpart: string
  readonly title: string
  /** `already`: its state was there before the run touched it. */
  readonly outcome: 'done' | 'already'
  /** Code of each error that it stopped with before, oldest first; left out where it went through at once. */
  readonly failures?: readonly string[]
  /** True for a step that moves nothing that lasts: `already` is no gap there. */
  readonly looksOnly: boolean
  readonly seconds: number
  readonly expectedSeconds: number
  readonly findings: readonly (EvidenceFinding & { readonly when: 'before' | 'after' })[]
}
