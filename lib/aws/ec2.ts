import { hash } from 'node:crypto'
import type { DescribeInstanceTypesRequest, EC2 } from '@aws-sdk/client-ec2'
import { awsClient, type AwsClient, type AwsSettings } from './connection.ts'
import { allPages, orUndefined } from './wire-data.ts'

export interface Subnet {
  readonly id: string
  readonly zone: string
  readonly freeAddresses: number
  /** IPv4, such as `10.0.16.0/20`. */
  readonly cidr?: string
}

/** What a launch template of one's own sets that ties it to an AMI family. */
export interface LaunchTemplateContent {
  readonly imageId: string
  readonly hasUserData: boolean
  /** sha256 in hex of the decoded user data; left out without. The text itself may hold secrets and is not kept. */
  readonly userData?: string
}

/** What a type of instance has. */
export interface InstanceType {
  readonly name: string
  readonly cores: number
  readonly memoryBytes: number
  /** `x86_64` or `arm64`. */
  readonly architecture: string
}

export interface Ec2 {
  /** Those that exist; a deleted one is missing from the answer. */
  readonly subnets: (ids: readonly string[]) => Promise<readonly Subnet[]>
  readonly launchTemplate: (id: string, version: string) => Promise<LaunchTemplateContent | undefined>
  /** Those that exist, in no order; R022 where one of them does not. */
  readonly instanceTypes: (names: readonly string[]) => Promise<readonly InstanceType[]>
  readonly load: () => Promise<void>
}

export const connectEc2 = (settings: AwsSettings): Ec2 => {
  const client = awsClient<EC2>(settings, 'ec2', async (sdk) => {
    const { EC2: Client } = await import('@aws-sdk/client-ec2')
    return new Client(sdk)
  })
  return {
    load: client.load,
    subnets: async (ids) => (ids.length === 0 ? [] : subnetsOf(client, ids)),
    launchTemplate: (id, version) => launchTemplateOf(client, id, version),
    instanceTypes: async (names) => (names.length === 0 ? [] : instanceTypesOf(client, names)),
  }
}

const subnetsOf = async ({ call }: AwsClient<EC2>, ids: readonly string[]): Promise<readonly Subnet[]> => {
  const Filters = [{ Name: 'subnet-id', Values: [...ids] }]
  const found = await allPages(
    (NextToken) => call('DescribeSubnets', (ec2) => ec2.describeSubnets({ Filters, NextToken })),
    (page) => ({ items: page.Subnets, nextToken: page.NextToken }),
  )
  return found.map((subnet) => ({
    id: subnet.SubnetId ?? '',
    zone: subnet.AvailabilityZone ?? '',
    freeAddresses: subnet.AvailableIpAddressCount ?? 0,
    ...(subnet.CidrBlock === undefined ? {} : { cidr: subnet.CidrBlock }),
  }))
}

const launchTemplateOf = async (
  { call }: AwsClient<EC2>,
  LaunchTemplateId: string,
  version: string,
): Promise<LaunchTemplateContent | undefined> => {
  const answer = await orUndefined(
    call('DescribeLaunchTemplateVersions', (ec2) =>
      ec2.describeLaunchTemplateVersions({ LaunchTemplateId, Versions: [version] }),
    ),
  )
  const data = answer?.LaunchTemplateVersions?.[0]?.LaunchTemplateData
  if (!data) return undefined
  const { ImageId: imageId = '', UserData: encoded = '' } = data
  if (encoded === '') return { imageId, hasUserData: false }
  return { imageId, hasUserData: true, userData: hash('sha256', Buffer.from(encoded, 'base64')) }
}

const instanceTypesOf = async (
  { call }: AwsClient<EC2>,
  names: readonly string[],
): Promise<readonly InstanceType[]> => {
  // Names that EC2 itself gave go back to where its enum is asked for.
  const InstanceTypes = [...names] as NonNullable<DescribeInstanceTypesRequest['InstanceTypes']>
  const found = await allPages(
    (NextToken) =>
      call('DescribeInstanceTypes', (ec2) => ec2.describeInstanceTypes({ InstanceTypes, NextToken })),
    (page) => ({ items: page.InstanceTypes, nextToken: page.NextToken }),
  )
  return found.map((type) => ({
    name: type.InstanceType ?? '',
    cores: type.VCpuInfo?.DefaultVCpus ?? 0,
    memoryBytes: (type.MemoryInfo?.SizeInMiB ?? 0) * 2 ** 20,
    architecture: type.ProcessorInfo?.SupportedArchitectures?.find((name) => name !== 'i386') ?? '',
  }))
}
