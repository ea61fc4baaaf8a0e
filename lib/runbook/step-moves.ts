import type { JournalEvent } from './journal-event.ts'
import type { StepView } from './run-view.ts'

type MoveEvent = Extract<
  JournalEvent,
  {
    type:
      | 'step-started'
      | 'step-already'
      | 'step-done'
      | 'step-failed'
      | 'undo-started'
      | 'undo-done'
      | 'undo-failed'
  }
>

const stateAfter = {
  'step-started': 'running',
  'step-already': 'already',
  'step-done': 'done',
  'step-failed': 'failed',
  'undo-started': 'undoing',
  'undo-done': 'undone',
  'undo-failed': 'undoing',
} as const satisfies { readonly [type in MoveEvent['type']]: StepView['state'] }

/** Moves a step on, as its journal says. A step that goes on after it had ended stood still in between. */
export const moveStep = (step: StepView, at: string, event: MoveEvent): void => {
  if (event.type.startsWith('step-') && step.endedAt !== undefined) addIdle(step, step.endedAt, at)
  step.state = stateAfter[event.type]
  if ('error' in event) step.error = event.error
  else delete step.error
  if (event.type === 'step-started') {
    step.startedAt ??= at
    delete step.endedAt
    return
  }
  if (event.type === 'undo-started') return
  step.startedAt ??= at
  step.endedAt = at
  if (event.type === 'step-done' || event.type === 'step-already') step.reopened = false
}

/** Another process goes on: a step that a kill left running was walked by nobody since the last line. */
export const standStill = (
  steps: readonly StepView[],
  { from, to }: { readonly from: string; readonly to: string },
): void => {
  for (const step of steps) if (step.state === 'running') addIdle(step, from, to)
}

const addIdle = (step: StepView, from: string, to: string): void => {
  step.idleSeconds = (step.idleSeconds ?? 0) + Math.max(0, Date.parse(to) - Date.parse(from)) / 1000
}

/** How long a step was walked; undefined for one that has not ended. */
export const secondsWalked = ({ startedAt, endedAt, idleSeconds = 0 }: StepView): number | undefined =>
  startedAt === undefined || endedAt === undefined
    ? undefined
    : Math.max(0, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 - idleSeconds)
