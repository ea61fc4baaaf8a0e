import type { V1PodDisruptionBudget } from '@kubernetes/client-node'
import { labelSelectorFrom, type LabelSelector } from './label-selector.ts'
import { metadataFrom, type Metadata } from './metadata.ts'

/** A PodDisruptionBudget. */
export interface KubeBudget extends Metadata {
  readonly selector: LabelSelector | undefined
  /** A number or a percentage such as `50%`. */
  readonly minAvailable: number | string | undefined
  readonly maxUnavailable: number | string | undefined
  /** False while the status is older than the spec: then no eviction is allowed either. */
  readonly observed: boolean
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
  /** Names of pods whose eviction was allowed and not yet seen by the controller. */
  readonly disruptedPods: readonly string[]
  /** `IfHealthyBudget` (the default) or `AlwaysAllow`. */
  readonly unhealthyPodEvictionPolicy: string
}

export const budgetFrom = ({ metadata, spec, status }: V1PodDisruptionBudget): KubeBudget => ({
  ...metadataFrom(metadata),
  selector: labelSelectorFrom(spec?.selector),
  minAvailable: spec?.minAvailable,
  maxUnavailable: spec?.maxUnavailable,
  observed: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
  disruptionsAllowed: status?.disruptionsAllowed ?? 0,
  currentHealthy: status?.currentHealthy ?? 0,
  desiredHealthy: status?.desiredHealthy ?? 0,
  expectedPods: status?.expectedPods ?? 0,
  disruptedPods: Object.keys(status?.disruptedPods ?? {}),
  unhealthyPodEvictionPolicy: spec?.unhealthyPodEvictionPolicy ?? 'IfHealthyBudget',
})
