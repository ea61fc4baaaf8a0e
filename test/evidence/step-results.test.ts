import { describe, expect, test } from 'vitest'
import { stepResults } from '../../lib/evidence/step-results.ts'
import { execute, resume, undo } from '../../lib/runbook/engine.ts'
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

describe('a step that stopped with an error and is on when the run goes on', () => {
  const mended = async (
    spec: Partial<StepSpec>,
    byHand: (simulation: Simulation) => void = () => undefined,
  ) => {
    const simulation = simulate([{ ...plain, ...spec }])
    expect(await begin(simulation)).toMatchObject({
      exit: expect.any(Number),
      error: { code: expect.any(String) },
    })
    byHand(simulation)
    expect(await goOn(simulation)).toMatchObject({ state: 'done' })
    return { simulation, results: stepResults(await readRun(simulation.store, await onlyRun(simulation))) }
  }
  const onByHand = ({ world }: Simulation) => {
    world.failed.clear()
    world.onAt.set('a', 0)
  }

  test.each(['refused', 'fails-later'] as const)('was so already where its call %s', async (trouble) => {
    const { results } = await mended({ troubles: [trouble] }, onByHand)
    expect(results).toMatchObject([{ outcome: 'already', failures: ['R022'] }])
  })

  test.each(['refused', 'fails-later'] as const)(
    'is done where its call %s and was made again',
    async (trouble) => {
      const { results } = await mended({ troubles: [trouble] })
      expect(results).toMatchObject([{ outcome: 'done', failures: ['R022'] }])
    },
  )

  test('is done where the answer of its call was lost: the effect may be its own', async () => {
    const { results } = await mended({ troubles: ['lost-answer'] })
    expect(results).toMatchObject([{ outcome: 'done', failures: ['R024'] }])
  })

  test('is walked back all the same by what it may have moved', async () => {
    const { simulation } = await mended({ troubles: ['fails-later'] }, onByHand)
    const run = await onlyRun(simulation)
    expect(await simulation.process((options) => undo(run, options))).toMatchObject({ state: 'undone' })
    expect(simulation.world.onAt.has('a')).toBe(false)
  })
})

test('a step that is put back by its pause and found on again stays done', async () => {
  const simulation = simulate([
    { ...plain, pauses: true },
    { ...plain, troubles: ['refused'] },
  ])
  expect(await begin(simulation)).toMatchObject({ error: { code: 'R022' } })
  expect((await readRun(simulation.store, await onlyRun(simulation))).steps[0]).toMatchObject({
    reopened: true,
  })
  simulation.world.paused.add('a')
  expect(await goOn(simulation)).toMatchObject({ state: 'done' })
  const results = stepResults(await readRun(simulation.store, await onlyRun(simulation)))
  expect(results).toMatchObject([{ outcome: 'done' }, { outcome: 'done', failures: ['R022'] }])
  expect(results[0]).not.toHaveProperty('failures')
})
