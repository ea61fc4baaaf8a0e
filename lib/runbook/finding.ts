/** `unknown` means that the check could not be made; it never counts as `pass`. */
export type Outcome = 'pass' | 'warn' | 'block' | 'unknown'

/** What a check found about one object. A value, never an exception. */
export interface Finding {
  /** Stable code of the check, such as `CP-001`. */
  readonly code: string
  readonly outcome: Outcome
  /** The object looked at, such as `node group web` or `budget shop/cart`. */
  readonly object: string
  readonly expected: string
  readonly found: string
  /** What to do about it: the next command where there is one. Empty for `pass`. */
  readonly hint: string
  /** URL of the rule. */
  readonly source: string
}

/** True for what stops a step: `block`, and `unknown` unless the check itself says it may pass as a warning. */
export const stops = (finding: Finding): boolean =>
  finding.outcome === 'block' || finding.outcome === 'unknown'
