import { at, items, textAt } from '../api/reading.ts'
import type { KubeObject } from '../cluster-twin.ts'
import { isoSeconds } from '../storage.ts'
import { templateHash } from './template-hash.ts'

type Phase = 'starting' | 'ready' | 'ended'

/** Statuses of the containers and init containers of a pod that runs, is ready, or has ended. */
export const containerStatuses = (
  pod: KubeObject,
  { now, state }: { readonly now: number; readonly state: Phase },
): { readonly [field: string]: unknown } => {
  const inits = items(at(pod, 'spec', 'initContainers'))
  const startedAt = runningSince(pod) ?? isoSeconds(now)
  const completed = {
    terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: isoSeconds(now) },
  }
  const status = (container: unknown, kind: { readonly side: boolean }) => {
    const runs = state !== 'ended' && kind.side
    return {
      name: textAt(container, 'name'),
      image: textAt(container, 'image'),
      imageID: `${textAt(container, 'image')}@sha256:${templateHash(textAt(container, 'image')).repeat(6)}`,
      containerID: `containerd://${(pod.metadata.uid ?? '').replaceAll('-', '')}${templateHash(textAt(container, 'name'))}`,
      restartCount: 0,
      started: runs,
      ready: runs ? state === 'ready' : !kind.side,
      state: runs ? { running: { startedAt } } : completed,
      lastState: {},
    }
  }
  const initStatuses = inits.map((one) => status(one, { side: textAt(one, 'restartPolicy') === 'Always' }))
  return {
    ...(inits.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: items(at(pod, 'spec', 'containers')).map((one) => status(one, { side: true })),
  }
}

const runningSince = (pod: KubeObject) => {
  const first = items(at(pod, 'status', 'containerStatuses'))[0]
  return textAt(first, 'state', 'running', 'startedAt') || undefined
}

/** An address that follows from the pod's uid. */
export const ipOf = (pod: KubeObject): string => {
  const count = Number.parseInt((pod.metadata.uid ?? '').slice(-6) || '0', 16)
  return `10.${100 + ((count >> 16) & 63)}.${(count >> 8) & 255}.${count & 255}`
}
