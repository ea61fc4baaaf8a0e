import type { V1Container, V1ObjectMeta, V1Pod, V1Toleration } from '@kubernetes/client-node'
import { plainText } from '../runbook/plain-text.ts'
import { metadataFrom, ownerFrom, type Metadata, type Owner } from './metadata.ts'
import { largerOf, resourcesFrom, sumOf, type Resources } from './quantity.ts'

/** A pod, cut down to what runbooks ask of it. */
export interface KubePod extends Metadata {
  /** Undefined while it waits for a place. */
  readonly node: string | undefined
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  readonly phase: string
  readonly ready: boolean
  readonly owner: Owner | undefined
  /** A static pod's image in the API: it cannot be evicted. */
  readonly mirror: boolean
  readonly requests: Resources
  readonly images: readonly string[]
  /** Names of the persistent volume claims it mounts. */
  readonly claims: readonly string[]
  /** It keeps data that goes when the pod goes. */
  readonly emptyDir: boolean
  readonly nodeSelector: { readonly [key: string]: string }
  readonly gracePeriodSeconds: number
  /** A cordon does not keep it away, such as with a toleration of everything. */
  readonly toleratesCordon: boolean
  /** Why it has no place, in the scheduler's words as one harmless line. */
  readonly unschedulable: string | undefined
  /** Since when it has no place, ISO 8601; undefined where the scheduler has not said so. */
  readonly placelessSince: string | undefined
  /** Its containers may end for good, as those of a Job, or of a run of somebody's pipeline. */
  readonly runsToEnd: boolean
  /** How often its containers were started again, all together. */
  readonly restarts: number
}

/** A pod's namespace, name and uid: the uid tells it from a later one of the same name. */
export type PodRef = Pick<KubePod, 'namespace' | 'name' | 'uid'>

export const podFrom = (raw: V1Pod): KubePod => {
  const { metadata, spec, status } = raw
  const volumes = spec?.volumes ?? []
  const condition = (wanted: string) => (status?.conditions ?? []).find(({ type }) => type === wanted)
  const scheduled = condition('PodScheduled')
  return {
    ...metadataFrom(metadata),
    node: spec?.nodeName,
    phase: status?.phase ?? 'Unknown',
    ready: condition('Ready')?.status === 'True',
    owner: ownerFrom(metadata),
    mirror: metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined,
    requests: requestsOf(raw),
    images: (spec?.containers ?? []).flatMap(({ image }) => image ?? []),
    claims: volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []),
    emptyDir: volumes.some(({ emptyDir }) => emptyDir !== undefined),
    nodeSelector: spec?.nodeSelector ?? {},
    gracePeriodSeconds: spec?.terminationGracePeriodSeconds ?? 30,
    toleratesCordon: (spec?.tolerations ?? []).some(toleratesCordon),
    unschedulable:
      scheduled?.status === 'False' ? plainText(scheduled.message ?? scheduled.reason ?? '') : undefined,
    placelessSince: scheduled?.status === 'False' ? isoOf(scheduled.lastTransitionTime, metadata) : undefined,
    runsToEnd: (spec?.restartPolicy ?? 'Always') !== 'Always',
    restarts: (status?.containerStatuses ?? []).reduce(
      (sum, { restartCount }) => sum + (restartCount ?? 0),
      0,
    ),
  }
}

const isoOf = (time: Date | undefined, metadata: V1ObjectMeta | undefined): string =>
  time === undefined ? metadataFrom(metadata).createdAt : new Date(time).toISOString()

const cordonTaint = 'node.kubernetes.io/unschedulable'

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ : no key means all, no effect too. */
const toleratesCordon = ({
  key = '',
  operator = 'Equal',
  value = '',
  effect = '',
}: V1Toleration): boolean => {
  if (effect !== '' && effect !== 'NoSchedule') return false
  if (key === '') return operator === 'Exists'
  return key === cordonTaint && (operator === 'Exists' || value === '')
}

/**
 * What the scheduler counts: the containers together with the sidecars, at least the largest of the other init
 * containers with the sidecars begun before it, and the overhead of the runtime class.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
const requestsOf = ({ spec }: V1Pod): Resources => {
  const none = resourcesFrom({})
  const of = ({ resources }: V1Container) => resourcesFrom(resources?.requests)
  let sidecars = none
  let beginning = none
  for (const container of spec?.initContainers ?? []) {
    const own = sumOf(sidecars, of(container))
    if (container.restartPolicy === 'Always') sidecars = own
    beginning = largerOf(beginning, own)
  }
  const running = (spec?.containers ?? []).map(of).reduce(sumOf, sidecars)
  return sumOf(largerOf(running, beginning), resourcesFrom(spec?.overhead))
}
