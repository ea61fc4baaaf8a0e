import type { V1Service } from '@kubernetes/client-node'
import type { Labels } from './label-selector.ts'
import { metadataFrom, type Metadata } from './metadata.ts'

/** A Service, cut down to whose pods it stands for. */
export interface KubeService extends Metadata {
  /** Labels its pods have; undefined where somebody else fills its endpoints, or it is a mere name. */
  readonly selector: Labels | undefined
}

/** https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors */
export const serviceFrom = ({ metadata, spec }: V1Service): KubeService => {
  const selector = spec?.selector ?? {}
  const selects = spec?.type !== 'ExternalName' && Object.keys(selector).length > 0
  return { ...metadataFrom(metadata), selector: selects ? selector : undefined }
}
