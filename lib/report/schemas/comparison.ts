import { z } from 'zod'
import { planShape } from '../../runbook/plan.ts'

const time = z.string().describe('ISO 8601')
const outcome = z.enum(['done', 'already'])

const side = z.object({
  run: z.string(),
  from: z.enum(['journal', 'evidence']).describe('Where it is known from'),
  runbook: z.string(),
  target: planShape.shape.target,
  state: z.string(),
  startedAt: time,
  endedAt: time.optional(),
})

const stepSide = z.object({
  id: z.string(),
  outcome,
  seconds: z.number(),
  failures: z.array(z.string()).optional().describe('Code of each error that it stopped with before'),
})
const findings = z.array(
  z.object({ code: z.string(), outcome: z.enum(['pass', 'warn', 'block', 'unknown']), object: z.string() }),
)

/** `compare --output json`. */
export const comparisonDocument = z.object({
  a: side,
  b: side,
  inputs: z.array(z.object({ name: z.string(), a: z.json(), b: z.json(), same: z.boolean() })),
  versions: z
    .array(
      z.object({
        rule: z.string(),
        object: z.string(),
        a: z.string().nullable(),
        b: z.string().nullable(),
        same: z.boolean(),
      }),
    )
    .describe('What must be equal between staging and production'),
  steps: z.array(
    z.object({
      counterpart: z.string().describe('What the step is called on every cluster'),
      title: z.string(),
      a: stepSide.nullable(),
      b: stepSide.nullable(),
      factor: z
        .number()
        .nullable()
        .describe('How many times longer b took; null where a took under a second'),
      onlyInA: findings,
      onlyInB: findings,
      same: z.boolean().describe('Same outcome and findings'),
    }),
  ),
})
