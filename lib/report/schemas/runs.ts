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
        review: z
          .enum(['open', 'closed'])
          .optional()
          .describe('Of a run that broke the glass: whether somebody else has looked at it'),
        error: error.optional(),
      }),
    )
    .describe('Newest first'),
})

const action = z.object({
  scope: z.enum(['do', 'undo', 'restore']),
  name: z.string().describe("AWS's or Kubernetes' own word with its service"),
  object: z.string(),
  pause: z.string().optional().describe('Kind and object of the pause that it takes or restores'),
  attempt: z.number(),
  token: z.string().describe('Client request token'),
  startedAt: time,
  endedAt: time.optional(),
  outcome: z.enum(['open', 'done', 'refused', 'ambiguous', 'superseded']),
  error: error.optional(),
})

const finding = planShape.shape.findings.element

/** What a step did otherwise than the same step of another run. */
export const stepDifference = z.object({
  kind: z.enum(['finding', 'outcome', 'duration', 'no-counterpart']),
  object: z.string(),
  expected: z.string(),
  found: z.string(),
})

const notes = z.record(z.string(), z.json())

const step = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'already', 'failed', 'undoing', 'undone']),
  startedAt: time.optional(),
  endedAt: time.optional(),
  idleSeconds: z.number().optional().describe('Of the time between start and end: nobody walked it'),
  error: error.optional(),
  reopened: z
    .boolean()
    .describe('Done, but something that it had paused was restored since: resume walks it again'),
  failures: z.array(z.string()).optional().describe('Code of each error that it stopped with, oldest first'),
  findings: z.array(z.object({ when: z.enum(['before', 'after']), at: time, findings: z.array(finding) })),
  comparison: z
    .object({
      with: z.string().describe('Name of the evidence'),
      differences: z.array(stepDifference),
      accepted: z.object({ at: time, by: z.string(), reason: z.string() }).optional(),
    })
    .optional()
    .describe('How it went against the same step of the run that proved it'),
  actions: z.array(action),
  notes: notes.describe('What it has to remember of its way forward, by key'),
  undoNotes: notes.describe('What it has to remember of its way back, by key'),
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

const brokenGlass = z.object({ by: z.string(), reason: z.string(), skipped: z.string() })

const clearance = z
  .object({
    evidence: z.string().optional(),
    rehearsal: z.string().optional(),
    approval: z.object({ by: z.string(), at: time, reason: z.string(), name: z.string() }).optional(),
    brokenGlass: brokenGlass.optional(),
  })
  .describe('How the gate before production was passed')

const review = z
  .object({
    state: z.enum(['open', 'closed']),
    refused: z.string().optional().describe('Why the record that there is does not count'),
    run: z.string().optional(),
    by: z.string().optional(),
    at: time.optional(),
    reason: z.string().optional(),
  })
  .describe('Of a run that broke the glass')

const owner = z
  .object({
    host: z.string(),
    bootId: z.string(),
    pid: z.number(),
    startTime: z.string(),
    machineId: z.string().optional(),
    pidNamespace: z.string().optional(),
  })
  .describe('The process that ran it last')

/** `show --output json` and `report --format json`. */
export const runDocument = z.object({
  id: z.string(),
  runbook: z.string(),
  title: z.string(),
  target: planShape.shape.target,
  plan: planShape,
  tool: z.string(),
  by: z.string(),
  callers: z.array(z.string()).describe('ARNs of all who ran it'),
  owner,
  state: z.string(),
  startedAt: time,
  updatedAt: time,
  endedAt: time.optional(),
  error: error.optional(),
  epoch: z.number().describe('Of the lock of its cluster'),
  resumes: z.number().describe('How often it went on in a new process'),
  toolDigests: z.array(z.string()).describe('sha256 over the code of each version that ran it, oldest first'),
  undoing: z.boolean(),
  fleet: z
    .object({ digest: z.string().describe('sha256 over the fleet'), gated: z.boolean() })
    .optional()
    .describe('By which rules of a fleet it began'),
  clearance: clearance.optional(),
  glassBroken: z
    .array(brokenGlass.extend({ at: time }))
    .optional()
    .describe('Each time that it went on by breaking the glass'),
  review: review.optional(),
  steps: z.array(step),
  pauses: z.array(pause),
  takeOvers: z.array(z.object({ at: time, from: z.string(), reason: z.string() })),
  tornLines: z.array(z.number()),
})
