import type { Proof } from '../runbook/engine-options.ts'
import { compareStep, type Tolerance } from './compare-steps.ts'
import type { Evidence } from './evidence.ts'
import { stepResult } from './step-results.ts'

/** Holds the steps of a run against those that evidence tells of. */
export const proofFrom = ({ run, steps }: Pick<Evidence, 'run' | 'steps'>, tolerance: Tolerance): Proof => ({
  name: run,
  compare: (view, planned) => {
    const step = stepResult(view, planned)
    const said = view.findings.flatMap(({ findings }) => findings)
    return step === undefined ? [] : compareStep({ step, said }, steps, tolerance)
  },
})
