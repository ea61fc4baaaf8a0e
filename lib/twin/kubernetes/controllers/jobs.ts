import { at, numberAt, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { later, make, podFrom, podsOf, withCondition, writeStatus, type Control } from './control.ts'
import { isTrue } from './seen-pod.ts'

/** Runs pods until enough have succeeded or too many failed. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
export const reconcileJob = (control: Control, job: KubeObject): void => {
  if (job.metadata.deletionTimestamp !== undefined) return
  const pods = podsOf(control, job).all()
  const ended = (phase: string) => pods.filter(({ pod }) => textAt(pod, 'status', 'phase') === phase).length
  const succeeded = ended('Succeeded')
  const failed = ended('Failed')
  const { active } = podsOf(control, job).tally
  const completions = numberAt(job, 'spec', 'completions') ?? 1
  const complete = succeeded >= completions
  const given = failed > (numberAt(job, 'spec', 'backoffLimit') ?? 6)
  const room = Math.min(numberAt(job, 'spec', 'parallelism') ?? 1, completions - succeeded) - active
  const idle = complete || given || at(job, 'spec', 'suspend') === true
  for (let count = 0; !idle && count < room; count += 1)
    make(control, podFrom(job, { labels: { 'batch.kubernetes.io/job-name': job.metadata.name } }), job)
  const now = control.timeline.now()
  expire(control, job, complete || given)
  const end = given
    ? ({ type: 'Failed', status: 'True' } as const)
    : ({ type: 'Complete', status: 'True' } as const)
  const running = podsOf(control, job).tally.active
  writeStatus(control, 'jobs.batch', job, {
    startTime: textAt(job, 'status', 'startTime') || isoSeconds(now),
    ...(running > 0 ? { active: running } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ...(complete ? { completionTime: textAt(job, 'status', 'completionTime') || isoSeconds(now) } : {}),
    ...(complete || given ? { conditions: withCondition(at(job, 'status', 'conditions'), end, now) } : {}),
  })
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/ */
const expire = (control: Control, job: KubeObject, over: boolean) => {
  const seconds = numberAt(job, 'spec', 'ttlSecondsAfterFinished')
  if (!over || seconds === undefined || isTrue(job, 'Complete') || isTrue(job, 'Failed')) return
  later(control, seconds, 'k8s.jobExpires', job)
}

/** The finished Job has lived long enough. */
export const jobExpires = (control: Control, job: KubeObject): void => {
  control.storage.remove('jobs.batch', job)
}
