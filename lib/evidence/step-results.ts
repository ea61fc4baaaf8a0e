import type { PlannedStep } from '../runbook/plan.ts'
import type { RunView, StepView } from '../runbook/run-view.ts'
import { secondsWalked } from '../runbook/step-moves.ts'
import type { StepEvidence } from './evidence.ts'

/**
 * How each step of a run went that is done or was so already, in the order of the plan. The time in which a run stood
 * still does not count.
 */
export const stepResults = ({ plan, steps }: RunView): readonly StepEvidence[] => {
  const views = new Map(steps.map((step) => [step.id, step]))
  return plan.steps.flatMap((planned) => {
    const view = views.get(planned.id)
    const result = view && stepResult(view, planned)
    return result ? [result] : []
  })
}

/** How one step went; undefined while it is neither done nor was so already. */
export const stepResult = (view: StepView, planned: PlannedStep): StepEvidence | undefined => {
  const { id, title, state } = view
  if (state !== 'done' && state !== 'already') return undefined
  return {
    id,
    title,
    counterpart: planned.counterpart ?? id,
    outcome: state,
    ...(view.failures.length === 0 ? {} : { failures: view.failures }),
    looksOnly: planned.undo === 'nothing',
    seconds: secondsWalked(view) ?? 0,
    expectedSeconds: planned.expectedSeconds,
    findings: findingsOf(view),
  }
}

/** A finding that a later attempt repeated counts once. */
const findingsOf = ({ findings }: StepView): StepEvidence['findings'] => {
  const all = findings.flatMap((made) =>
    made.findings.map(({ code, outcome, object }) => ({ when: made.when, code, outcome, object })),
  )
  return [...new Map(all.map((finding) => [JSON.stringify(Object.values(finding)), finding])).values()]
}
