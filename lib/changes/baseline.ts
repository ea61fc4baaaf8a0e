import {
  baselineStep,
  firstStop,
  heldAsNoted,
  noRegression,
  readState,
  smokeAsNoted,
  stateNote,
  worseThanBaseline,
} from '../checks/held.ts'
import { acceptingInSteps } from '../checks/finding.ts'
import type { Target } from '../fleet/target.ts'
import { minutes } from '../runbook/duration.ts'
import { asJson } from '../runbook/plan.ts'
import type { Act, Change, Step } from '../runbook/runbook.ts'

/**
 * Steps between a reading of how the cluster is doing and one that is held against it, each with the plan's word for
 * what may stay unknown. No steps stay no steps.
 */
export const heldAgainstBaseline = (
  { cluster, acceptUnknown }: { readonly cluster: string; readonly acceptUnknown: readonly string[] },
  steps: readonly Step<Target>[],
): readonly Step<Target>[] =>
  steps.length === 0
    ? []
    : acceptingInSteps(acceptUnknown, [takeBaseline(cluster), ...steps, holdAgainstBaseline(cluster)])

const takeBaseline = (cluster: string): Step<Target> => ({
  id: baselineStep,
  title: `Record how ${cluster} is doing before the first change`,
  change: baselineTaken,
  after: smokeAsNoted(),
  undo: 'nothing',
  afterUndo: noRegression(),
})

const holdAgainstBaseline = (cluster: string): Step<Target> => ({
  id: 'after',
  title: `Hold ${cluster} against its baseline`,
  change: heldAtEnd,
  after: heldAsNoted(),
  undo: 'nothing',
})

/** How the cluster is doing is on record: once in a run, however often it goes on. */
const baselineTaken: Change<Target> = {
  expectedSeconds: 5,
  timeoutSeconds: minutes(30),
  reached: async ({ recall }) =>
    recall(stateNote) === undefined ? { waitingFor: 'a reading of how the cluster is doing' } : 'reached',
  apply: async (act) => {
    if (act.recall(stateNote) === undefined) await act.note(stateNote, asJson(await readState(act)))
  },
}

/** Nothing is worse than at the baseline; what is still settling has a quarter of an hour. */
const heldAtEnd: Change<Target> = {
  expectedSeconds: 60,
  timeoutSeconds: minutes(15),
  reached: async ({ recall }) =>
    recall(stateNote) === undefined ? { waitingFor: 'a reading to hold against the baseline' } : 'reached',
  apply: async (act) => {
    if (act.recall(stateNote) === undefined) await settled(act)
  },
}

/** Notes the first state in which nothing is worse. */
const settled = async (act: Act<Target>): Promise<void> => {
  for (;;) {
    const state = await readState(act)
    const waitingFor = firstStop(worseThanBaseline(act, state))
    if (waitingFor === undefined) return act.note(stateNote, asJson(state))
    act.progress({ waitingFor })
    await act.clock.sleep(15, act.signal)
  }
}
