import type { z } from 'zod'
import type { Clock } from './clock.ts'
import type { Finding } from './finding.ts'
import type { Json } from './json.ts'
import type { PlanShape } from './plan-shape.ts'
import type { Random } from './random.ts'

/** What reading code may use. `T` is the target: the cluster with its APIs (see lib/fleet/target.ts). */
export interface Look<T> {
  readonly target: T
  readonly clock: Clock
  readonly signal: AbortSignal
  /**
   * What this step wrote down with `note`, also in an earlier process of the same run. The way back has a memory of its
   * own; there `recall('do/<key>')` gives what the way forward wrote down.
   */
  readonly recall: (key: string) => Json | undefined
  /** What another step of the same run wrote down with `note` on its way forward; undefined where it did not. */
  readonly recallOf: (step: string, key: string) => Json | undefined
  /** When the pause of this object that is open now was recorded, in milliseconds; undefined where none is open. */
  readonly pausedAt: (pause: Pick<Pause, 'kind' | 'object'>) => number | undefined
  /**
   * Waits for what has a patience of its own, such as a program of the team, and tells what that is. The time in which
   * the step must reach its state stands still.
   */
  readonly outside: <R>(waitingFor: string, work: () => Promise<R>) => Promise<R>
}

/** One call that moves the world, as announced in the journal before it is made. */
export interface Action {
  /** AWS's or Kubernetes' own word with its service: `eks:UpdateClusterVersion`, `kubernetes:CreateEviction`. */
  readonly name: string
  /** The object acted on, exact enough to tell it from a later one of the same name (ARN, UID). */
  readonly object: string
  /** What is asked for, secrets left out. */
  readonly parameters?: Json
  /** The state seen right before. */
  readonly seen?: Json
}

/** Something taken out of service for a while. Recorded before it is done, restored on every way out. */
export interface Pause {
  /** Names the restorer: `asg-processes`, `cordon`, `replicas`. */
  readonly kind: string
  readonly object: string
  /** All that the restorer needs to put it back. */
  readonly restore: Json
}

/** What a change may use besides looking. */
export interface Act<T> extends Look<T> {
  readonly random: Random
  /**
   * Journals the intent (synced), makes the call with its deterministic client request token, journals the result.
   * Stops before the call when the operator asked to stop or the lock is lost.
   */
  readonly act: <R>(action: Action, call: (token: string) => Promise<R>) => Promise<R>
  /** Records the pause (synced), then acts. A pause already on record keeps its first `restore`. */
  readonly pause: (pause: Pause, action: Action, call: (token: string) => Promise<void>) => Promise<void>
  /** Ends a pause without putting it back: what was paused is from now on meant to be so. Nothing where none is open. */
  readonly leavePaused: (pause: Pick<Pause, 'kind' | 'object'>) => Promise<void>
  /**
   * Puts back now what is paused of this kind (without `object`: all of it, newest first), whichever step took it; that
   * step is not walked again for it. Nothing where nothing is paused. What fails stays open, and the way out tries again.
   */
  readonly restorePaused: (pauses: { readonly kind: string; readonly object?: string }) => Promise<void>
  /**
   * The world shows what came of an attempt whose answer is not known: it is over, and the same action is from now on
   * a new one with a new token. Nothing where the answer is known. To be called before what came of it is cleared away.
   */
  readonly conclude: (action: Pick<Action, 'name' | 'object'>) => Promise<void>
  /** Durable memory of this step. */
  readonly note: (key: string, value: Json) => Promise<void>
  readonly progress: (progress: Progress) => void
}

/** How far a wait has come. */
export interface Progress {
  /** What is being waited for, such as `update 5f2c of photo-staging is InProgress`. */
  readonly waitingFor: string
  readonly done?: number
  readonly total?: number
}

