import type { TaskHandlers } from '../timeline.ts'
import { groupHandlers, groupReadHandlers } from './auto-scaling/handlers.ts'
import { autoScalingTasks } from './auto-scaling/over-time.ts'
import { processHandlers } from './auto-scaling/process-handlers.ts'
import type { Aws, Handlers } from './call.ts'
import { ec2Handlers } from './ec2/handlers.ts'
import { ec2Tasks } from './ec2/instances.ts'
import { iamHandlers } from './iam.ts'
import { kmsHandlers } from './kms/handlers.ts'
import { kmsSigningHandlers } from './kms/signing.ts'
import { s3Handlers, s3ReadHandlers } from './s3.ts'
import { serviceQuotasHandlers } from './service-quotas.ts'
import { ssmHandlers } from './ssm.ts'
import { stsHandlers } from './sts.ts'

/** Every service but EKS. */
export const awsHandlers: Handlers = {
  ...stsHandlers,
  ...iamHandlers,
  ...ec2Handlers,
  ...groupHandlers,
  ...groupReadHandlers,
  ...processHandlers,
  ...ssmHandlers,
  ...s3Handlers,
  ...s3ReadHandlers,
  ...serviceQuotasHandlers,
  ...kmsHandlers,
  ...kmsSigningHandlers,
}

/** What every service but EKS does over time. */
export const awsTasks = (aws: Aws): TaskHandlers => ({ ...ec2Tasks(aws), ...autoScalingTasks(aws) })
