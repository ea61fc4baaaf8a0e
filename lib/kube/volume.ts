import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node'
import { metadataFrom, type Metadata } from './metadata.ts'

/** A persistent volume and where it can be mounted. */
export interface KubeVolume extends Metadata {
  /** Zones it is bound to; empty where it can be mounted anywhere. */
  readonly zones: readonly string[]
  readonly storageClass: string | undefined
  /** Driver such as `ebs.csi.aws.com`; undefined for other kinds. */
  readonly csiDriver: string | undefined
  /** `namespace/name` of the claim that holds it. */
  readonly claim: string | undefined
}

/** A claim to a persistent volume. */
export interface KubeClaim extends Metadata {
  /** Name of its volume; undefined while it has none. */
  readonly volume: string | undefined
  readonly storageClass: string | undefined
  /** `Pending`, `Bound` or `Lost`. */
  readonly phase: string
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone */
const zoneKeys = [
  'topology.kubernetes.io/zone',
  'topology.ebs.csi.aws.com/zone',
  'failure-domain.beta.kubernetes.io/zone',
]

export const volumeFrom = ({ metadata, spec }: V1PersistentVolume): KubeVolume => {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const zones = terms
    .flatMap(({ matchExpressions }) => matchExpressions ?? [])
    .filter(({ key, operator }) => zoneKeys.includes(key) && operator === 'In')
    .flatMap(({ values }) => values ?? [])
  const claim = spec?.claimRef
  return {
    ...metadataFrom(metadata),
    zones: [...new Set(zones)],
    storageClass: spec?.storageClassName,
    csiDriver: spec?.csi?.driver,
    claim: claim && `${claim.namespace ?? ''}/${claim.name ?? ''}`,
  }
}

export const claimFrom = ({ metadata, spec, status }: V1PersistentVolumeClaim): KubeClaim => ({
  ...metadataFrom(metadata),
  volume: spec?.volumeName,
  storageClass: spec?.storageClassName,
  phase: status?.phase ?? 'Pending',
})
