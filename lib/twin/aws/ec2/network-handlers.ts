import { AwsError } from '../call.ts'
import { pageOf } from '../pages.ts'
import { zoneId } from '../seed-account.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { chosen, fits } from './filters.ts'

const largestPage = 1000

/** VPCs, subnets, security groups and zones. */
export const networkHandlers = {
  'ec2.DescribeVpcs': ({ VpcIds, Filters, NextToken, MaxResults }, { region }) => {
    const vpcs = chosen(region.vpcs, VpcIds, notFound('InvalidVpcID.NotFound', 'vpc ID')).filter((vpc) =>
      fits(Filters, {
        values: {
          'vpc-id': [vpc.VpcId],
          cidr: [vpc.CidrBlock],
          state: [vpc.State],
          isDefault: [String(vpc.IsDefault)],
        },
        tags: vpc.Tags,
      }),
    )
    const { items, next } = pageOf(vpcs, { token: NextToken, size: MaxResults ?? largestPage })
    return { Vpcs: [...items], NextToken: next }
  },
  'ec2.DescribeSubnets': ({ SubnetIds, Filters, NextToken, MaxResults }, { region }) => {
    const subnets = chosen(
      region.subnets,
      SubnetIds,
      notFound('InvalidSubnetID.NotFound', 'subnet ID'),
    ).filter((subnet) =>
      fits(Filters, {
        values: {
          'subnet-id': [subnet.SubnetId],
          'vpc-id': [subnet.VpcId],
          'availability-zone': [subnet.AvailabilityZone],
          availabilityZone: [subnet.AvailabilityZone],
          'cidr-block': [subnet.CidrBlock],
          state: [subnet.State],
        },
        tags: subnet.Tags,
      }),
    )
    const { items, next } = pageOf(subnets, { token: NextToken, size: MaxResults ?? largestPage })
    return { Subnets: [...items], NextToken: next }
  },
  'ec2.DescribeSecurityGroups': ({ GroupIds, Filters, NextToken, MaxResults }, { region }) => {
    const groups = chosen(
      region.securityGroups,
      GroupIds,
      (id) => new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
    ).filter((group) =>
      fits(Filters, {
        values: { 'group-id': [group.GroupId], 'group-name': [group.GroupName], 'vpc-id': [group.VpcId] },
        tags: group.Tags,
      }),
    )
    const { items, next } = pageOf(groups, { token: NextToken, size: MaxResults ?? largestPage })
    return { SecurityGroups: [...items], NextToken: next }
  },
  'ec2.DescribeAvailabilityZones': ({ ZoneNames, Filters }, { region }) => ({
    AvailabilityZones: ['a', 'b', 'c']
      .map((letter) => `${region.region}${letter}`)
      .filter((zone) => !ZoneNames || ZoneNames.length === 0 || ZoneNames.includes(zone))
      .filter((zone) =>
        fits(Filters, {
          values: {
            'zone-name': [zone],
            'region-name': [region.region],
            state: ['available'],
            'zone-type': ['availability-zone'],
            'opt-in-status': ['opt-in-not-required'],
          },
        }),
      )
      .map((zone) => ({
        ZoneName: zone,
        ZoneId: zoneId(zone),
        ZoneType: 'availability-zone',
        RegionName: region.region,
        GroupName: region.region,
        State: 'available' as const,
        OptInStatus: 'opt-in-not-required' as const,
      })),
  }),
} satisfies HandlersOf<'ec2', typeof import('@aws-sdk/client-ec2')>

const notFound = (code: string, what: string) => (id: string) =>
  new AwsError(code, `The ${what} '${id}' does not exist`)
