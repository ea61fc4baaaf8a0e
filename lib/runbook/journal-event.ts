import type { Finding } from './finding.ts'
import type { Json } from './json.ts'
import type { Owner } from './lock-record.ts'
import type { Plan } from './plan.ts'
import type { Pause } from './runbook.ts'

/** Version of the journal's format. A journal with a higher one is refused (R042). */
export const journalVersion = 1

/** An error as it is written down. */
export interface ErrorRecord {
  /** `R022`, or the name of a foreign error. */
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** Which way a step is walked: forward, back, or only its pauses are restored. */
export type Scope = 'do' | 'undo' | 'restore'

/** How a run can end; each but `done` and `undone` leaves something that can be gone on with. */
export type EndState =
  | 'done'
  | 'failed'
  | 'stopped'
  | 'waiting-for-credentials'
  | 'waiting-for-approval'
  | 'undone'
  | 'partly-undone'

/** How the gate was passed: by evidence and, where the fleet asks for it, an approval; or by breaking the glass. */
export interface Clearance {
  /** Name of the evidence that steps are held against. */
  readonly evidence?: string
  /** Name of the rehearsal that was asked for. */
  readonly rehearsal?: string
  readonly approval?: {
    readonly by: string
    readonly at: string
    readonly reason: string
    readonly name: string
  }
  readonly brokenGlass?: BrokenGlass
}

/** Who went on although the gate refused, why, and the codes that were skipped. */
export interface BrokenGlass {
  readonly by: string
  readonly reason: string
  readonly skipped: string
}

/** By which rules a run began. */
export interface FleetRules {
  /** sha256 in hex over the fleet as it was understood. */
  readonly digest: string
  /** Whether by these rules the cluster needs evidence. */
  readonly gated: boolean
}

/** What a step did otherwise than its counterpart. */
export interface StepDifference {
  readonly kind: 'finding' | 'outcome' | 'duration' | 'no-counterpart'
  /** The object or step it is about. */
  readonly object: string
  /** What the run that proved it showed. */
  readonly expected: string
  readonly found: string
}

/** Which action an event is about. */
interface ActionKey {
  readonly step: string
  readonly scope: Scope
  readonly key: string
  readonly attempt: number
}

/** Everything that is written to a journal. */
export type JournalEvent =
  | {
      readonly type: 'run-started'
      readonly version: number
      readonly run: string
      readonly tool: string
      readonly plan: Plan
      /** ARN of who runs it; empty when not known. */
      readonly by: string
      readonly owner: Owner
      /** sha256 in hex over the code of the tool. */
      readonly toolDigest?: string
      /** How the gate before production was passed. */
      readonly clearance?: Clearance
      /** The rules that said whether there was one. */
      readonly fleet?: FleetRules
    }
  | {
      readonly type: 'run-continued'
      readonly way: 'resume' | 'undo' | 'repair'
      readonly tool: string
      readonly by: string
      readonly owner: Owner
      readonly toolDigest?: string
    }
  | {
      readonly type: 'lock-taken'
      readonly from: { readonly run: string; readonly owner: Owner } | null
      readonly reason: string
    }
  | { readonly type: 'torn-line-dropped'; readonly line: number; readonly characters: number }
  | { readonly type: 'step-started'; readonly step: string }
  | { readonly type: 'step-already'; readonly step: string }
  | { readonly type: 'step-done'; readonly step: string }
  | { readonly type: 'step-failed'; readonly step: string; readonly error: ErrorRecord }
  | {
      readonly type: 'checked'
      readonly step: string
      readonly when: 'before' | 'after'
      readonly findings: readonly Finding[]
    }
  | (ActionKey & {
      readonly type: 'intent'
      readonly token: string
      readonly name: string
      readonly object: string
      readonly parameters?: Json
      readonly seen?: Json
      /** Kind and object of the pause that this call takes or restores. */
      readonly pause?: string
    })
  | (ActionKey & { readonly type: 'result' })
  | (ActionKey & { readonly type: 'refused' | 'ambiguous'; readonly error: ErrorRecord })
  | {
      /** What came of the unanswered attempts of this action was seen in the world: the next one is a new attempt. */
      readonly type: 'concluded'
      readonly step: string
      readonly scope: Scope
      readonly name: string
      readonly object: string
    }
  | {
      readonly type: 'note'
      readonly step: string
      readonly scope: Scope
      readonly key: string
      readonly value: Json
    }
  | { readonly type: 'paused'; readonly step: string; readonly pause: Pause }
  | {
      readonly type: 'restored'
      readonly step: string
      readonly kind: string
      readonly object: string
      /** True when the object is no longer there: nothing had to be put back. */
      readonly gone: boolean
      /** True at the end of a run or by a later step: the step that paused it is not walked again for that. */
      readonly final: boolean
    }
  | {
      /** Paused for good: nobody puts it back but the undo of the step. */
      readonly type: 'left-paused'
      readonly step: string
      readonly kind: string
      readonly object: string
    }
  | {
      readonly type: 'restore-failed'
      readonly step: string
      readonly kind: string
      readonly object: string
      readonly error: ErrorRecord
    }
  | {
      /** A step that is done, held against the same step of the run that proved it. */
      readonly type: 'compared'
      readonly step: string
      /** Name of the evidence. */
      readonly with: string
      readonly differences: readonly StepDifference[]
    }
  | {
      /** Somebody saw the differences of a step and goes on. */
      readonly type: 'accepted'
      readonly step: string
      readonly by: string
      readonly reason: string
    }
  | ({
      /** On the way into a run that goes on: its evidence was lost or the gate refused it, and nothing is held without it. */
      readonly type: 'glass-broken'
    } & BrokenGlass)
  | { readonly type: 'undo-started'; readonly step: string }
  | { readonly type: 'undo-done'; readonly step: string }
  | { readonly type: 'undo-failed'; readonly step: string; readonly error: ErrorRecord }
  | { readonly type: 'run-ended'; readonly state: EndState; readonly error?: ErrorRecord }

/** One line of a journal. */
export interface JournalLine {
  readonly hash: string
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
  /** Epoch of the lock under which it was written. */
  readonly epoch: number
  /** Hash of the line before; empty on the first. */
  readonly prev: string
  readonly event: JournalEvent
}
