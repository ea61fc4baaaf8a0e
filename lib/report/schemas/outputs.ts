import { z } from 'zod'
import { planShape } from '../../runbook/plan.ts'
import { approvalDocument, reviewDocument } from './approval.ts'
import { callsDocument } from './calls.ts'
import { comparisonDocument } from './comparison.ts'
import {
  evidenceKeyDocument,
  evidenceListDocument,
  evidenceShowDocument,
  evidenceSignDocument,
  evidenceVerifyDocument,
} from './evidence.ts'
import { gateDocument } from './gate.ts'
import { importDocument } from './import.ts'
import { rehearsalDocument } from './rehearsal.ts'
import { runDocument, runsDocument } from './runs.ts'

/** What `--output json` prints of each command, by the name of its JSON Schema in docs/schemas/. */
export const outputDocuments = {
  plan: planShape,
  run: z
    .object({
      run: z
        .string()
        .nullable()
        .describe('Name of the run, for resume, undo, show and report; null: nothing to do'),
      state: z.string().describe('done, failed, stopped, waiting-for-credentials, undone, …'),
      exit: z.number().int().describe('Exit code of the process'),
      evidence: z.string().optional().describe('Name of the evidence that was signed, of a run that is done'),
      error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
    })
    .describe('run, resume, undo and repair'),
  runs: runsDocument,
  approve: approvalDocument,
  review: reviewDocument,
  report: runDocument,
  compare: comparisonDocument,
  calls: callsDocument,
  evidence: evidenceListDocument,
  'evidence-show': evidenceShowDocument,
  'evidence-verify': evidenceVerifyDocument,
  'evidence-sign': evidenceSignDocument,
  'evidence-key': evidenceKeyDocument,
  gate: gateDocument,
  rehearsal: rehearsalDocument,
  import: importDocument,
  error: z
    .object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) })
    .describe('Any command that could not do what it was asked'),
} as const

/** JSON Schemas of the outputs, by name. scripts/ writes them to docs/schemas/<name>.json. */
export const outputSchemas = (): { readonly [name: string]: object } =>
  Object.fromEntries(
    Object.entries(outputDocuments).map(([name, schema]) => [
      name,
      z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }),
    ]),
  )
