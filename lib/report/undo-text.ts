import { plainText } from '../runbook/plain-text.ts'
import type { RunView, StepView } from '../runbook/run-view.ts'

/** What an undo will do, step by step, newest first, to where it stops. */
export const undoText = (run: RunView): string => {
  const walked = run.steps.filter(wasMoved).toReversed()
  const lines: string[] = []
  for (const step of walked) {
    const undo = run.plan.steps.find(({ id }) => id === step.id)?.undo ?? 'nothing'
    if (typeof undo === 'object') {
      lines.push(`  stops before "${step.title}": ${undo.irreversible}`)
      break
    }
    if (undo === 'change') lines.push(`  ${String(lines.length + 1).padStart(3)}. undo: ${step.title}`)
  }
  const title = `Undo of ${run.id} (${run.title}) on ${run.target.cluster}`
  return [title, ...(lines.length === 0 ? ['  nothing to undo'] : lines)].map(keepIndent).join('\n')
}

const wasMoved = ({ state }: StepView): boolean =>
  state === 'done' || state === 'running' || state === 'failed' || state === 'undoing'

const keepIndent = (line: string): string => `${/^ */.exec(line)?.[0] ?? ''}${plainText(line)}`
