/** Where time comes from. Nothing in lib/ or runbooks/ reads the wall clock or sleeps by itself. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** Resolves after `seconds` of this clock's time; rejects with the signal's reason when aborted. */
  readonly sleep: (seconds: number, signal?: AbortSignal) => Promise<void>
}
