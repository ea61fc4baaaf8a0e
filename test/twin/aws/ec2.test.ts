import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { amiRelease } from '../../../lib/twin/aws/ami-catalogue.ts'
import { account, twinOfAws } from './in-process.ts'

const ec2Of = async () => {
  const twin = await twinOfAws()
  return { ...twin, ec2: new EC2Client(twin.client) }
}

describe('network', () => {
  test('the seeded subnets lie in one VPC with a security group', async () => {
    const { ec2 } = await ec2Of()
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}))
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}))
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}))
    expect(new Set(Subnets?.map(({ VpcId }) => VpcId))).toEqual(new Set([Vpcs?.[0]?.VpcId]))
    expect(SecurityGroups?.[0]?.VpcId).toBe(Vpcs?.[0]?.VpcId)
    expect(Subnets?.map(({ AvailableIpAddressCount }) => AvailableIpAddressCount)).toEqual([100, 100, 3])
  })

  test('lists come in pages', async () => {
    const { ec2 } = await ec2Of()
    const first = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 2 }))
    expect(first.Subnets).toHaveLength(2)
    const second = await ec2.send(new DescribeSubnetsCommand({ MaxResults: 2, NextToken: first.NextToken }))
    expect(second.Subnets?.map(({ SubnetId }) => SubnetId)).toEqual([account.subnets[2]?.id])
    expect(second.NextToken).toBeUndefined()
  })

  test('an id that is not there and a filter that is not known are refused', async () => {
    const { ec2 } = await ec2Of()
    const missing = ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-0fff'] }))
    await expect(missing).rejects.toMatchObject({ name: 'InvalidSubnetID.NotFound' })
    const unknown = ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }))
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  })

  test('zones have the ids that AWS gives them', async () => {
    const { ec2 } = await ec2Of()
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}))
    expect(AvailabilityZones?.map(({ ZoneName, ZoneId }) => `${ZoneName} ${ZoneId}`)).toEqual([
      'eu-west-1a euw1-az1',
      'eu-west-1b euw1-az2',
      'eu-west-1c euw1-az3',
    ])
  })

  test('a dry run changes nothing', async () => {
    const { ec2, calls } = await ec2Of()
    const dry = ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'x',
        LaunchTemplateData: { KeyName: 'ops' },
        DryRun: true,
      }),
    )
    await expect(dry).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } })
    expect(calls[0]?.effect).toBeNull()
    expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toEqual([])
  })
})

describe('launch templates', () => {
  const templateOf = async () => {
    const twin = await ec2Of()
    const { LaunchTemplate } = await twin.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'web',
        LaunchTemplateData: {
          InstanceType: 'm5.large',
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 80, Encrypted: true } }],
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team', Value: 'photo' }] }],
        },
        TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'own', Value: 'yes' }] }],
      }),
    )
    const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? ''
    const versions = async (...Versions: string[]) =>
      (await twin.ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions })))
        .LaunchTemplateVersions
    return { ...twin, LaunchTemplateId, versions }
  }

  test('keep what they were made from', async () => {
    const { versions } = await templateOf()
    expect((await versions('$Latest'))?.[0]).toMatchObject({
      VersionNumber: 1,
      DefaultVersion: true,
      LaunchTemplateData: {
        InstanceType: 'm5.large',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 80, Encrypted: true } }],
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'team', Value: 'photo' }] }],
      },
    })
  })

  test('a new version takes over what it does not name from its source', async () => {
    const { ec2, LaunchTemplateId, versions } = await templateOf()
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId,
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'm5.xlarge' },
      }),
    )
    const [latest] = (await versions('$Latest')) ?? []
    expect(latest?.LaunchTemplateData?.InstanceType).toBe('m5.xlarge')
    expect(latest?.LaunchTemplateData?.BlockDeviceMappings).toHaveLength(1)
    expect((await versions('$Default'))?.[0]?.VersionNumber).toBe(1)
    await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: '2' }))
    expect((await versions('$Default'))?.[0]?.VersionNumber).toBe(2)
  })

  test('the default version cannot be deleted, another one can', async () => {
    const { ec2, LaunchTemplateId, versions } = await templateOf()
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData: { KeyName: 'ops' } }),
    )
    const result = await ec2.send(
      new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ['1', '2'] }),
    )
    expect(
      result.SuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
    ).toEqual([2])
    expect(
      result.UnsuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
    ).toEqual([1])
    expect((await versions())?.map(({ VersionNumber }) => VersionNumber)).toEqual([1])
  })

  test('a name is taken once, and free again after the template is deleted', async () => {
    const { ec2, LaunchTemplateId } = await templateOf()
    const again = () =>
      ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: 'web',
          LaunchTemplateData: { KeyName: 'ops' },
        }),
      )
    await expect(again()).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.AlreadyExistsException' })
    await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }))
    await expect(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }))).rejects.toMatchObject({
      name: 'InvalidLaunchTemplateId.NotFound',
    })
    await expect(again()).resolves.toBeDefined()
  })

  test('a version that is not there is refused', async () => {
    const { versions } = await templateOf()
    await expect(versions('7')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' })
  })
})

describe('tags', () => {
  test('are set, found and taken away', async () => {
    const { ec2 } = await ec2Of()
    const Resources = [account.subnets[0]?.id ?? '']
    await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'photo/own', Value: 'yes' }] }))
    const find = async () =>
      (await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:photo/own', Values: ['yes'] }] })))
        .Subnets
    expect(await find()).toHaveLength(1)
    const { Tags } = await ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['photo/own'] }] }),
    )
    expect(Tags).toEqual([
      { Key: 'photo/own', Value: 'yes', ResourceId: Resources[0], ResourceType: 'subnet' },
    ])
    await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'photo/own' }] }))
    expect(await find()).toEqual([])
  })
})

describe('instance types and images', () => {
  test('m5.large has the figures of EC2', async () => {
    const { ec2 } = await ec2Of()
    const { InstanceTypes } = await ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ['m5.large'] }),
    )
    expect(InstanceTypes?.[0]).toMatchObject({
      VCpuInfo: { DefaultVCpus: 2 },
      MemoryInfo: { SizeInMiB: 8192 },
      NetworkInfo: { MaximumNetworkInterfaces: 3, Ipv4AddressesPerInterface: 10 },
    })
  })

  test('an unknown type is refused', async () => {
    const { ec2 } = await ec2Of()
    const call = ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['z9.huge' as 'm5.large'] }))
    await expect(call).rejects.toMatchObject({ name: 'InvalidInstanceType' })
  })

  test('offerings name each zone', async () => {
    const { ec2 } = await ec2Of()
    const { InstanceTypeOfferings } = await ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['t3.medium'] }],
      }),
    )
    expect(InstanceTypeOfferings?.map(({ Location }) => Location)).toEqual([
      'eu-west-1a',
      'eu-west-1b',
      'eu-west-1c',
    ])
  })

  test('an image of the catalogue is described', async () => {
    const { ec2 } = await ec2Of()
    const release = amiRelease('1.33', 'AL2023_ARM_64_STANDARD')
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [release?.imageId ?? ''] }))
    expect(Images?.[0]).toMatchObject({ Architecture: 'arm64', Name: release?.imageName })
    await expect(ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-0'] }))).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    })
  })
})
