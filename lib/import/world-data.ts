import type { Manifest } from './manifest.ts'
import type { Timings } from './timings.ts'

/** A world file as data; lib/twin/world-schema.ts reads it. */
export interface WorldData {
  readonly name: string
  readonly seed: number
  /** ISO 8601. */
  readonly start: string
  readonly fleet: object
  readonly accounts: readonly [AccountData]
  readonly catalogue: CatalogueData
  readonly timings: Timings
  readonly manifests: { readonly [set: string]: readonly Manifest[] }
}

export interface AccountData {
  readonly id: string
  readonly region: string
  readonly principals: readonly {
    readonly profile: string
    readonly name: string
    readonly accessPolicy: string
  }[]
  readonly subnets: readonly {
    readonly id: string
    readonly zone: string
    readonly cidr: string
    readonly freeAddresses: number
  }[]
  readonly quotas: { readonly [serviceSlashCode: string]: number | 'denied' }
  readonly clusters: readonly [ClusterData]
}

export interface ClusterData {
  readonly name: string
  readonly version: string
  readonly supportType: 'STANDARD' | 'EXTENDED'
  readonly addOns: readonly AddOnData[]
  readonly nodeGroups: readonly NodeGroupData[]
  readonly uses: readonly string[]
}

export interface AddOnData {
  readonly name: string
  readonly version: string
  readonly configurationValues?: string
  readonly serviceAccountRoleArn?: string
}

export interface NodeGroupData {
  readonly name: string
  readonly amiType: string
  readonly instanceTypes: readonly string[]
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
  readonly labels: { readonly [key: string]: string }
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly tags: { readonly [key: string]: string }
  readonly subnets: readonly string[]
  readonly launchTemplate: boolean
  readonly diskSize?: number
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  readonly version: string
  readonly releaseVersion?: string
}

/** What EKS offers now. */
export interface CatalogueData {
  readonly addOns: readonly {
    readonly name: string
    readonly versions: readonly {
      readonly version: string
      readonly minors: readonly string[]
      readonly defaultOf: readonly string[]
    }[]
    readonly replace: true
  }[]
  readonly amis: readonly { readonly minor: string; readonly amiType: string; readonly release: string }[]
}
