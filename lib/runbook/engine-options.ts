import type { Clock } from './clock.ts'
import type { RunbookError } from './errors.ts'
import type { BrokenGlass, Clearance, EndState, FleetRules, StepDifference } from './journal-event.ts'
import type { Json } from './json.ts'
import type { Owner } from './lock-record.ts'
import type { Operator } from './operator.ts'
import type { PlannedStep } from './plan.ts'
import type { Random } from './random.ts'
import type { AnyRunbook } from './runbook.ts'
import type { StepView } from './run-view.ts'
import type { StateStore } from './store.ts'

/** What the engine gets from outside. `T` is the target with its APIs; the engine only hands it on. */
export interface EngineOptions<T> {
  readonly target: T
  readonly runbook: AnyRunbook<T>
  readonly store: StateStore
  readonly clock: Clock
  readonly random: Random
  readonly operator: Operator
  /** Aborted once: stop at the next safe point. */
  readonly signal: AbortSignal
  /** This process. */
  readonly owner: Owner
  /** True only when that process is surely gone: it was on this host and is no more. */
  readonly isGone: (owner: Owner) => boolean
  /** Version of the tool. */
  readonly tool: string
  /** ARN of the caller, for the journal. */
  readonly by?: string
  /** sha256 in hex over the code of the tool, for the journal. */
  readonly toolDigest?: string
  /** How the gate was passed, for the journal of a new run. */
  readonly clearance?: Clearance
  /** The rules by which it was cleared, for the journal of a new run. */
  readonly fleet?: FleetRules
  /** Called once, under the lock, before a new run of that name is written down: throws to refuse it. */
  readonly claim?: (run: string) => Promise<void>
  /**
   * Holds each step that is done against the same step of the run that proved it: a difference stops the run before
   * the next step until somebody accepts it.
   */
  readonly proof?: Proof
  /** On `resume`: the yes to the differences that stopped the run. */
  readonly acceptDifferences?: { readonly reason: string }
  /** On `resume`: what was refused but for the broken glass; journaled. */
  readonly brokenGlass?: BrokenGlass
  /** On `resume`: what the operator says to a step, journaled as its note before anything moves. */
  readonly remark?: { readonly step: string; readonly key: string; readonly value: Json }
  /** On top of what redact.ts takes out. */
  readonly redact?: (value: Json) => Json
  /** Takes the stale lock of another run; the reason is journaled. */
  readonly takeOver?: { readonly reason: string }
  /** Default 120. */
  readonly leaseSeconds?: number
}

/** What steps are held against. */
export interface Proof {
  /** Name of the evidence. */
  readonly name: string
  /** What the step did otherwise; nothing where it went as it was proven. */
  readonly compare: (step: StepView, planned: PlannedStep) => readonly StepDifference[]
}

/** How a run left the engine. */
export interface RunOutcome {
  readonly run: string
  readonly state: EndState
  /** Exit code of the process: 0 done, 1 failed, 3 refused by a check, 4 stopped and resumable, 5 waiting. */
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5
  readonly error?: RunbookError
}
