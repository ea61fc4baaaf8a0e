import type { Finding } from './finding.ts'
import type {
  BrokenGlass,
  Clearance,
  EndState,
  ErrorRecord,
  FleetRules,
  Scope,
  StepDifference,
} from './journal-event.ts'
import type { Json } from './json.ts'
import type { Owner } from './lock-record.ts'
import type { Plan, PlanTarget } from './plan.ts'

/** `running` says what the journal says; `interrupted`: nobody is running it any more. */
export type RunState = 'running' | 'interrupted' | EndState

/** `failed` also stands for stopped in the middle; the run's error says which. */
export type StepState = 'waiting' | 'running' | 'done' | 'already' | 'failed' | 'undoing' | 'undone'

/** A run as its journal tells it. Plain data. Times are ISO 8601. */
export interface RunView {
  readonly id: string
  readonly runbook: string
  readonly title: string
  readonly target: PlanTarget
  readonly plan: Plan
  /** Version of the tool that ran it last. */
  tool: string
  /** ARN of who ran it last; empty when not known. */
  by: string
  /** ARNs of all who ran it, in the order in which they came to it. */
  readonly callers: string[]
  owner: Owner
  state: RunState
  readonly startedAt: string
  updatedAt: string
  endedAt?: string
  error?: ErrorRecord
  epoch: number
  /** How often it went on in a new process. */
  resumes: number
  /** sha256 in hex over the code of each version of the tool that ran it, oldest first, without repetition. */
  readonly toolDigests: string[]
  /** By which rules of a fleet it began. */
  readonly fleet?: FleetRules
  /** How the gate was passed; left out where there was none. */
  clearance?: Clearance
  /** Each time that it went on by breaking the glass, oldest first; `clearance` tells of the first. */
  readonly glassBroken: (BrokenGlass & { readonly at: string })[]
  /** Of a run that broke the glass: open until somebody else has looked at it. */
  readonly review?:
    | {
        readonly state: 'open'
        /** Why the record that there is does not count. */ readonly refused?: string
      }
    | ({ readonly state: 'closed' } & Review)
  /** True once an undo began: it can no longer be resumed. */
  undoing: boolean
  readonly steps: StepView[]
  readonly pauses: PauseView[]
  readonly takeOvers: { readonly at: string; readonly from: string; readonly reason: string }[]
  readonly tornLines: number[]
}

/** Somebody other than who broke the glass has looked at the run: the ARN, when (ISO 8601), and what came of it. */
export interface Review {
  readonly run: string
  readonly by: string
  readonly at: string
  readonly reason: string
}

export interface StepView {
  readonly id: string
  readonly title: string
  state: StepState
  startedAt?: string
  endedAt?: string
  /** Of the time between start and end: seconds in which nobody walked it, as it had stopped or its process was gone. */
  idleSeconds?: number
  error?: ErrorRecord
  /** Done, but something it had paused was restored since: it is walked again on resume. */
  reopened: boolean
  /** Code of each error that it stopped with on its way forward, oldest first. */
  readonly failures: string[]
  readonly findings: {
    readonly when: 'before' | 'after'
    readonly at: string
    readonly findings: readonly Finding[]
  }[]
  /** How it went against its counterpart on staging; left out where it was not compared. */
  comparison?: {
    readonly with: string
    readonly differences: readonly StepDifference[]
    accepted?: { readonly at: string; readonly by: string; readonly reason: string }
  }
  readonly actions: ActionView[]
  readonly notes: { [key: string]: Json }
  readonly undoNotes: { [key: string]: Json }
}

export interface ActionView {
  readonly scope: Scope
  readonly name: string
  readonly object: string
  readonly attempt: number
  readonly token: string
  readonly startedAt: string
  endedAt?: string
  /**
   * `open`: announced, and nothing is known of its answer. `superseded`: nothing will ever be known, and its opposite
   * (a pause after a restore, a restore after a pause) was announced since, or its change saw what came of it.
   */
  outcome: 'open' | 'done' | 'refused' | 'ambiguous' | 'superseded'
  /** Kind and object of the pause that it takes or restores. */
  readonly pause?: string
  error?: ErrorRecord
}

export interface PauseView {
  readonly step: string
  readonly kind: string
  readonly object: string
  readonly restore: Json
  readonly pausedAt: string
  restoredAt?: string
  state: 'open' | 'restored' | 'gone' | 'left'
  /** Why the last attempt to restore it failed. */
  error?: ErrorRecord
}
