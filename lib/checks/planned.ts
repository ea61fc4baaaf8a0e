import type { Target } from '../fleet/target.ts'
import type { Check } from '../runbook/runbook.ts'
import type { CheckCode } from './catalogue.ts'
import { check } from './finding.ts'

/** What a survey could not plan, or wants seen. Plain data: it stands in the facts. */
export type PlanFinding = {
  readonly code: CheckCode
  readonly outcome: 'block' | 'warn'
  readonly object: string
  readonly expected: string
  readonly found: string
  readonly hint: string
}

/** One check for each code that a survey wrote something down for. */
export const planned = (findings: readonly PlanFinding[]): readonly Check<Target>[] =>
  [...new Set(findings.map(({ code }) => code))].map((code) =>
    check(code, 'the plan', () => Promise.resolve(findings.filter((each) => each.code === code))),
  )
