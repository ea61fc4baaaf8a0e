import type { Json } from '../runbook/json.ts'
import type { Catalogue } from './aws/catalogue.ts'
import type { Durations, Switches } from './aws/call.ts'
import type { Fault } from './faults.ts'
import type { KubeObject } from './kubernetes/cluster-twin.ts'

/** What a twin starts from: a world file after reading (lib/twin/read-world.ts), defaults filled in. */
export interface World {
  readonly name: string
  readonly seed: number
  /** Virtual start, ISO 8601. */
  readonly start: string
  /** The fleet.yaml that belongs to this world, as data; `twin env` points EKS_RUNBOOK_FLEET to it. */
  readonly fleet: Json
  readonly accounts: readonly WorldAccount[]
  readonly durations: Partial<Durations>
  readonly switches: Partial<Switches>
  readonly faults: readonly Fault[]
  readonly catalogue: Catalogue
  /** Part by which each delay may be longer or shorter than usual, 0 to 1; 0: none is. */
  readonly variation: number
}

export interface WorldAccount {
  readonly id: string
  readonly region: string
  /** IAM roles people use; each gets an access key in the generated AWS config, profile = `profile`. */
  readonly principals: readonly WorldPrincipal[]
  readonly subnets: readonly WorldSubnet[]
  readonly clusters: readonly WorldCluster[]
  readonly buckets: readonly string[]
  /** Keys of ECC_NIST_P256 that sign; `alias/<name>`. */
  readonly kmsKeys: readonly { readonly alias: string }[]
  readonly quotas: { readonly [serviceSlashCode: string]: number | 'denied' }
}

export interface WorldPrincipal {
  readonly profile: string
  /** `role/deployer` (as an assumed role) or `user/ann`. */
  readonly name: string
  /** Access policy on every cluster of the account, such as AmazonEKSClusterAdminPolicy; left out: no access to Kubernetes. */
  readonly accessPolicy?: string
}

export interface WorldSubnet {
  readonly id: string
  readonly zone: string
  readonly cidr: string
  readonly freeAddresses: number
}

export interface WorldCluster {
  readonly name: string
  readonly version: string
  readonly supportType: 'STANDARD' | 'EXTENDED'
  readonly addOns: readonly {
    readonly name: string
    readonly version?: string
    readonly configurationValues?: string
    readonly serviceAccountRoleArn?: string
  }[]
  readonly nodeGroups: readonly WorldNodeGroup[]
  /** Manifests applied before the start, built-in add-ons apart. */
  readonly manifests: readonly KubeObject[]
  /** Timing and images of workloads, by `namespace/name` of the Deployment, StatefulSet or DaemonSet; `*` for all. */
  readonly workloads: { readonly [name: string]: WorkloadTiming }
}

export interface WorldNodeGroup {
  readonly name: string
  readonly amiType: string
  readonly instanceTypes: readonly string[]
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
  readonly labels: { readonly [key: string]: string }
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly tags: { readonly [key: string]: string }
  /** Subnet ids; left out: all of the account. */
  readonly subnets?: readonly string[]
  /** True: the group has a launch template of its own (without ImageId and user data). */
  readonly launchTemplate: boolean
  readonly diskSize?: number
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  /** Minor of the nodes; left out: the cluster's. */
  readonly version?: string
  /** AMI release of the nodes; left out: the recommended one of their minor. */
  readonly releaseVersion?: string
}

/** Seconds. */
export interface WorkloadTiming {
  readonly pull?: number
  readonly ready?: number
  /** How long the process needs to end after SIGTERM (at most its grace period). Default: 2. */
  readonly stop?: number
}
