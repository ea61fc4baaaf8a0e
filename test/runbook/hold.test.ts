import { describe, expect, test } from 'vitest'
import { execute, resume, undo } from '../../lib/runbook/engine.ts'
import type { EngineOptions, Proof } from '../../lib/runbook/engine-options.ts'
import { replay } from '../../lib/runbook/journal.ts'
import type { JournalEvent, StepDifference } from '../../lib/runbook/journal-event.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { simulate, type Death, type Simulation, type StepSpec } from './simulation.ts'

const plain: StepSpec = { takes: 90, troubles: [], pauses: false, undo: 'change' }
const pausing: StepSpec = { ...plain, pauses: true }
const specs = [plain, pausing, plain]

const slower: StepDifference = { kind: 'duration', object: 'b', expected: 'up to 1m00s', found: '1m30s' }

/** Finds these steps otherwise. */
const proof = (...otherwise: readonly string[]): Proof => ({
  name: 'staging-run',
  compare: ({ id }) => (otherwise.includes(id) ? [{ ...slower, object: id }] : []),
})

type More = Partial<EngineOptions<unknown>>

const begin = async (simulation: Simulation, more: More, death?: Death) => {
  const plan = await simulation.plan()
  return await simulation.process((options) => execute(plan, options), death, more)
}

const goOn = async (simulation: Simulation, more: More, death?: Death) => {
  const run = await onlyRun(simulation)
  return await simulation.process((options) => resume(run, options), death, more)
}

const onlyRun = async ({ store }: Simulation): Promise<string> => {
  const run = (await listRuns(store))[0]
  if (!run) throw new Error('there is no run')
  return run.id
}

const events = async <K extends JournalEvent['type']>(simulation: Simulation, ...types: readonly K[]) => {
  const run = await onlyRun(simulation)
  const text = (await simulation.store.log(`runs/${run}/journal.jsonl`).read()) ?? ''
  return replay(run, text)
    .lines.map(({ event }) => event)
    .filter((event) => types.some((type) => event.type === type))
}

const answering = (simulation: Simulation, answer: boolean) => {
  const questions: string[] = []
  const operator = {
    tell: (message: Simulation['messages'][number]) => void simulation.messages.push(message),
    confirm: async ({ text }: { readonly text: string }) => {
      questions.push(text)
      return answer
    },
  }
  return { operator, questions }
}

const codes = ({ messages }: Simulation) => messages.map(({ code }) => code)

describe('a run with a proof', () => {
  test('journals that each step was held, and goes on where all went as it was proven', async () => {
    const simulation = simulate(specs)
    expect(await begin(simulation, { proof: proof() })).toMatchObject({ state: 'done', exit: 0 })
    expect(await events(simulation, 'compared')).toEqual(
      ['a', 'b', 'c'].map((step) => ({ type: 'compared', step, with: 'staging-run', differences: [] })),
    )
    expect(codes(simulation).filter((code) => code === 'M071')).toHaveLength(3)
    expect(codes(simulation)).not.toContain('M072')
  })

  test('holds a step too whose state was there already', async () => {
    const simulation = simulate(specs)
    simulation.world.onAt.set('a', 0)
    expect(await begin(simulation, { proof: proof('a') })).toMatchObject({ error: { code: 'R080' } })
    expect((await readRun(simulation.store, await onlyRun(simulation))).steps[0]).toMatchObject({
      state: 'already',
      comparison: { with: 'staging-run', differences: [{ object: 'a' }] },
    })
  })

  test('stops before the next step where nobody says yes, with all that was paused put back', async () => {
    const simulation = simulate(specs)
    const outcome = await begin(simulation, { proof: proof('b') })
    expect(outcome).toMatchObject({ state: 'waiting-for-approval', exit: 5, error: { code: 'R080' } })
    expect(outcome?.error?.message).toContain('expected up to 1m00s, found 1m30s')
    expect(outcome?.error?.hint).toContain(`eks-runbook resume ${outcome?.run} --accept-differences`)
    expect(simulation.world.effects).toEqual(['on a', 'pause b', 'on b', 'restore b'])
    expect(simulation.world.paused.size).toBe(0)
  })

  test('says what differs as harmless text', async () => {
    const evil = { ...slower, kind: 'finding', object: 'pod \u001b[31mshop/cart\nDONE' } as const
    const more = { proof: { name: 'staging-run', compare: () => [evil] } }
    const outcome = await begin(simulate(specs), more)
    expect(outcome?.error?.message).toContain('found finding of pod shop/cart DONE: expected')
  })

  test('is not done before its last step is held', async () => {
    const simulation = simulate(specs)
    expect(await begin(simulation, { proof: proof('c') })).toMatchObject({ state: 'waiting-for-approval' })
    expect(await goOn(simulation, { proof: proof('c') })).toMatchObject({ state: 'waiting-for-approval' })
    const accepted = { proof: proof('c'), acceptDifferences: { reason: 'a larger cluster' } }
    expect(await goOn(simulation, accepted)).toMatchObject({ state: 'done', exit: 0 })
  })

  test('goes on at a yes, which is journaled with who said it', async () => {
    const simulation = simulate(specs)
    const { operator, questions } = answering(simulation, true)
    expect(await begin(simulation, { proof: proof('b'), operator, by: 'arn:deployer' })).toMatchObject({
      state: 'done',
    })
    expect(questions).toEqual([expect.stringContaining('found 1m30s')])
    expect(await events(simulation, 'accepted')).toEqual([
      { type: 'accepted', step: 'b', by: 'arn:deployer', reason: 'at the terminal' },
    ])
    expect(codes(simulation).filter((code) => code >= 'M072')).toEqual(['M072', 'M073'])
  })

  test('stops as the operator asked, and not for a difference, when the stop comes with the question', async () => {
    const simulation = simulate(specs)
    const stop = new AbortController()
    const { operator } = answering(simulation, false)
    const confirm = async () => {
      stop.abort()
      return false
    }
    const more = { proof: proof('a'), operator: { ...operator, confirm }, signal: stop.signal }
    expect(await begin(simulation, more)).toMatchObject({ state: 'stopped', error: { code: 'R020' } })
    expect(await goOn(simulation, { proof: proof('a') })).toMatchObject({ error: { code: 'R080' } })
  })

  test('is held no more on its way back', async () => {
    const simulation = simulate(specs)
    await begin(simulation, { proof: proof('b') })
    const run = await onlyRun(simulation)
    const more = { proof: proof('a', 'b', 'c') }
    const outcome = await simulation.process((options) => undo(run, options), undefined, more)
    expect(outcome).toMatchObject({ state: 'undone', exit: 0 })
    expect(await events(simulation, 'compared')).toHaveLength(2)
  })
})

