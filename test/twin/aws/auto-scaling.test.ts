import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { amiRelease } from '../../../lib/twin/aws/ami-catalogue.ts'
import type { Fault } from '../../../lib/twin/faults.ts'
import { account, twinOfAws } from './in-process.ts'

const [zoneA, zoneB, zoneC] = account.subnets.map(({ id }) => id)

const groupOf = async (size: {
  desired: number
  max?: number
  min?: number
  subnets?: string
  faults?: readonly Fault[]
}) => {
  const twin = await twinOfAws({ faults: size.faults ?? [] })
  const ec2 = new EC2Client(twin.client)
  const scaling = new AutoScalingClient(twin.client)
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'web',
      LaunchTemplateData: { InstanceType: 'm5.large', ImageId: amiRelease('1.32', 'AL2_x86_64')?.imageId },
    }),
  )
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web',
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      MinSize: size.min ?? 0,
      MaxSize: size.max ?? 10,
      DesiredCapacity: size.desired,
      VPCZoneIdentifier: size.subnets ?? `${zoneA},${zoneB}`,
      Tags: [{ Key: 'eks:nodegroup-name', Value: 'web', PropagateAtLaunch: true }],
    }),
  )
  const group = async () => {
    const { AutoScalingGroups } = await scaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['web'] }),
    )
    return AutoScalingGroups?.[0]
  }
  const states = async () => ((await group())?.Instances ?? []).map(({ LifecycleState }) => LifecycleState)
  const zones = async () =>
    ((await group())?.Instances ?? []).map(({ AvailabilityZone }) => AvailabilityZone ?? '').toSorted()
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => 'no failure',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
    )
  return { ...twin, ec2, scaling, group, states, zones, failure }
}

describe('launching', () => {
  test('instances take their time to run', async () => {
    const { states, time, aws } = await groupOf({ desired: 2 })
    expect(await states()).toEqual(['Pending', 'Pending'])
    await time.pass(aws.durations.launchInstance - 1)
    expect(await states()).toEqual(['Pending', 'Pending'])
    await time.pass(1)
    expect(await states()).toEqual(['InService', 'InService'])
  })

  test('instances spread over the zones', async () => {
    const { zones } = await groupOf({ desired: 5 })
    expect(await zones()).toEqual(['eu-west-1a', 'eu-west-1a', 'eu-west-1a', 'eu-west-1b', 'eu-west-1b'])
  })

  test('an instance carries the tags of its group and the image of the launch template', async () => {
    const { ec2 } = await groupOf({ desired: 1 })
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:eks:nodegroup-name', Values: ['w*'] }] }),
    )
    expect(Reservations?.[0]?.Instances?.[0]?.ImageId).toBe(amiRelease('1.32', 'AL2_x86_64')?.imageId)
    const none = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:eks:nodegroup-name', Values: ['data'] }] }),
    )
    expect(none.Reservations).toEqual([])
  })

  test('those who listen are told once an instance runs and once it is gone', async () => {
    const told: string[] = []
    const { aws, time, scaling } = await groupOf({ desired: 1 })
    aws.instanceEvents.running.push((_region, { InstanceId }) => void told.push(`runs ${InstanceId}`))
    aws.instanceEvents.terminated.push((_region, { InstanceId }) => void told.push(`gone ${InstanceId}`))
    await time.pass(aws.durations.launchInstance)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 0 }))
    await time.pass(aws.durations.terminateInstance)
    const [id] = aws.state.regions.get(`${account.id}/${account.region}`)?.instances.keys() ?? []
    expect(told).toEqual([`runs ${id}`, `gone ${id}`])
  })

  test('free addresses go down with instances and up again when they are gone', async () => {
    const { ec2, scaling, time } = await groupOf({ desired: 2, subnets: `${zoneA}` })
    const free = async () =>
      (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [`${zoneA}`] }))).Subnets?.[0]
        ?.AvailableIpAddressCount
    expect(await free()).toBe(98)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 0 }))
    expect(await free()).toBe(98)
    await time.pass(60)
    expect(await free()).toBe(100)
  })

  test('a subnet without free addresses ends the launch with an activity that says so', async () => {
    const { states, scaling } = await groupOf({ desired: 5, subnets: `${zoneC}` })
    expect(await states()).toHaveLength(3)
    const { Activities } = await scaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'web' }),
    )
    expect(Activities?.[0]).toMatchObject({ StatusCode: 'Failed' })
    expect(Activities?.[0]?.StatusMessage).toContain('not enough free addresses')
  })

  test('a capacity error fails the activity, and the group tries again after a minute', async () => {
    const { states, time, scaling } = await groupOf({
      desired: 1,
      faults: [{ kind: 'capacity-error', match: { object: 'web' } }],
    })
    expect(await states()).toEqual([])
    const { Activities } = await scaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'web' }),
    )
    expect(Activities?.[0]?.StatusMessage).toContain('do not have sufficient m5.large capacity')
    await time.pass(60)
    expect(await states()).toEqual(['Pending'])
  })

  test('a capacity error that stays leaves one retry planned at a time', async () => {
    const { time, scaling } = await groupOf({ desired: 1, faults: [{ kind: 'capacity-error', times: -1 }] })
    await time.pass(600)
    const { Activities } = await scaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'web' }),
    )
    expect(Activities).toHaveLength(11)
  })
})