/** A state to reach. Re-entrant: `apply` called again after a crash joins what is in flight. */
export interface Change<T> {
  /**
   * Asks the world. Throws a RunbookError when the state can no longer be reached: R022 for a failed update, which ends
   * the attempt; on resume the change is then applied again.
   */
  readonly reached: (look: Look<T>) => Promise<'reached' | Progress>
  /** Moves the world; may return before the state is reached. */
  readonly apply: (act: Act<T>) => Promise<void>
  /** Longest time from `apply` to `reached`, in seconds. */
  readonly timeoutSeconds: number
  /** Usual time, in seconds: shown, and the base of how often `reached` is asked. */
  readonly expectedSeconds: number
}

/** Read-only; returns findings about the world as it is now. */
export interface Check<T> {
  /** Stable code, the same as on its findings. */
  readonly code: string
  /** What it looks for, as a sentence without a full stop. */
  readonly title: string
  /** Before a step only until its first call: a failed attempt of the step leaves what this looks for, and the next mends it. */
  readonly firstOnly?: true
  /** What it finds may be accepted when the run goes on (EngineOptions.remark), where the operator knows better. */
  readonly acceptable?: true
  readonly look: (look: Look<T>) => Promise<readonly Finding[]>
}

/** Why there is no way back from a step. */
export interface NoWayBack {
  readonly irreversible: string
}

/** One state on the way. */
export interface Step<T> {
  /** Stable for ever: the journal's key. */
  readonly id: string
  /** Imperative sentence with the object's name, no full stop. */
  readonly title: string
  /** The id with the names of this cluster's objects taken out: what the same step is called on every cluster. Default: the id. */
  readonly counterpart?: string
  readonly before?: readonly Check<T>[]
  readonly change: Change<T>
  readonly after?: readonly Check<T>[]
  /** The way back, also from half way; or why there is none. `'nothing'`: the step moved nothing that lasts. */
  readonly undo: Change<T> | NoWayBack | 'nothing'
  /** Made once an undo of the run has come as far back as it can: told and journaled, never a stop. */
  readonly afterUndo?: readonly Check<T>[]
}

/**
 * Puts paused things back, by the kind of the pause. Idempotent. Answers `'gone'` when the object is no longer there
 * (a deleted group): then the step that paused it is not walked again on resume; after a real restore it is.
 */
export type Restorers<T> = { readonly [kind: string]: (act: Act<T>, pause: Pause) => Promise<'gone' | void> }

/** One procedure. `steps` is pure: same facts, same steps. */
export interface Runbook<T, I extends { readonly [key: string]: Json | undefined }, F extends Json> {
  readonly id: string
  /** Imperative sentence for lists and docs. */
  readonly title: string
  /** Two or three sentences: what it does, what it never does. */
  readonly about: string
  /** zod object; every member has a description. CLI options are made from it. */
  readonly inputs: z.ZodType<I>
  /**
   * Read-only. Pins every version that the steps will use; holds only what `steps` and `shape` read. `proven`: the
   * shape of a plan that held elsewhere, whose releases are to be taken instead of today's.
   */
  readonly survey: (look: Look<T>, inputs: I, proven?: PlanShape) => Promise<F>
  /** Checks made when planning, on top of each step's own. */
  readonly checks: (facts: F) => readonly Check<T>[]
  readonly steps: (facts: F) => readonly Step<T>[]
  /** What the plan does, for comparison with the plan of another cluster. Pure. */
  readonly shape: (facts: F) => PlanShape
  readonly restorers: Restorers<T>
  /** For docs and tests. */
  readonly example: { readonly inputs: I; readonly facts: F }
}

/** A runbook whose input and fact types are its own business. */
export type AnyRunbook<T> = Runbook<T, Inputs, Json>

/** Validated inputs. */
export type Inputs = { readonly [key: string]: Json | undefined }

/** Declares a runbook. The facts that `steps` gets are always those of its own `survey`, so the types may be erased. */
export const runbook = <T, I extends Inputs, F extends Json>(definition: Runbook<T, I, F>): AnyRunbook<T> =>
  definition as unknown as AnyRunbook<T>
