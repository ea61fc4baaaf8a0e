import type { Random } from '../runbook/random.ts'
import type { Timeline } from './timeline.ts'

/** Tasks that a rule of Kubernetes or a client's request puts at an exact time; all others are work, and may take longer or shorter. */
const exactTasks: readonly string[] = [
  'k8s.reconcile',
  'k8s.recheck',
  'k8s.progressDeadline',
  'k8s.jobExpires',
  'k8s.taintEviction',
  'k8s.watchEnds',
  'k8s.watchCut',
  'k8s.watchBookmark',
]

/**
 * A timeline on which work takes from (1 - variation) to (1 + variation) of its usual time, evenly, to the millisecond. What is due at
 * once stays so. A variation of 0 asks nothing of chance.
 */
export const variedTimeline = (
  timeline: Timeline,
  { variation, random }: { readonly variation: number; readonly random: Random },
): Timeline => {
  if (variation === 0) return timeline
  return {
    now: timeline.now,
    after: (seconds, task) => {
      const isWork = seconds > 0 && !exactTasks.includes(task.kind)
      timeline.after(isWork ? toMillisecond(seconds * (1 + variation * (2 * random() - 1))) : seconds, task)
    },
  }
}

const toMillisecond = (seconds: number): number => Math.round(seconds * 1000) / 1000