describe('sizing', () => {
  test('scale-in takes from the fuller zone', async () => {
    const { zones, scaling, time } = await groupOf({ desired: 3 })
    await time.pass(60)
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 2 }))
    await time.pass(60)
    expect(await zones()).toEqual(['eu-west-1a', 'eu-west-1b'])
  })

  test('a capacity outside of the sizes is refused', async () => {
    const { scaling, failure } = await groupOf({ desired: 1, max: 2, min: 1 })
    const set = (DesiredCapacity: number) =>
      failure(scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity })))
    expect(await set(3)).toContain('above max value 2')
    expect(await set(0)).toContain('below min value 1')
    expect(await set(2)).toBe('no failure')
  })

  test('a suspended Launch launches nothing until it is resumed', async () => {
    const { scaling, states, group } = await groupOf({ desired: 1 })
    const which = { AutoScalingGroupName: 'web', ScalingProcesses: ['Launch'] }
    await scaling.send(new SuspendProcessesCommand(which))
    expect((await group())?.SuspendedProcesses?.map(({ ProcessName }) => ProcessName)).toEqual(['Launch'])
    await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 3 }))
    expect(await states()).toHaveLength(1)
    await scaling.send(new ResumeProcessesCommand(which))
    expect(await states()).toHaveLength(3)
    expect((await group())?.SuspendedProcesses).toEqual([])
  })

  test('suspending again is recorded as repeated', async () => {
    const { scaling, calls } = await groupOf({ desired: 0 })
    const which = { AutoScalingGroupName: 'web', ScalingProcesses: ['Launch'] }
    await scaling.send(new SuspendProcessesCommand(which))
    await scaling.send(new SuspendProcessesCommand(which))
    expect(calls.slice(-2).map(({ repeated }) => repeated)).toEqual([false, true])
  })

  test('a process that does not exist is refused', async () => {
    const { scaling, failure } = await groupOf({ desired: 0 })
    const call = scaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: 'web', ScalingProcesses: ['Sleep'] }),
    )
    expect(await failure(call)).toContain('Sleep is not a valid process type')
  })

  test('new sizes pull the desired capacity along', async () => {
    const { scaling, group } = await groupOf({ desired: 1 })
    await scaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web', MinSize: 2, MaxSize: 4 }),
    )
    expect(await group()).toMatchObject({ MinSize: 2, MaxSize: 4, DesiredCapacity: 2 })
  })
})

describe('ending instances', () => {
  test('with decrement the group gets smaller', async () => {
    const { scaling, group, time } = await groupOf({ desired: 2 })
    const InstanceId = (await group())?.Instances?.[0]?.InstanceId
    await scaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }),
    )
    await time.pass(60)
    expect(await group()).toMatchObject({ DesiredCapacity: 1 })
    expect((await group())?.Instances?.map((member) => member.InstanceId)).not.toContain(InstanceId)
  })

  test('without decrement another one is launched', async () => {
    const { scaling, group, time } = await groupOf({ desired: 1 })
    const InstanceId = (await group())?.Instances?.[0]?.InstanceId
    await scaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }),
    )
    await time.pass(60)
    const members = (await group())?.Instances
    expect(members).toHaveLength(1)
    expect(members?.[0]?.InstanceId).not.toBe(InstanceId)
  })

  test('decrement below the minimum is refused', async () => {
    const { scaling, group, failure } = await groupOf({ desired: 1, min: 1 })
    const InstanceId = (await group())?.Instances?.[0]?.InstanceId
    const call = scaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }),
    )
    expect(await failure(call)).toContain('desiredSize equals minSize (1)')
  })

  test('an instance that EC2 ends is replaced', async () => {
    const { ec2, group, time } = await groupOf({ desired: 1 })
    const InstanceId = (await group())?.Instances?.[0]?.InstanceId ?? ''
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }))
    await time.pass(120)
    expect((await group())?.Instances).toMatchObject([{ LifecycleState: 'InService' }])
    expect((await group())?.Instances?.[0]?.InstanceId).not.toBe(InstanceId)
  })

  test('a terminated instance is forgotten after an hour', async () => {
    const { ec2, group, time } = await groupOf({ desired: 1 })
    const InstanceIds = [(await group())?.Instances?.[0]?.InstanceId ?? '']
    await ec2.send(new TerminateInstancesCommand({ InstanceIds }))
    await time.pass(60)
    const described = await ec2.send(new DescribeInstancesCommand({ InstanceIds }))
    expect(described.Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('terminated')
    await time.pass(3600)
    await expect(ec2.send(new DescribeInstancesCommand({ InstanceIds }))).rejects.toThrow('does not exist')
  })

  test('a group is deleted with its instances, and gone when they are', async () => {
    const { scaling, group, time, failure } = await groupOf({ desired: 2 })
    const remove = (ForceDelete: boolean) =>
      failure(scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'web', ForceDelete })))
    expect(await remove(false)).toContain('ResourceInUse')
    expect(await remove(true)).toBe('no failure')
    expect(await group()).toMatchObject({ Status: 'Delete in progress' })
    await time.pass(60)
    expect(await group()).toBeUndefined()
  })
})

test('groups are found by tag', async () => {
  const { scaling } = await groupOf({ desired: 0 })
  await scaling.send(
    new CreateOrUpdateTagsCommand({
      Tags: [
        {
          ResourceId: 'web',
          ResourceType: 'auto-scaling-group',
          Key: 'team',
          Value: 'photo',
          PropagateAtLaunch: false,
        },
      ],
    }),
  )
  const find = async (value: string) =>
    (
      await scaling.send(
        new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: 'tag:team', Values: [value] }] }),
      )
    ).AutoScalingGroups?.length
  expect(await find('photo')).toBe(1)
  expect(await find('video')).toBe(0)
})

test('the same calls give the same ids', async () => {
  const ids = async () =>
    (await (await groupOf({ desired: 3 })).group())?.Instances?.map(({ InstanceId }) => InstanceId)
  const first = await ids()
  expect(await ids()).toEqual(first)
  expect(first?.every((id) => /^i-0[0-9a-f]{16}$/.test(id ?? ''))).toBe(true)
})
