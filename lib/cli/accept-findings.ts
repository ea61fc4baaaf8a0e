import { acceptedNote, isAcceptable, withAcceptances } from '../checks/accepted.ts'
import { baselineStep, stateNote } from '../checks/held.ts'
import type { EngineOptions } from '../runbook/engine-options.ts'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import { asJson } from '../runbook/plan.ts'
import type { RunView } from '../runbook/run-view.ts'

/** What `resume` was given. */
export interface Accepting {
  readonly accept?: readonly string[]
  readonly reason?: string
}

/** Takes the option `--accept`, once for each finding. */
export const eachFinding = (finding: string, former: readonly string[] | undefined): readonly string[] => [
  ...(former ?? []),
  finding,
]

/**
 * What the engine notes of the findings that may stay, on top of those of earlier resumes; nothing where none is named.
 * Throws R001 without a reason, for a code that is not held against the baseline, and for a run without a baseline.
 */
export const acceptedFindings = (
  run: RunView,
  { accept = [], reason = '' }: Accepting,
): ((by: string) => Pick<EngineOptions<never>, 'remark'>) => {
  if (accept.length === 0) return () => ({})
  const notes = run.steps.find(({ id }) => id === baselineStep)?.notes ?? {}
  const other = accept.find((finding) => !isAcceptable(finding))
  if (reason.trim() === '') throw refused('--reason', 'none', 'add --reason "why it is well"')
  if (other !== undefined)
    throw refused(
      'a code such as RG-001 or SM-001, alone or with its object',
      plainText(other),
      `eks-runbook show ${run.id}`,
    )
  if (notes[stateNote] === undefined)
    throw refused('a run with a baseline', 'none yet', `eks-runbook resume ${run.id}`)
  return (by) => {
    const more = accept.map((finding) => ({ finding, by, reason }))
    const value = asJson(withAcceptances(notes[acceptedNote], more))
    return { remark: { step: baselineStep, key: acceptedNote, value } }
  }
}

const refused = (expected: string, found: string, hint: string): RunbookError =>
  new RunbookError('R001', `Cannot accept findings: expected ${expected}, found ${found}`, { hint })
