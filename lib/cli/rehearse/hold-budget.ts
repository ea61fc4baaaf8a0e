import type { Random } from '../../runbook/random.ts'
import type { Fault } from '../../twin/faults.ts'
import type { Stage } from './stage.ts'

/** A budget that allows nothing for a while: longer than pods usually take to be Ready again. */
export interface HeldBudget {
  /** `namespace/name`. */
  readonly budget: string
  /** Seconds after the beginning of the run. */
  readonly from: number
  readonly seconds: number
}

/** How long it holds: somebody is paged, finds the budget and mends it. */
const heldSeconds = 900

/** A budget of the cluster by chance, held from one of these moments on; undefined where there is no budget or no moment. */
export const chooseBudget = (
  { snapshot, target }: Stage,
  moments: readonly number[],
  random: Random,
): HeldBudget | undefined => {
  const stored = snapshot.kubernetes.get(target.arn)?.storage.objects.get('poddisruptionbudgets.policy')
  const budgets: readonly string[] = [...(stored?.keys() ?? [])].toSorted()
  const budget = budgets[Math.floor(random() * budgets.length)]
  const from = moments[Math.floor(random() * moments.length)]
  return budget === undefined || from === undefined ? undefined : { budget, from, seconds: heldSeconds }
}

/** Holds the budget when it is time, and lets it go again. Answers how often it was held. */
export const holdBudget = async (
  stage: Stage,
  { budget, from, seconds }: HeldBudget,
  signal: AbortSignal,
): Promise<number> => {
  const fault: Fault = { kind: 'budget-never-allows', match: { object: budget }, times: -1 }
  const struck = () => stage.twin.faults().find((entry) => entry.fault === fault)?.struck ?? 0
  try {
    await stage.time.clock.sleep(from, signal)
    stage.twin.addFault(fault)
    await stage.time.clock.sleep(seconds, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  const times = struck()
  endFaults(stage, (one) => one === fault)
  return times
}

/** Ends the faults that are chosen; budgets are counted anew. */
export const endFaults = ({ twin, snapshot }: Stage, isOver: (fault: Fault) => boolean): void => {
  const { faults } = snapshot.faults
  const staying = faults.filter(({ fault }) => !isOver(fault))
  if (staying.length === faults.length) return
  twin.clearFaults()
  faults.push(...staying)
}
