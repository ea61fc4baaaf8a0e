import { describe, expect, test } from 'vitest'
import { stepResults } from '../../lib/evidence/step-results.ts'
import { execute, resume } from '../../lib/runbook/engine.ts'
import type { EngineOptions, Proof } from '../../lib/runbook/engine-options.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { simulate, type Death, type Simulation, type StepSpec } from '../runbook/simulation.ts'

const plain: StepSpec = { takes: 90, troubles: [], pauses: false, undo: 'change' }
const day = 86_400

const onlyRun = async ({ store }: Simulation): Promise<string> => (await listRuns(store))[0]?.id ?? ''

const begin = async (simulation: Simulation, more: Partial<EngineOptions<unknown>> = {}, death?: Death) => {
  const plan = await simulation.plan()
  return await simulation.process((options) => execute(plan, options), death, more)
}

/** Goes on a day later. */
const goOn = async (simulation: Simulation, more: Partial<EngineOptions<unknown>> = {}) => {
  await simulation.time.pass(day)
  const run = await onlyRun(simulation)
  return await simulation.process((options) => resume(run, options), undefined, more)
}

const secondsOf = async (simulation: Simulation) =>
  stepResults(await readRun(simulation.store, await onlyRun(simulation))).map(({ seconds }) => seconds)

describe('the seconds of a step', () => {
  test('are those from its start to its end', async () => {
    const simulation = simulate([plain, plain])
    await begin(simulation)
    for (const seconds of await secondsOf(simulation)) {
      expect(seconds).toBeGreaterThanOrEqual(90)
      expect(seconds).toBeLessThan(120)
    }
  })

  test('do not count the night in which a run stood still after a step failed', async () => {
    const simulation = simulate([{ ...plain, troubles: ['refused'] }])
    expect(await begin(simulation)).toMatchObject({ error: { code: 'R022' } })
    expect(await goOn(simulation)).toMatchObject({ state: 'done' })
    expect((await secondsOf(simulation))[0]).toBeLessThan(120)
    expect((await secondsOf(simulation))[0]).toBeGreaterThanOrEqual(90)
  })

  test('do not count the night after a kill', async () => {
    for (let write = 1; ; write += 1) {
      const simulation = simulate([plain])
      const first = await begin(simulation, {}, { write, when: 'after' })
      if (first) return
      if ((await onlyRun(simulation)) === '') continue
      await goOn(simulation)
      for (const seconds of await secondsOf(simulation)) expect(seconds, `write ${write}`).toBeLessThan(120)
    }
  })

  test('do not count the night before a step is walked again for what was paused', async () => {
    const simulation = simulate([{ ...plain, pauses: true }, plain])
    const proof: Proof = {
      name: 'staging',
      compare: ({ id }) => (id === 'a' ? [{ kind: 'outcome', object: id, expected: '', found: '' }] : []),
    }
    expect(await begin(simulation, { proof })).toMatchObject({ error: { code: 'R080' } })
    expect(await goOn(simulation, { acceptDifferences: { reason: 'seen' } })).toMatchObject({ state: 'done' })
    expect((await secondsOf(simulation))[0]).toBeLessThan(120)
  })
})
