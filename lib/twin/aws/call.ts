import type { Instance } from '@aws-sdk/client-ec2'
import type { Random } from '../../runbook/random.ts'
import type { StrikeFault } from '../faults.ts'
import type { ClusterTwin, KubeObject } from '../kubernetes/cluster-twin.ts'
import type { Timeline } from '../timeline.ts'
import type { AccountState, AwsState, RegionState } from './state.ts'

/** What every part of the emulated AWS shares. */
export interface Aws {
  readonly state: AwsState
  readonly timeline: Timeline
  readonly random: Random
  readonly strike: StrikeFault
  readonly durations: Durations
  readonly switches: Switches
  /** The Kubernetes of a cluster, by cluster ARN; undefined until EKS has made it. */
  readonly kubernetes: (clusterArn: string) => ClusterTwin | undefined
  /** Makes the Kubernetes of a new cluster; the promise is fulfilled when it serves. */
  readonly startKubernetes: (clusterArn: string, minor: string) => Promise<ClusterTwin>
  readonly stopKubernetes: (clusterArn: string) => Promise<void>
  /** The Kubernetes objects of a managed add-on; undefined for one the twin cannot install. */
  readonly addOnManifests: (addOn: AddOnChoice) => readonly KubeObject[] | undefined
  /** Told by EC2 about instances; EKS's node bridge listens. */
  readonly instanceEvents: {
    readonly running: ((region: RegionState, instance: Instance) => void | Promise<void>)[]
    readonly terminated: ((region: RegionState, instance: Instance) => void | Promise<void>)[]
  }
}

/** A managed add-on at a version, on a cluster of a minor. */
export interface AddOnChoice {
  readonly name: string
  readonly version: string
  /** JSON or YAML, as given to CreateAddon. */
  readonly configurationValues: string | undefined
  readonly minor: string
}

/** Virtual seconds that things take; a world file may change each. Figures: facts on the local cloud, 1.5. */
export interface Durations {
  readonly createCluster: number
  readonly updateCluster: number
  readonly deleteCluster: number
  readonly createNodegroup: number
  readonly deleteNodegroup: number
  readonly updateAddon: number
  readonly insightsRefresh: number
  /** EC2: from launch to running. */
  readonly launchInstance: number
  /** From running to the node's registration. */
  readonly bootNode: number
  /** From registration to Ready. */
  readonly nodeReady: number
  readonly terminateInstance: number
  /** Longest wait of a managed node group update for a node to empty, before PodEvictionFailure. */
  readonly managedDrain: number
  /** Pause of a managed node group update between cordon and terminate. */
  readonly managedCordonWait: number
}

export const defaultDurations: Durations = {
  createCluster: 540,
  updateCluster: 600,
  deleteCluster: 420,
  createNodegroup: 20,
  deleteNodegroup: 60,
  updateAddon: 60,
  insightsRefresh: 45,
  launchInstance: 15,
  bootNode: 30,
  nodeReady: 20,
  terminateInstance: 45,
  managedDrain: 900,
  managedCordonWait: 60,
}

/** Behaviours on which AWS's own pages disagree; a world file chooses. */
export interface Switches {
  /** UpdateClusterVersion refuses while a managed node group is below the cluster's version. */
  readonly nodesMustMatchControlPlane: boolean
  /** UpdateClusterVersion refuses (InvalidStateException) while an insight is in ERROR and force is not set. */
  readonly insightsBlock: boolean
}

/** One AWS call being answered. */
export interface AwsCall {
  readonly aws: Aws
  readonly account: AccountState
  readonly region: RegionState
  /** ARN of the caller. */
  readonly principal: string
  /** Says what the call changed (for the record); `repeated` when it was already so. */
  readonly effect: (text: string, repeated?: boolean) => void
}

/** Answers one operation. Throws AwsError. Output is the SDK's own output type without $metadata. */
export type Handler<I, O> = (input: I, call: AwsCall) => Omit<O, '$metadata'> | Promise<Omit<O, '$metadata'>>

/** By `service.Operation`, such as `eks.DescribeCluster`. The wire layer looks handlers up by name and knows their types from the schemas. */
// The input is checked against the SDK's schema before a handler sees it; that is where `never` is bridged.
export type Handlers = { readonly [operation: string]: Handler<never, object> }

/** An error as AWS answers it. `members`: the modelled members, such as `{clusterName}`. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly members: { readonly [name: string]: unknown }

  constructor(
    code: string,
    message: string,
    status = 400,
    members: { readonly [name: string]: unknown } = {},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.members = members
  }
}
