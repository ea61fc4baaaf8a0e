import { describe, expect, test } from 'vitest'
import {
  createAutoScalingGroup,
  deleteAutoScalingGroup,
  resizeGroup,
  terminateInstance,
} from '../../../lib/twin/aws/auto-scaling/groups.ts'
import { createLaunchTemplate } from '../../../lib/twin/aws/ec2/launch-templates.ts'
import { region as regionOf } from '../../../lib/twin/aws/regions.ts'
import { account, twinOfAws } from './in-process.ts'

/** As EKS makes the groups behind its node groups. */
const placeOf = async () => {
  const { aws, time } = await twinOfAws()
  const region = regionOf(aws.state, account.id, account.region)
  const template = createLaunchTemplate(aws, region, {
    name: 'eks-web',
    data: {
      ImageId: 'ami-0abc',
      InstanceType: 'm5.large',
      SecurityGroupIds: [...region.securityGroups.keys()],
    },
    createdBy: 'eks.amazonaws.com',
  })
  const spec = {
    name: 'eks-web',
    minSize: 0,
    maxSize: 4,
    desiredCapacity: 2,
    subnetIds: account.subnets.slice(0, 2).map(({ id }) => id),
    launchTemplate: { id: template.id, version: '1' },
    tags: { 'eks:cluster-name': 'photo-staging' },
  }
  return { aws, time, region, spec }
}

describe('a group made by EKS', () => {
  test('can have its instances running at once, and nobody is told', async () => {
    const { aws, region, spec } = await placeOf()
    const told: unknown[] = []
    aws.instanceEvents.running.push(() => void told.push('runs'))
    const group = createAutoScalingGroup(aws, region, { ...spec, launching: 'at-once' })
    expect(group.Instances?.map(({ LifecycleState }) => LifecycleState)).toEqual(['InService', 'InService'])
    expect([...region.instances.values()].map(({ State }) => State?.Name)).toEqual(['running', 'running'])
    expect(told).toEqual([])
  })

  test('launches the first of its instance types, and spot where asked', async () => {
    const { aws, region, spec } = await placeOf()
    createAutoScalingGroup(aws, region, {
      ...spec,
      instanceTypes: ['r5.xlarge', 'm5.large'],
      capacityType: 'SPOT',
    })
    const [instance] = region.instances.values()
    expect(instance).toMatchObject({
      InstanceType: 'r5.xlarge',
      InstanceLifecycle: 'spot',
      ImageId: 'ami-0abc',
      SecurityGroups: [{ GroupName: 'default' }],
    })
    expect(instance?.PrivateDnsName).toMatch(/^ip-10-10-\d+-\d+\.eu-west-1\.compute\.internal$/)
  })

  test('goes on from a copy of the state as the original does', async () => {
    const { aws, region, spec } = await placeOf()
    createAutoScalingGroup(aws, region, spec)
    const copy = { ...aws, state: structuredClone(aws.state) }
    resizeGroup(aws, region, 'eks-web', { desired: 3 })
    resizeGroup(copy, regionOf(copy.state, account.id, account.region), 'eks-web', { desired: 3 })
    expect(copy.state).toEqual(aws.state)
  })

  test('gives its name free when its instances are gone', async () => {
    const { aws, time, region, spec } = await placeOf()
    createAutoScalingGroup(aws, region, spec)
    deleteAutoScalingGroup(aws, region, 'eks-web')
    expect(() => createAutoScalingGroup(aws, region, spec)).toThrow('already exists')
    await time.pass(60)
    expect(createAutoScalingGroup(aws, region, spec).Instances).toHaveLength(2)
  })

  test('an instance of no group cannot be ended through it', async () => {
    const { aws, region } = await placeOf()
    expect(() => terminateInstance(aws, region, 'i-0fff', { decrement: true })).toThrow(
      'No managed instance found',
    )
  })

  test('no two instances have the same address', async () => {
    const { aws, region, spec } = await placeOf()
    createAutoScalingGroup(aws, region, { ...spec, maxSize: 60, desiredCapacity: 60 })
    const addresses = [...region.instances.values()].map(({ PrivateIpAddress }) => PrivateIpAddress)
    expect(new Set(addresses).size).toBe(60)
  })
})
