import { AwsError, type Handler, type Handlers } from '../call.ts'
import { instanceHandlers } from './instance-handlers.ts'
import { launchTemplateHandlers } from './launch-template-handlers.ts'
import { networkHandlers } from './network-handlers.ts'
import { tagHandlers } from './tag-handlers.ts'

const all: Handlers = { ...networkHandlers, ...instanceHandlers, ...launchTemplateHandlers, ...tagHandlers }

/** A call with DryRun changes nothing and ends in DryRunOperation. */
const withDryRun =
  (handler: Handler<never, object>): Handler<never, object> =>
  (input, call) => {
    if ((input as { readonly DryRun?: boolean }).DryRun)
      throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
    return handler(input, call)
  }

/** EC2 as node groups need it. */
export const ec2Handlers: Handlers = Object.fromEntries(
  Object.entries(all).map(([name, handler]) => [name, withDryRun(handler)]),
)
