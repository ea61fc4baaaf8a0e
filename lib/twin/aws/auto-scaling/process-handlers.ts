import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { AwsError } from '../call.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { findGroup } from './groups.ts'
import { reconcile } from './reconcile.ts'

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
]

/** Suspended processes: `Launch` and `Terminate` stop a group from moving, the others are kept as data. */
export const processHandlers = {
  'autoscaling.SuspendProcesses': ({ AutoScalingGroupName, ScalingProcesses }, call) => {
    const group = findGroup(call.region, AutoScalingGroupName)
    const asked = known(ScalingProcesses)
    const before = suspended(group)
    const added = asked.filter((name) => !before.includes(name))
    const reason = `User suspended at ${new Date(call.aws.timeline.now()).toISOString()}`
    group.SuspendedProcesses = [
      ...(group.SuspendedProcesses ?? []),
      ...added.map((ProcessName) => ({ ProcessName, SuspensionReason: reason })),
    ]
    call.effect(
      `${asked.join(', ')} of Auto Scaling group ${AutoScalingGroupName} suspended`,
      added.length === 0,
    )
    return {}
  },
  'autoscaling.ResumeProcesses': ({ AutoScalingGroupName, ScalingProcesses }, call) => {
    const group = findGroup(call.region, AutoScalingGroupName)
    const asked = known(ScalingProcesses)
    const before = suspended(group)
    group.SuspendedProcesses = (group.SuspendedProcesses ?? []).filter(
      ({ ProcessName = '' }) => !asked.includes(ProcessName),
    )
    reconcile(call.aws, call.region, group)
    const same = !asked.some((name) => before.includes(name))
    call.effect(`${asked.join(', ')} of Auto Scaling group ${AutoScalingGroupName} resumed`, same)
    return {}
  },
  'autoscaling.DescribeScalingProcessTypes': () => ({
    Processes: processes.toSorted().map((ProcessName) => ({ ProcessName })),
  }),
} satisfies HandlersOf<'autoscaling', typeof import('@aws-sdk/client-auto-scaling')>

const suspended = ({ SuspendedProcesses = [] }: AutoScalingGroup): readonly string[] =>
  SuspendedProcesses.map(({ ProcessName }) => ProcessName ?? '')

/** None named: all of them. */
const known = (asked: readonly string[] = []): readonly string[] => {
  const wrong = asked.find((name) => !processes.includes(name))
  if (wrong !== undefined) throw new AwsError('ValidationError', `${wrong} is not a valid process type.`)
  return asked.length === 0 ? processes : asked
}
