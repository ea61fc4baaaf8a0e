import type { AutoScaling as Client } from '@aws-sdk/client-auto-scaling'
import { awsClient, type AwsSettings } from './connection.ts'

export interface AutoScalingGroup {
  readonly name: string
  readonly arn: string
  readonly desiredSize: number
  readonly instances: number
  /** Names such as `Launch` and `AZRebalance`. */
  readonly suspended: readonly string[]
}

export interface AutoScaling {
  readonly describeGroup: (name: string) => Promise<AutoScalingGroup | undefined>
  /** Absolute and repeatable: processes already suspended stay so. */
  readonly suspendProcesses: (group: string, processes: readonly string[]) => Promise<void>
  readonly resumeProcesses: (group: string, processes: readonly string[]) => Promise<void>
  readonly load: () => Promise<void>
}

export const connectAutoScaling = (settings: AwsSettings): AutoScaling => {
  const { call, load } = awsClient<Client>(settings, 'autoscaling', async (sdk) => {
    const { AutoScaling: Made } = await import('@aws-sdk/client-auto-scaling')
    return new Made(sdk)
  })
  return {
    load,
    describeGroup: async (name) => {
      const answer = await call('DescribeAutoScalingGroups', (client) =>
        client.describeAutoScalingGroups({ AutoScalingGroupNames: [name] }),
      )
      const group = answer.AutoScalingGroups?.[0]
      if (!group) return undefined
      return {
        name,
        arn: group.AutoScalingGroupARN ?? '',
        desiredSize: group.DesiredCapacity ?? 0,
        instances: group.Instances?.length ?? 0,
        suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
      }
    },
    suspendProcesses: async (AutoScalingGroupName, processes) => {
      const input = { AutoScalingGroupName, ScalingProcesses: [...processes] }
      await call('SuspendProcesses', (client) => client.suspendProcesses(input))
    },
    resumeProcesses: async (AutoScalingGroupName, processes) => {
      const input = { AutoScalingGroupName, ScalingProcesses: [...processes] }
      await call('ResumeProcesses', (client) => client.resumeProcesses(input))
    },
  }
}
