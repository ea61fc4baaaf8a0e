import { z } from 'zod'

/** `twin calls --output json`. */
export const callsDocument = z.object({
  calls: z.array(
    z.object({
      at: z.string().describe('Virtual time, ISO 8601'),
      service: z.string().describe('AWS service (eks, ec2, …) or kubernetes'),
      operation: z.string().describe('AWS name of the operation; for Kubernetes verb and kind'),
      principal: z.string().describe('ARN of the caller, or the Kubernetes user name'),
      parameters: z.record(z.string(), z.json()).describe('What was asked for, secrets left out'),
      effect: z.string().nullable().describe('What the call changed, or null'),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      repeated: z.boolean().describe('A token answered, or the effect was already in place'),
    }),
  ),
})

export type CallsDocument = z.output<typeof callsDocument>
