import type { EC2 } from '@aws-sdk/client-ec2'
import { awsClient, type AwsSettings } from './connection.ts'

export interface Subnet {
  readonly id: string
  readonly zone: string
  readonly freeAddresses: number
}

/** What a launch template of one's own sets that ties it to an AMI family. */
export interface LaunchTemplateContent {
  readonly imageId: string
  readonly hasUserData: boolean
}

export interface Ec2 {
  /** Those that exist; a deleted one is missing from the answer. */
  readonly subnets: (ids: readonly string[]) => Promise<readonly Subnet[]>
  readonly launchTemplate: (id: string, version: string) => Promise<LaunchTemplateContent | undefined>
  readonly load: () => Promise<void>
}

export const connectEc2 = (settings: AwsSettings): Ec2 => {
  const { call, load } = awsClient<EC2>(settings, 'ec2', async (sdk) => {
    const { EC2: Client } = await import('@aws-sdk/client-ec2')
    return new Client(sdk)
  })
  return {
    load,
    subnets: async (ids) => {
      if (ids.length === 0) return []
      const Filters = [{ Name: 'subnet-id', Values: [...ids] }]
      const { Subnets = [] } = await call('DescribeSubnets', (ec2) => ec2.describeSubnets({ Filters }))
      return Subnets.map((subnet) => ({
        id: subnet.SubnetId ?? '',
        zone: subnet.AvailabilityZone ?? '',
        freeAddresses: subnet.AvailableIpAddressCount ?? 0,
      }))
    },
    launchTemplate: async (LaunchTemplateId, version) => {
      const answer = await call('DescribeLaunchTemplateVersions', (ec2) =>
        ec2.describeLaunchTemplateVersions({ LaunchTemplateId, Versions: [version] }),
      )
      const data = answer.LaunchTemplateVersions?.[0]?.LaunchTemplateData
      if (!data) return undefined
      return { imageId: data.ImageId ?? '', hasUserData: (data.UserData ?? '') !== '' }
    },
  }
}
