import { z } from 'zod'
import { planShape } from '../../runbook/plan.ts'

const error = z.object({ code: z.string(), message: z.string(), hint: z.string() })
const time = z.string().describe('ISO 8601')

/** `runs --output json`. */
export const runsDocument = z.object({
  runs: z
    .array(
      z.object({
        id: z.string(),
        runbook: z.string(),
        cluster: z.string(),
        environment: z.string(),
        state: z
          .string()
          .describe('running, interrupted, done, failed, stopped, waiting-for-…, undone, damaged'),
        startedAt: time,
        endedAt: time.optional(),
        steps: z.object({ done: z.number(), total: z.number() }),
        at: z.string().optional().describe('Title of the step it is at or stopped at'),
        error: error.optional(),
      }),
    )
    .describe('Newest first'),
})

const action = z.object({
  scope: z.enum(['do', 'undo', 'restore']),
  name: z.string().describe("AWS's or Kubernetes' own word with its service"),
  object: z.string(),
  attempt: z.number(),
  token: z.string().describe('Client request token'),
  startedAt: time,
  endedAt: time.optional(),
  outcome: z.enum(['open', 'done', 'refused', 'ambiguous']),
  error: error.optional(),
})

const finding = planShape.shape.findings.element

const step = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'already', 'failed', 'undoing', 'undone']),
  startedAt: time.optional(),
  endedAt: time.optional(),
  error: error.optional(),
  findings: z.array(z.object({ when: z.enum(['before', 'after']), at: time, findings: z.array(finding) })),
  actions: z.array(action),
})

const pause = z.object({
  step: z.string(),
  kind: z.string(),
  object: z.string(),
  restore: z.json(),
  pausedAt: time,
  restoredAt: time.optional(),
  state: z.enum(['open', 'restored', 'gone', 'left']),
  error: error.optional(),
})

/** `show --output json` and `report --format json`. */
export const runDocument = z.object({
  id: z.string(),
  runbook: z.string(),
  title: z.string(),
  target: planShape.shape.target,
  plan: planShape,
  tool: z.string(),
  by: z.string(),
  state: z.string(),
  startedAt: time,
  updatedAt: time,
  endedAt: time.optional(),
  error: error.optional(),
  resumes: z.number().describe('How often it went on in a new process'),
  undoing: z.boolean(),
  steps: z.array(step),
  pauses: z.array(pause),
  takeOvers: z.array(z.object({ at: time, from: z.string(), reason: z.string() })),
  tornLines: z.array(z.number()),
})
