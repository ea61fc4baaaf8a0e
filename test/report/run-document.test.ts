import { expect, test } from 'vitest'
import { z } from 'zod'
import { outputSchemas } from '../../lib/report/schemas/outputs.ts'
import { execute, resume } from '../../lib/runbook/engine.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { simulate, type StepSpec } from '../runbook/simulation.ts'

const plain: StepSpec = { takes: 90, troubles: [], pauses: true, undo: 'change' }
const closed = z.fromJSONSchema(outputSchemas()['report'] as Parameters<typeof z.fromJSONSchema>[0])
const issues = (document: object) => closed.safeParse(JSON.parse(JSON.stringify(document))).error?.issues

/** Notes, pauses, a failure, differences, a broken glass: what a run can hold. */
const eventful = async () => {
  const simulation = simulate([plain, { ...plain, troubles: ['credentials'] }, plain])
  const clearance = { evidence: '2026-09-01-lost' }
  const proof = {
    name: clearance.evidence,
    compare: () => [{ kind: 'outcome', object: 'x', expected: 'a', found: 'b' }] as const,
  }
  const plan = await simulation.plan()
  await simulation.process((options) => execute(plan, options), undefined, { clearance, proof })
  const run = (await listRuns(simulation.store))[0]?.id ?? ''
  const brokenGlass = { by: 'arn', reason: 'the site is down', skipped: 'R060' }
  const stopped = await readRun(simulation.store, run)
  await simulation.process((options) => resume(run, options), undefined, { brokenGlass })
  return [stopped, await readRun(simulation.store, run)]
}

test('A run with everything in it is what its closed JSON Schema says', async () => {
  const views = await eventful()
  expect(views.map(issues)).toEqual([undefined, undefined])
  const [, ended] = views
  expect(ended?.steps[0]).toMatchObject({ reopened: true, notes: { switched: 'a' }, comparison: {} })
  expect(ended?.pauses).not.toEqual([])
  expect(ended?.glassBroken).toHaveLength(1)
})

test('A member that the schema does not know is refused, in the run and in a step', async () => {
  const [view] = await eventful()
  if (!view) throw new Error('there is no run')
  expect(issues({ ...view, unheardOf: 1 })).toHaveLength(1)
  expect(issues({ ...view, steps: view.steps.map((step) => ({ ...step, unheardOf: 1 })) })).toBeDefined()
})
