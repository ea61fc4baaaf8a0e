import type { TaskHandlers } from '../timeline.ts'
import { autoScalingTasks } from './auto-scaling/over-time.ts'
import type { Aws, Handlers } from './call.ts'
import { ec2Tasks } from './ec2/instances.ts'
import { iamHandlers } from './iam.ts'
import { stsHandlers } from './sts.ts'

/** Every service but EKS. */
export const awsHandlers: Handlers = { ...stsHandlers, ...iamHandlers }

/** What every service but EKS does over time. */
export const awsTasks = (aws: Aws): TaskHandlers => ({ ...ec2Tasks(aws), ...autoScalingTasks(aws) })