describe('a run without a proof', () => {
  test('is held against nothing', async () => {
    const simulation = simulate(specs)
    expect(await begin(simulation, {})).toMatchObject({ state: 'done' })
    expect(await events(simulation, 'compared', 'accepted')).toEqual([])
  })

  test('that goes on still asks for what its former process found', async () => {
    const simulation = simulate(specs)
    await begin(simulation, { proof: proof('b') })
    expect(await goOn(simulation, {})).toMatchObject({ error: { code: 'R080' } })
    expect(await goOn(simulation, { acceptDifferences: { reason: 'seen' } })).toMatchObject({ state: 'done' })
  })
})

describe('a run that goes on', () => {
  test('asks again before it moves anything, and compares nothing twice', async () => {
    const simulation = simulate(specs)
    await begin(simulation, { proof: proof('b') })
    const before = [...simulation.world.effects]
    const { operator, questions } = answering(simulation, false)
    expect(await goOn(simulation, { proof: proof('b'), operator })).toMatchObject({
      error: { code: 'R080' },
    })
    expect(questions).toHaveLength(1)
    expect(simulation.world.effects).toEqual(before)
    expect(await events(simulation, 'compared')).toHaveLength(2)
  })

  test('accepts with the reason only what was shown before: a new difference asks anew', async () => {
    const simulation = simulate(specs)
    await begin(simulation, { proof: proof('a', 'c') })
    const more = { proof: proof('a', 'c'), acceptDifferences: { reason: 'twice the nodes' }, by: 'arn:lead' }
    expect(await goOn(simulation, more)).toMatchObject({ error: { code: 'R080' } })
    expect(await events(simulation, 'accepted')).toEqual([
      { type: 'accepted', step: 'a', by: 'arn:lead', reason: 'twice the nodes' },
    ])
  })

  test('ends the same however it was killed: each step compared once and accepted once, each effect once', async () => {
    const more = { proof: proof('b') }
    for (let write = 1; ; write += 1) {
      const deaths = (['before', 'after'] as const).map((when) => ({ write, when }))
      const ended = await Promise.all(deaths.map((death) => killedAndAccepted(death, more)))
      for (const { outcome, compared, accepted, effects } of ended) {
        expect(outcome, `write ${write}`).toMatchObject({ state: 'done' })
        expect(compared).toEqual(['a', 'b', 'c'])
        expect(accepted).toEqual(['b'])
        expect(effects.toSorted()).toEqual(['on a', 'on b', 'on c'])
      }
      if (ended.every(({ survived }) => survived)) return
    }
  })
})

/** Killed at that write of its first process and of the one that accepts; then gone on with until it is over. */
const killedAndAccepted = async (death: Death, more: More) => {
  const simulation = simulate(specs)
  const first = await begin(simulation, more, death)
  if ((await listRuns(simulation.store)).length === 0) await begin(simulation, more)
  else if (!first) await goOn(simulation, more)
  const accepting = { ...more, acceptDifferences: { reason: 'seen' } }
  const second = await goOn(simulation, accepting, death)
  const outcome = second ?? (await goOn(simulation, accepting))
  const stepsOf = async (type: 'compared' | 'accepted') =>
    (await events(simulation, type)).map((event) => ('step' in event ? event.step : ''))
  return {
    outcome,
    survived: first !== undefined && second !== undefined,
    compared: await stepsOf('compared'),
    accepted: await stepsOf('accepted'),
    effects: simulation.world.effects.filter((effect) => effect.startsWith('on ')),
  }
}
