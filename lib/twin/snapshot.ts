import type { AwsState, Credential } from './aws/state.ts'
import type { FaultState } from './fault-board.ts'
import type { EmulatedState } from './kubernetes/emulated-cluster.ts'
import type { CallRecord } from './record.ts'
import type { TimelineState } from './timeline.ts'
import type { World } from './world.ts'

/** Everything a twin is, as plain data: its past, its present and its future. Survives structuredClone. */
export interface TwinSnapshot {
  readonly world: World
  readonly aws: AwsState
  /** The Kubernetes of each cluster, by cluster ARN. */
  readonly kubernetes: Map<string, EmulatedState>
  /** Access keys by profile of the world. */
  readonly credentials: { readonly [profile: string]: Credential }
  readonly random: { seed: number }
  readonly faults: FaultState
  readonly calls: CallRecord[]
  readonly timeline: TimelineState
}
