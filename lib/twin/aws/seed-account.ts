import type { WorldAccount, WorldPrincipal, WorldSubnet } from '../world.ts'
import type { Aws } from './call.ts'
import { hexOf } from './ids.ts'
import { putRole } from './iam.ts'
import { seedSigningKey } from './kms/keys.ts'
import { account as accountOf, region as regionOf } from './regions.ts'
import type { AccountState, Credential, RegionState } from './state.ts'
import { keysFor } from './sts.ts'

/** Roles that every seeded account has, besides those of its principals. */
export const seededRoles = { cluster: 'eksClusterRole', node: 'eksNodeRole' } as const

/**
 * Puts an account into the state: VPC, subnets, security group, roles, access keys, buckets, KMS keys and quotas. Answers the credential
 * of each profile, for an AWS config file. The same account gives the same keys.
 */
export const seedAccount = (aws: Aws, world: WorldAccount): { readonly [profile: string]: Credential } => {
  const account = accountOf(aws.state, world.id)
  const region = regionOf(aws.state, world.id, world.region)
  seedNetwork(region, world.subnets)
  seedRoles(aws, account)
  for (const bucket of world.buckets)
    aws.state.buckets.set(bucket, { name: bucket, account: world.id, objects: new Map() })
  for (const { alias } of world.kmsKeys) seedSigningKey(aws, region, alias)
  for (const [serviceAndCode, value] of Object.entries(world.quotas))
    account.quotas.set(`${serviceAndCode}/${world.region}`, value)
  return Object.fromEntries(
    world.principals.map((principal) => [principal.profile, seedPrincipal(aws, account, principal)]),
  )
}

const seedNetwork = (region: RegionState, subnets: readonly WorldSubnet[]) => {
  const VpcId = `vpc-0${hexOf(`vpc/${region.account}/${region.region}`).slice(0, 16)}`
  const OwnerId = region.account
  const CidrBlock = `${(subnets[0]?.cidr ?? '10.0.0.0/16').split('.').slice(0, 2).join('.')}.0.0/16`
  region.vpcs.set(VpcId, { VpcId, CidrBlock, State: 'available', OwnerId, IsDefault: false, Tags: [] })
  const GroupId = `sg-0${hexOf(`sg/${region.account}/${region.region}`).slice(0, 16)}`
  region.securityGroups.set(GroupId, {
    GroupId,
    GroupName: 'default',
    Description: 'default VPC security group',
    VpcId,
    OwnerId,
    IpPermissions: [],
    IpPermissionsEgress: [],
    Tags: [],
  })
  for (const subnet of subnets)
    region.subnets.set(subnet.id, {
      SubnetId: subnet.id,
      SubnetArn: `arn:aws:ec2:${region.region}:${region.account}:subnet/${subnet.id}`,
      VpcId,
      OwnerId,
      AvailabilityZone: subnet.zone,
      AvailabilityZoneId: zoneId(subnet.zone),
      CidrBlock: subnet.cidr,
      AvailableIpAddressCount: subnet.freeAddresses,
      State: 'available',
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      Ipv6CidrBlockAssociationSet: [],
      Tags: [{ Key: 'kubernetes.io/role/internal-elb', Value: '1' }],
    })
}

/** `eu-west-1a` → `euw1-az1`, as AWS shortens them. */
export const zoneId = (zone: string): string => {
  const [area = '', direction = '', rest = '1a'] = zone.split('-')
  const short = direction.replace(
    /^(north|south)(east|west)$/,
    (_all, a: string, b: string) => `${a.charAt(0)}${b.charAt(0)}`,
  )
  const letter = rest.slice(-1)
  const place = short === direction ? short.charAt(0) : short
  return `${area}${place}${rest.slice(0, -1)}-az${letter.charCodeAt(0) - 96}`
}

const seedRoles = (aws: Aws, account: AccountState) => {
  const at = new Date(aws.timeline.now())
  putRole(account, {
    name: seededRoles.cluster,
    service: 'eks.amazonaws.com',
    policies: ['AmazonEKSClusterPolicy'],
    at,
  })
  putRole(account, {
    name: seededRoles.node,
    service: 'ec2.amazonaws.com',
    policies: [
      'AmazonEKSWorkerNodePolicy',
      'AmazonEC2ContainerRegistryReadOnly',
      'AmazonEKS_CNI_Policy',
      'AmazonSSMManagedInstanceCore',
    ],
    at,
  })
}

/** The session name of a seeded role's credential. */
const sessionName = 'eks-runbooks'

const seedPrincipal = (aws: Aws, account: AccountState, { profile, name }: WorldPrincipal): Credential => {
  const [kind, bare = name] = name.split('/')
  const source = `${account.id}/${profile}/${name}`
  if (kind === 'role')
    putRole(account, {
      name: bare,
      service: 'ec2.amazonaws.com',
      policies: [],
      at: new Date(aws.timeline.now()),
    })
  const credential: Credential =
    kind === 'role'
      ? {
          ...keysFor(source, 'ASIA'),
          sessionToken: Buffer.from(hexOf(`session/${source}`)).toString('base64'),
          account: account.id,
          arn: `arn:aws:sts::${account.id}:assumed-role/${bare}/${sessionName}`,
        }
      : { ...keysFor(source, 'AKIA'), account: account.id, arn: `arn:aws:iam::${account.id}:user/${bare}` }
  aws.state.credentials.set(credential.accessKeyId, credential)
  return credential
}
