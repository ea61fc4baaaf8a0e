import type {
  Addon,
  Cluster,
  FargateProfile,
  Insight,
  Nodegroup,
  PodIdentityAssociation,
  Update,
} from '@aws-sdk/client-eks'
import type { Activity, AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import type { Instance, LaunchTemplateVersion, SecurityGroup, Subnet, Vpc } from '@aws-sdk/client-ec2'
import type { Role } from '@aws-sdk/client-iam'
import type { Catalogue } from './catalogue.ts'

/** All of the emulated AWS as plain data: survives structuredClone (Dates and Maps included). No closures, no class instances. */
export interface AwsState {
  /** By access key id. */
  readonly credentials: Map<string, Credential>
  /** By account id. */
  readonly accounts: Map<string, AccountState>
  /** By `account/region`. */
  readonly regions: Map<string, RegionState>
  /** By bucket name. */
  readonly buckets: Map<string, BucketState>
  /** Answers kept for client request tokens, by `account/region/service.Operation/token`. */
  readonly tokens: Map<string, { readonly parameters: string; readonly output: unknown }>
  /** Source of ids, so that the same calls give the same ids. */
  ids: number
  /** The world's: keys of KMS are made from it. */
  readonly seed: number
  /** What EKS has published besides what every twin has. */
  catalogue: Catalogue
}

/** Who an access key speaks for. */
export interface Credential {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Temporary credentials only. */
  readonly sessionToken?: string
  readonly account: string
  /** `arn:aws:iam::…:user/…`, or `arn:aws:sts::…:assumed-role/role/session`. */
  readonly arn: string
  /** Virtual milliseconds; left out: never. */
  readonly expiresAt?: number
}

export interface AccountState {
  readonly id: string
  /** IAM roles by name, with the managed policies attached to each. */
  readonly roles: Map<
    string,
    { readonly role: Role; readonly attachedPolicies: readonly { PolicyName: string; PolicyArn: string }[] }
  >
  /** Service quotas by `service/code/region`; absent ones answer NoSuchResourceException, `'denied'` AccessDeniedException. */
  readonly quotas: Map<string, number | 'denied'>
}

export interface RegionState {
  readonly account: string
  readonly region: string
  readonly vpcs: Map<string, Vpc>
  readonly subnets: Map<string, Subnet>
  readonly securityGroups: Map<string, SecurityGroup>
  readonly instances: Map<string, Instance>
  /** By launch template id. */
  readonly launchTemplates: Map<string, LaunchTemplateState>
  readonly autoScalingGroups: Map<string, AutoScalingGroup>
  /** By name of the Auto Scaling group, newest last. */
  readonly activities: Map<string, Activity[]>
  /** SSM parameters by name; the public EKS AMI parameters are computed, not stored. */
  readonly parameters: Map<string, { readonly value: string; readonly version: number }>
  readonly clusters: Map<string, ClusterState>
  /** By key id. */
  readonly kmsKeys: Map<string, KmsKeyState>
  /** Key ids by name, such as `alias/evidence`. */
  readonly kmsAliases: Map<string, string>
}

export interface KmsKeyState {
  readonly id: string
  readonly keySpec: 'ECC_NIST_P256' | 'SYMMETRIC_DEFAULT'
  readonly description: string
  readonly createdAt: Date
  readonly enabled: boolean
  /** 32 bytes in hex; of a symmetric key nothing here makes use. */
  readonly privateKey: string
}

export interface LaunchTemplateState {
  readonly id: string
  readonly name: string
  readonly createdAt: Date
  defaultVersion: number
  readonly versions: LaunchTemplateVersion[]
  tags: { [key: string]: string }
}

/** An EKS cluster with what hangs on it. The Kubernetes inside is a ClusterTwin, found by ARN. */
export interface ClusterState {
  cluster: Cluster
  /** Minors it was created at and upgraded through, newest last, with the time each upgrade finished (virtual ms). */
  readonly versions: { readonly minor: string; readonly at: number }[]
  readonly nodegroups: Map<string, Nodegroup>
  readonly addons: Map<string, Addon>
  /** Newest last. `subject`: what the update is about. */
  readonly updates: {
    update: Update
    readonly subject: { readonly nodegroupName?: string; readonly addonName?: string }
  }[]
  insights: Insight[]
  insightsRefresh:
    | { status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'; startedAt: Date; endedAt?: Date }
    | undefined
  /** By principal ARN. */
  readonly accessEntries: Map<string, AccessEntryState>
  readonly fargateProfiles: Map<string, FargateProfile>
  /** By association id. */
  readonly podIdentities: Map<string, PodIdentityAssociation>
}

export interface AccessEntryState {
  readonly principalArn: string
  kubernetesGroups: readonly string[]
  username: string
  type: string
  readonly createdAt: Date
  tags: { [key: string]: string }
  /** Associated access policies, such as `arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`. */
  readonly policies: Map<
    string,
    { readonly scope: 'cluster' | readonly string[]; readonly associatedAt: Date }
  >
}

export interface BucketState {
  readonly name: string
  readonly account: string
  readonly objects: Map<
    string,
    {
      readonly body: Uint8Array
      readonly etag: string
      readonly modifiedAt: Date
      readonly contentType?: string
    }
  >
}

/** An AWS without accounts. Default: seed 0 and nothing published. */
export const emptyAws = ({
  seed = 0,
  catalogue = { addOns: [], amis: [] },
}: Partial<Pick<AwsState, 'seed' | 'catalogue'>> = {}): AwsState => ({
  credentials: new Map(),
  accounts: new Map(),
  regions: new Map(),
  buckets: new Map(),
  tokens: new Map(),
  ids: 0,
  seed,
  catalogue,
})
