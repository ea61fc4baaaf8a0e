import { z } from 'zod'

const refusal = z.object({ code: z.string(), message: z.string(), hint: z.string() })
const difference = {
  rule: z.string().describe('Rule of docs/gate.md'),
  object: z.string(),
  expected: z.string().describe('What was proven; empty where nothing of that kind was'),
  found: z.string().describe('What the plan has'),
  names: z.array(z.string()).describe("Objects of the plan's cluster that it is about"),
}

/** `gate explain --output json`. */
export const gateDocument = z.object({
  gated: z.boolean().describe('False: the cluster needs no evidence'),
  cluster: z.string(),
  staging: z.array(z.string()).describe('Clusters whose evidence counts'),
  maxAgeDays: z.number(),
  prove: z.string().describe('The command that proves the plan on staging'),
  refusals: z.array(refusal).describe('What stands against the plan whatever the evidence'),
  candidates: z
    .array(
      z.object({
        name: z.string(),
        cluster: z.string().describe('Empty where the evidence could not be opened'),
        endedAt: z.string().describe('ISO 8601; empty where the evidence could not be opened'),
        failures: z
          .array(z.object({ step: z.string().describe('Title'), codes: z.array(z.string()) }))
          .describe('Steps that stopped with an error before they were done'),
        refusals: z.array(refusal),
        differences: z.array(z.object({ ...difference, command: z.string().describe('What closes it') })),
        allowed: z.array(z.object({ ...difference, reason: z.string() })),
      }),
    )
    .describe('Nearest to passing first'),
  passes: z.string().optional().describe('Name of the evidence by which the plan passes'),
  rehearsal: z.string().optional().describe('Name of the rehearsal, where one is asked for and there'),
  rehearsedOn: z
    .object({
      origin: z.enum(['import', 'file']).describe('Of the live cluster, or whatever a file says'),
      name: z.string(),
      sha256: z.string().describe('Over the canonical JSON of the world'),
    })
    .optional()
    .describe('The world of that rehearsal'),
})
