import type { RehearsalStop } from '../../evidence/rehearsal-result.ts'
import type { FaultKind } from '../../twin/faults.ts'
import { at, items, textAt } from '../../twin/kubernetes/api/reading.ts'
import { faultText } from './fault-profiles.ts'
import type { HeldBudget } from './hold-budget.ts'
import type { Stage } from './stage.ts'

/** The injected fault that a run stopped for. */
export interface Cause {
  /** Such as `capacity-error`. */
  readonly what: string
  /** Seconds until it is over by itself; 0 for one that strikes a number of times. */
  readonly overInSeconds: number
}

/** Kinds that end a step; the others are gone on over in place. */
const stopping: readonly FaultKind[] = [
  'update-fails',
  'capacity-error',
  'node-never-ready',
  'webhook-fails',
  'expired-credentials',
]

/** What EKS says when a launch or a node failed: it may say so long after the fault struck. */
const signs: { readonly [kind in FaultKind]?: RegExp } = {
  'capacity-error': /AsgInstanceLaunchFailures/,
  'node-never-ready': /NodeCreationFailure/,
}

/**
 * Tells of each stop in turn which injected fault caused it; undefined for the world's own trouble. To be made when the
 * run begins.
 */
export const injectedCauses = (
  stage: Stage,
  held: HeldBudget | undefined,
): ((stop: RehearsalStop) => Cause | undefined) => {
  const began = stage.time.clock.now()
  const told = new Map(stage.injected.map((entry) => [entry, 0]))
  return ({ code, message }) => {
    const second = (stage.time.clock.now() - began) / 1000
    const struck = stage.injected.filter(
      (entry) => stopping.includes(entry.fault.kind) && entry.struck > (told.get(entry) ?? 0),
    )
    for (const entry of stage.injected) told.set(entry, entry.struck)
    if (held && second >= held.from && message.includes(`budget ${held.budget}:`)) {
      const overInSeconds = Math.max(0, held.from + held.seconds - second)
      return overInSeconds === 0 ? undefined : { what: heldText(held), overInSeconds }
    }
    const isCredentials = code === 'R030'
    const own = struck.filter(({ fault }) => (fault.kind === 'expired-credentials') === isCredentials)
    const bySign = stage.injected.filter(
      ({ fault, struck: times }) => times > 0 && signs[fault.kind]?.test(message),
    )
    const first = code === 'R010' ? deadNode(stage) : (bySign[0] ?? own[0])
    return first && { what: faultText(first.fault), overInSeconds: 0 }
  }
}

/** A node that never became Ready keeps its place in the group: what waits for a node there waits for it. */
const deadNode = ({ injected, snapshot, target }: Stage): Stage['injected'][number] | undefined => {
  const nodes = snapshot.kubernetes.get(target.arn)?.storage.objects.get('nodes')?.values() ?? []
  const isDead = [...nodes].some(
    (node) =>
      !items(at(node, 'status', 'conditions')).some(
        (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
      ),
  )
  return isDead
    ? injected.find(({ fault, struck }) => fault.kind === 'node-never-ready' && struck > 0)
    : undefined
}

/** `budget-never-allows shop/cart`. */
export const heldText = ({ budget }: HeldBudget): string => `budget-never-allows ${budget}`
