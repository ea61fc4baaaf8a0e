import { z } from 'zod'
import { faultProfiles } from '../../evidence/rehearsal-result.ts'
import { planShape } from '../../runbook/plan.ts'

const error = { code: z.string(), message: z.string(), hint: z.string() }
const seconds = z.number().describe('Seconds of the cluster')
const spread = { p50: seconds, p90: seconds }
const step = { id: z.string(), title: z.string() }
const stop = z.object({
  ...error,
  step: z.string().optional().describe('Title of the step it stopped at; left out between steps'),
  injected: z
    .string()
    .optional()
    .describe('The injected fault that caused it; left out for the trouble of the world itself'),
})
const counts = z.record(z.string(), z.number())

const run = z.object({
  seed: z.number().int(),
  ended: z.enum(['done', 'stopped']),
  stop: stop.optional().describe('Where and why it stopped for good'),
  seconds,
  steps: z.array(z.object({ ...step, seconds })),
  resumes: z.array(stop).describe('Stops that were gone on from'),
  nodes: z.object({
    peakExtra: z.number().describe('Most nodes at once above those of the beginning'),
    extraInstanceHours: z.number(),
  }),
  evictions: z.number().describe('Pods moved'),
  budgets: z
    .array(
      z.object({
        budget: z.string().describe('namespace/name'),
        refusals: z.number().describe('Evictions that the server refused for it'),
        seconds: seconds.describe('How long a pod under it had to leave while it allowed none'),
        injected: z.literal(true).optional().describe('The rehearsal itself held it'),
      }),
    )
    .describe('Budgets that held pods back'),
  requests: z.object({
    aws: counts.describe('By service'),
    kubernetes: counts.describe('By verb'),
  }),
  longestPause: z.object({ kind: z.string(), object: z.string(), seconds }).optional(),
  faults: z.array(z.object({ what: z.string(), struck: z.number() })),
})

/** `rehearse --output json`. */
export const rehearsalDocument = z.object({
  runbook: z.string(),
  title: z.string(),
  cluster: z.string(),
  world: z.string().describe('Where the world came from'),
  faults: z.enum(faultProfiles),
  stepsDigest: z.string().describe('sha256 in hex over the canonical JSON of the steps'),
  steps: z.number().describe('Steps of the plan'),
  findings: planShape.shape.findings,
  refused: z.object(error).optional().describe('A check stops the plan: nothing was rehearsed'),
  runs: z.array(run).describe('One for each seed that was tried'),
  predicted: z
    .object({ ...spread, steps: z.array(z.object({ ...step, ...spread })) })
    .optional()
    .describe('Over the runs that ended'),
  assumed: z.array(z.string()).describe('What this rests on'),
  interrupted: z.boolean(),
  record: z.string().optional().describe('Name of the signed record'),
})
