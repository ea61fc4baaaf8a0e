import { RunbookError } from '../runbook/errors.ts'
import { openDifferences } from '../runbook/hold.ts'
import type { RunView } from '../runbook/run-view.ts'

/** Throws R001 where no step waits for a yes: differences are accepted only once they were shown. */
export const refuseNothingToAccept = ({ id, steps }: Pick<RunView, 'id' | 'steps'>): void => {
  if (steps.some((step) => openDifferences(step).length > 0)) return
  throw new RunbookError(
    'R001',
    `Cannot accept differences of ${id}: expected a step that waits for a yes, found none`,
    { hint: `eks-runbook resume ${id}` },
  )
}
