import { z } from 'zod'

const time = z.string().describe('ISO 8601')

/** `approve --output json`. */
export const approvalDocument = z.object({
  schema: z.literal(1),
  digest: z.string().describe('Digest of the plan that it approves'),
  cluster: z.string().describe('ARN'),
  by: z.string().describe('ARN of the caller'),
  principal: z.string().describe('Who that is, whatever the session is called'),
  at: time,
  expiresAt: time,
  reason: z.string(),
  nonce: z.string().describe('32 hex digits: the name of the approval'),
})

/** `review --output json`. */
export const reviewDocument = z.object({
  run: z.string(),
  by: z.string().describe('ARN of the caller'),
  at: time,
  reason: z.string(),
})
