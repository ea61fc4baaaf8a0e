import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { execute, repair, resume, undo } from '../../lib/runbook/engine.ts'
import type { RunOutcome } from '../../lib/runbook/engine-options.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'
import type { LockRecord } from '../../lib/runbook/lock-record.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { pollSeconds } from '../../lib/runbook/walk.ts'
import type { LogWriter, StateStore } from '../../lib/runbook/store.ts'
import { simulate, stepId, type Simulation, type StepSpec } from './simulation.ts'

const plain: StepSpec = { takes: 0, troubles: [], pauses: false, undo: 'change' }
const slow: StepSpec = { ...plain, takes: 90 }
const pausing: StepSpec = { ...plain, pauses: true }

const begin = async (simulation: Simulation, death?: Parameters<Simulation['process']>[1]) => {
  const plan = await simulation.plan()
  return await simulation.process((options) => execute(plan, options), death)
}

const onlyRun = async ({ store }: Simulation): Promise<string> => {
  const run = (await listRuns(store))[0]
  if (!run) throw new Error('there is no run')
  return run.id
}

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof RunbookError ? error.code : undefined
}

/** Another run takes the lock of the cluster, whoever holds it. */
const stealLock = async ({ store }: Simulation): Promise<void> => {
  const key = `locks/${(await store.list('locks'))[0]}`
  const held = await store.read(key)
  const record = JSON.parse(held?.text ?? '') as LockRecord
  await store.replace(
    key,
    JSON.stringify({ ...record, run: 'r2', epoch: record.epoch + 1 }),
    held?.version ?? '',
  )
}

/** A store whose logs take so many appends and no more. */
const filledAfter = (store: StateStore, appends: number): StateStore => {
  let left = appends
  const full = () => new RunbookError('R041', 'Cannot keep state: the disk is full', { hint: 'free space' })
  const filling = (writer: LogWriter | undefined) =>
    writer && {
      ...writer,
      append: async (lines: readonly string[]) => {
        left -= 1
        if (left < 0) throw full()
        return await writer.append(lines)
      },
    }
  return {
    ...store,
    log: (key) => {
      const log = store.log(key)
      return { ...log, create: async (lines) => filling(await log.create(lines)) }
    },
  }
}

/** A store that does not answer one of a log's writes, and knows it again as S3 does when it is repeated. */
const silentAt = (
  store: StateStore,
  silence: { readonly write: number; readonly isWritten: boolean },
): StateStore => {
  let writes = 0
  let written: string | undefined
  const silent = (writer: LogWriter | undefined) =>
    writer && {
      ...writer,
      append: async (lines: readonly string[]) => {
        writes += 1
        if (writes === silence.write - 1) {
          if (silence.isWritten) await writer.append(lines)
          written = silence.isWritten ? lines.join('\n') : undefined
          throw new RunbookError('R024', 'The store does not answer', { hint: 'wait' })
        }
        return lines.join('\n') === written ? true : await writer.append(lines)
      },
    }
  return {
    ...store,
    log: (key) => {
      const log = store.log(key)
      return { ...log, create: async (lines) => silent(await log.create(lines)) }
    },
  }
}

describe('execute', () => {
  test('runs each step once, in order, and ends done with exit 0', async () => {
    const simulation = simulate([plain, slow, plain])
    const outcome = await begin(simulation)
    expect(outcome).toMatchObject({ state: 'done', exit: 0 })
    expect(simulation.world.effects).toEqual(['on a', 'on b', 'on c'])
    expect(
      (await readRun(simulation.store, await onlyRun(simulation))).steps.map(({ state }) => state),
    ).toEqual(['done', 'done', 'done'])
  })

  test('names the run by day and chance', async () => {
    expect((await begin(simulate([plain])))?.run).toMatch(/^2026-11-22-[0-9a-f]{4}$/)
  })

  test('records a state already reached as already, whatever its before-checks find', async () => {
    const simulation = simulate([plain, plain])
    simulation.world.onAt.set('a', 0)
    simulation.world.blocked.add('a')
    const outcome = await begin(simulation)
    expect(outcome?.state).toBe('done')
    expect(simulation.world.effects).toEqual(['on b'])
    expect((await readRun(simulation.store, await onlyRun(simulation))).steps[0]?.state).toBe('already')
  })

  test('stops with exit 3 before the first call of a step that a check refuses', async () => {
    const simulation = simulate([plain, plain])
    simulation.world.blocked.add('b')
    const outcome = await begin(simulation)
    expect(outcome).toMatchObject({ state: 'stopped', exit: 3, error: { code: 'R010' } })
    expect(outcome?.error?.message).toContain('switch b: expected free, found jammed')
    expect(simulation.world.effects).toEqual(['on a'])
  })

  test('stops with R021 that names what it waits for when a state is not reached in time', async () => {
    const outcome = await begin(simulate([{ ...plain, takes: 100_000 }]))
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R021' } })
    expect(outcome?.error?.message).toContain('switch a')
  })

  test('ends a plan of no steps as done', async () => {
    expect(await begin(simulate([]))).toMatchObject({ state: 'done', exit: 0 })
  })

  test('refuses a plan whose content does not give its digest', async () => {
    const simulation = simulate([plain])
    const plan = await simulation.plan()
    const run = simulation.process((options) => execute({ ...plan, facts: 0 }, options))
    expect(await codeOf(run)).toBe('R006')
  })

  test('refuses a second run on the cluster while the first lives', async () => {
    const simulation = simulate([slow])
    const plan = await simulation.plan()
    const both = await simulation.process(async (options) => {
      const other = { ...options, owner: { ...options.owner, host: 'there' }, isGone: () => false }
      const [first, second] = await Promise.allSettled([execute(plan, options), execute(plan, other)])
      return { first, second }
    })
    const reasons = [both?.first, both?.second].map((result) =>
      result?.status === 'rejected' ? (result.reason as RunbookError).code : result?.value.state,
    )
    expect(new Set(reasons)).toEqual(new Set(['R013', 'done']))
    expect(simulation.world.effects).toEqual(['on a'])
  })

  test('turns an unexpected error into a failed run with R099', async () => {
    const outcome = await begin(simulate([{ ...plain, troubles: ['defect'] }]))
    expect(outcome).toMatchObject({ state: 'failed', exit: 1, error: { code: 'R099' } })
  })
})

describe('stop', () => {
  test('Ctrl-C during a wait stops with R020, exit 4, and the run can be resumed', async () => {
    const simulation = simulate([plain, slow, plain])
    const plan = await simulation.plan()
    const stop = new AbortController()
    void simulation.time.clock.sleep(20).then(() => stop.abort())
    const stopped = await simulation.process((options) => execute(plan, { ...options, signal: stop.signal }))
    expect(stopped).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R020' } })
    expect(simulation.world.effects).toEqual(['on a', 'on b'])
    const resumed = await simulation.process((options) => resume(stopped?.run ?? '', options))
    expect(resumed?.state).toBe('done')
    expect(simulation.world.effects).toEqual(['on a', 'on b', 'on c'])
  })

  test('a wish to stop given before the start lets no call out', async () => {
    const simulation = simulate([plain])
    const plan = await simulation.plan()
    const outcome = await simulation.process((options) =>
      execute(plan, { ...options, signal: AbortSignal.abort() }),
    )
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4 })
    expect(simulation.world.effects).toEqual([])
  })
})

describe('a lost lock', () => {
  test('stops the run with R023 before its next call, and nothing is written or restored any more', async () => {
    const simulation = simulate([pausing, slow, plain])
    const plan = await simulation.plan()
    const outcomes = await simulation.process(async (options) => {
      const zombie = execute(plan, options)
      await options.clock.sleep(20)
      const [run] = await listRuns(simulation.store)
      await stealLock(simulation)
      return { zombie: await zombie, run: run?.id ?? '' }
    })
    expect(outcomes?.zombie).toMatchObject({ exit: 4, error: { code: 'R023' } })
    expect(simulation.world.effects).toEqual(['pause a', 'on a', 'on b'])
    const view = await readRun(simulation.store, outcomes?.run ?? '')
    expect(view.steps[2]?.actions).toEqual([])
    expect(view.pauses.map(({ state }) => state)).toEqual(['open'])
  })
})

describe('a disk that gets full', () => {
  test('ends the run with R041 before the next call that cannot be announced', async () => {
    for (let full = 1; full <= 8; full += 1) {
      const simulation = simulate([pausing, plain])
      const plan = await simulation.plan()
      const outcome = await simulation.process((options) =>
        execute(plan, { ...options, store: filledAfter(options.store, full) }),
      )
      expect(outcome).toMatchObject({ state: 'failed', exit: 1, error: { code: 'R041' } })
      expect(simulation.world.unannounced).toEqual([])
      const resumed = await simulation.process((options) => resume(outcome?.run ?? '', options))
      expect(resumed?.state).toBe('done')
      expect(simulation.world.effects.filter((effect) => effect.startsWith('on '))).toEqual(['on a', 'on b'])
      expect([...simulation.world.paused]).toEqual([])
    }
  })
})

describe('a store that once does not answer', () => {
  test('stops the run with R024, leaves nothing paused or unannounced, and the run can be resumed', async () => {
    for (const isWritten of [true, false])
      for (let write = 2; write <= 16; write += 1) {
        const simulation = simulate([pausing, plain])
        const plan = await simulation.plan()
        const outcome = await simulation.process((options) =>
          execute(plan, { ...options, store: silentAt(options.store, { write, isWritten }) }),
        )
        const run = outcome?.run ?? ''
        expect(outcome, `write ${write}`).toMatchObject({ state: 'stopped', error: { code: 'R024' } })
        expect([...simulation.world.paused], `write ${write}`).toEqual([])
        expect(simulation.world.unannounced).toEqual([])
        const { pauses } = await readRun(simulation.store, run)
        expect(
          pauses.filter(({ state }) => state === 'open'),
          `write ${write}`,
        ).toEqual([])
        expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
        expect(simulation.world.effects.filter((effect) => effect.startsWith('on '))).toEqual([
          'on a',
          'on b',
        ])
      }
  })
})

describe('credentials', () => {
  test('expired ones park the run with exit 5 and restoring is tried only once', async () => {
    const simulation = simulate([pausing, pausing, { ...plain, troubles: ['credentials'] }])
    simulation.world.troubles.set('restore a', ['credentials'])
    simulation.world.troubles.set('restore b', ['credentials'])
    const outcome = await begin(simulation)
    expect(outcome).toMatchObject({ state: 'waiting-for-credentials', exit: 5, error: { code: 'R030' } })
    const left = ['a', 'b'].map((id) => simulation.world.troubles.get(`restore ${id}`)?.length)
    expect(left).toEqual([1, 0])
    simulation.world.troubles.clear()
    const resumed = await simulation.process((options) => resume(outcome?.run ?? '', options))
    expect(resumed?.state).toBe('done')
    expect([...simulation.world.paused]).toEqual([])
  })
})

describe('pauses', () => {
  test('are restored when the run is done', async () => {
    const simulation = simulate([pausing, plain])
    await begin(simulation)
    expect(simulation.world.effects).toEqual(['pause a', 'on a', 'on b', 'restore a'])
  })

  test('are restored when a later step fails, and taken again on resume', async () => {
    const simulation = simulate([pausing, { ...plain, troubles: ['refused'] }])
    const outcome = await begin(simulation)
    expect(outcome).toMatchObject({ state: 'stopped', error: { code: 'R022' } })
    expect(simulation.world.effects).toEqual(['pause a', 'on a', 'restore a'])
    await simulation.process((options) => resume(outcome?.run ?? '', options))
    expect(simulation.world.effects.slice(3)).toEqual(['pause a', 'on b', 'restore a'])
  })

  test('left by a killed run are restored by repair, which a second call leaves alone', async () => {
    const simulation = simulate([pausing, slow])
    await begin(simulation, { write: 12, when: 'after' })
    expect([...simulation.world.paused]).toEqual(['a'])
    const run = await onlyRun(simulation)
    expect(await simulation.process((options) => repair(run, options))).toMatchObject({ exit: 0 })
    expect([...simulation.world.paused]).toEqual([])
    const effects = [...simulation.world.effects]
    expect(await simulation.process((options) => repair(run, options))).toMatchObject({ exit: 0 })
    expect(simulation.world.effects).toEqual(effects)
  })

  test('that a step leaves for good are restored neither at the end, nor after a failure, nor by repair', async () => {
    const leaving: StepSpec = { ...plain, leaves: 'a' }
    for (const last of [plain, { ...plain, troubles: ['refused'] as const }]) {
      const simulation = simulate([pausing, leaving, last])
      const outcome = await begin(simulation)
      const run = outcome?.run ?? ''
      await simulation.process((options) => repair(run, options))
      await simulation.process((options) => resume(run, options))
      expect(simulation.world.effects).toEqual(['pause a', 'on a', 'on b', 'on c'])
      expect((await readRun(simulation.store, run)).pauses).toMatchObject([{ state: 'left' }])
    }
  })

  test('that a later step puts back are back before the next one, and their steps are not walked again', async () => {
    for (const [restores, back] of [
      [{}, ['restore b', 'restore a']],
      [{ object: 'a' }, ['restore a']],
    ] as const) {
      const last = { ...plain, troubles: ['refused'] as const }
      const simulation = simulate([pausing, pausing, { ...plain, restores }, last])
      const run = (await begin(simulation))?.run ?? ''
      const effects = ['pause a', 'on a', 'pause b', 'on b', 'on c', ...back]
      expect(simulation.world.effects.slice(0, effects.length)).toEqual(effects)
      const view = await readRun(simulation.store, run)
      expect(view.steps.map(({ reopened }) => reopened)).toEqual([false, back.length === 1, false, false])
      expect(view.pauses.map(({ state }) => state)).toEqual(['restored', 'restored'])
    }
  })

  test('that a step cannot put back stay open for the way out', async () => {
    const simulation = simulate([pausing, { ...plain, restores: {} }])
    simulation.world.troubles.set('restore a', ['refused'])
    expect(await begin(simulation)).toMatchObject({ state: 'stopped', error: { code: 'R022' } })
    expect([...simulation.world.paused]).toEqual([])
  })

  test('that cannot be restored leave the run failed and on record', async () => {
    const simulation = simulate([pausing])
    simulation.world.troubles.set('restore a', ['defect'])
    const outcome = await begin(simulation)
    expect(outcome).toMatchObject({ state: 'failed', exit: 1 })
    const view = await readRun(simulation.store, outcome?.run ?? '')
    expect(view.pauses).toMatchObject([{ state: 'open', error: { code: 'R099' } }])
  })
})

describe('resume', () => {
  test('keeps the token of a call without a clear answer and changes it after a refusal', async () => {
    const simulation = simulate([{ ...plain, troubles: ['no-effect', 'refused'] }])
    const first = await begin(simulation)
    const run = first?.run ?? ''
    await simulation.process((options) => resume(run, options))
    await simulation.process((options) => resume(run, options))
    const { actions } = (await readRun(simulation.store, run)).steps[0] ?? {}
    expect(actions?.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'refused'],
      [2, 'done'],
    ])
    expect(new Set(actions?.map(({ token }) => token)).size).toBe(2)
    expect(actions?.every(({ token }) => /^[0-9a-f]{40}$/.test(token))).toBe(true)
  })

  test('gives a new token to a call without an answer once its change has seen what came of it', async () => {
    const simulation = simulate([{ ...plain, troubles: ['no-effect'], concludes: true }])
    const run = (await begin(simulation))?.run ?? ''
    expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
    const { actions } = (await readRun(simulation.store, run)).steps[0] ?? {}
    expect(actions?.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'superseded'],
      [2, 'done'],
    ])
    expect(new Set(actions?.map(({ token }) => token)).size).toBe(2)
  })

  test('applies a change again whose update had failed, as a new attempt', async () => {
    const simulation = simulate([{ ...plain, troubles: ['fails-later'] }])
    const first = await begin(simulation)
    expect(first).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R022' } })
    const resumed = await simulation.process((options) => resume(first?.run ?? '', options))
    expect(resumed).toMatchObject({ state: 'done' })
    const { actions } = (await readRun(simulation.store, first?.run ?? '')).steps[0] ?? {}
    expect(actions?.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test.each(['refused', 'fails-later'] as const)(
    'makes the before-checks again, as often as it takes, after a call that was %s',
    async (trouble) => {
      const simulation = simulate([{ ...plain, troubles: [trouble] }])
      const run = (await begin(simulation))?.run ?? ''
      simulation.world.blocked.add('a')
      for (const _again of [1, 2])
        expect(await simulation.process((options) => resume(run, options))).toMatchObject({
          state: 'stopped',
          error: { code: 'R010' },
        })
      expect(simulation.world.effects).toEqual([])
      simulation.world.blocked.clear()
      expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
    },
  )

  test('does not make a before-check again that is only for the first call', async () => {
    const simulation = simulate([{ ...plain, troubles: ['fails-later'], checksFirstOnly: true }])
    const run = (await begin(simulation))?.run ?? ''
    simulation.world.blocked.add('a')
    expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
  })

  test.each(['R020', 'R021', 'R024', 'death'])(
    'joins what is under way after %s, whatever the before-checks find',
    async (why) => {
      const troubles = why === 'R024' ? (['lost-answer'] as const) : []
      const simulation = simulate([{ ...plain, takes: why === 'R021' ? 700 : 90, troubles }])
      const plan = await simulation.plan()
      const stop = new AbortController()
      if (why === 'R020') void simulation.time.clock.sleep(20).then(() => stop.abort())
      const outcome = await simulation.process(
        (options) => execute(plan, { ...options, signal: stop.signal }),
        why === 'death' ? { write: 7, when: 'before' } : undefined,
      )
      expect(outcome?.error?.code ?? 'death').toBe(why)
      expect(simulation.world.effects).toEqual(['on a'])
      simulation.world.blocked.add('a')
      const run = await onlyRun(simulation)
      expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
      expect(simulation.world.effects).toEqual(['on a'])
    },
  )

  test('leaves a done run alone', async () => {
    const simulation = simulate([plain])
    const done = await begin(simulation)
    const before = structuredClone(simulation.state.logs)
    expect(await simulation.process((options) => resume(done?.run ?? '', options))).toMatchObject({ exit: 0 })
    expect(simulation.state.logs).toEqual(before)
  })

  test('of a run that is not there throws R008', async () => {
    const simulation = simulate([])
    expect(await codeOf(simulation.process((options) => resume('../../etc', options)))).toBe('R008')
    expect(await codeOf(simulation.process((options) => resume('2026-01-01-abcd', options)))).toBe('R008')
  })

  test('tells of a torn last line and goes on', async () => {
    const simulation = simulate([plain, plain])
    await begin(simulation, { write: 9, when: 'after' })
    const log = [...simulation.state.logs.values()][0]
    if (log) log.text = log.text.slice(0, -10)
    const run = await onlyRun(simulation)
    expect(await simulation.process((options) => resume(run, options))).toMatchObject({ state: 'done' })
    expect(simulation.messages.some(({ code }) => code === 'M040')).toBe(true)
    expect(simulation.world.effects).toEqual(['on a', 'on b'])
  })
})

describe('undo', () => {
  test('walks back newest first to the beginning', async () => {
    const simulation = simulate([plain, { ...plain, undo: 'nothing' }, plain])
    const done = await begin(simulation)
    const outcome = await simulation.process((options) => undo(done?.run ?? '', options))
    expect(outcome).toMatchObject({ state: 'undone', exit: 0 })
    expect(simulation.world.effects.slice(3)).toEqual(['off c', 'off a'])
  })

  test('stops at a step without a way back with its reason, exit 3, all newer ones undone', async () => {
    const simulation = simulate([plain, { ...plain, undo: 'irreversible' }, plain])
    const done = await begin(simulation)
    const outcome = await simulation.process((options) => undo(done?.run ?? '', options))
    expect(outcome).toMatchObject({ state: 'partly-undone', exit: 3, error: { code: 'R025' } })
    expect(outcome?.error?.message).toContain('it is one way')
    expect(simulation.world.effects.slice(3)).toEqual(['off c'])
  })

  test('leaves alone what the run found already there', async () => {
    const simulation = simulate([plain, plain])
    simulation.world.onAt.set('a', 0)
    const done = await begin(simulation)
    await simulation.process((options) => undo(done?.run ?? '', options))
    expect([...simulation.world.onAt.keys()]).toEqual(['a'])
  })

  test('once begun forbids to resume, and goes on when called again', async () => {
    const simulation = simulate([plain, plain])
    const run = (await begin(simulation))?.run ?? ''
    simulation.world.troubles.set('off a', ['refused'])
    expect(await simulation.process((options) => undo(run, options))).toMatchObject({ state: 'stopped' })
    expect(await codeOf(simulation.process((options) => resume(run, options)))).toBe('R015')
    expect(await simulation.process((options) => undo(run, options))).toMatchObject({ state: 'undone' })
    expect(simulation.world.effects.slice(2)).toEqual(['off b', 'off a'])
  })
})

const spec = fc.record({
  takes: fc.constantFrom(0, 5, 90),
  troubles: fc.array(
    fc.constantFrom('refused', 'fails-later', 'lost-answer', 'no-effect', 'credentials', 'defect'),
    {
      maxLength: 2,
    },
  ),
  pauses: fc.boolean(),
  undo: fc.constantFrom('change', 'nothing', 'irreversible'),
}) satisfies fc.Arbitrary<StepSpec>

const death = fc.record({
  write: fc.integer({ min: 1, max: 40 }),
  when: fc.constantFrom('before', 'after'),
}) satisfies fc.Arbitrary<{ write: number; when: 'before' | 'after' }>

/** Resumes until done; each process but the last may die. */
const goOn = async (
  simulation: Simulation,
  deaths: readonly { write: number; when: 'before' | 'after' }[],
) => {
  const plan = await simulation.plan()
  const mortal = [...deaths]
  for (let count = 0; count < 40; count += 1) {
    const run = (await listRuns(simulation.store))[0]?.id
    const outcome: RunOutcome | undefined = await simulation.process(
      (options) => (run === undefined ? execute(plan, options) : resume(run, options)),
      mortal.shift(),
    )
    if (outcome?.state === 'done') return outcome
    if (outcome) {
      const view = await readRun(simulation.store, outcome.run)
      expect(view.pauses.filter(({ state }) => state === 'open')).toEqual([])
    }
  }
  throw new Error('the run does not come to its end')
}

describe('the interval between two looks', () => {
  test.each([
    [10, 0, 2],
    [10, 0.999, 2],
    [100, 0.5, 12.5],
    [600, 0, 56.25],
    [600, 0.5, 60],
    [3600, 0.999, 60],
  ])('of a change that takes %i s with chance %f is %f s', (expectedSeconds, chance, seconds) => {
    expect(pollSeconds(expectedSeconds, chance)).toBeCloseTo(seconds, 1)
  })
})

describe('whatever fails and wherever the process dies', () => {
  test('each effect happens once, after its intent, and nothing stays paused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec, { maxLength: 5 }),
        fc.array(death, { maxLength: 3 }),
        async (specs, deaths) => {
          const simulation = simulate(specs)
          await goOn(simulation, deaths)
          const { effects, unannounced, paused } = simulation.world
          expect(effects.filter((effect) => effect.startsWith('on '))).toEqual(
            specs.map((_spec, at) => `on ${stepId(at)}`),
          )
          expect(unannounced).toEqual([])
          expect([...paused]).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })

  test('undo takes the effects back in reverse order, each once, down to the first without a way back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec, { maxLength: 5 }),
        fc.array(death, { maxLength: 2 }),
        async (specs, deaths) => {
          const simulation = simulate(specs)
          const { run } = await goOn(simulation, [])
          const before = simulation.world.effects.length
          const mortal = [...deaths]
          let outcome: RunOutcome | undefined
          do outcome = await simulation.process((options) => undo(run, options), mortal.shift())
          while (outcome === undefined)
          const barrier = specs.findLastIndex((one) => one.undo === 'irreversible')
          const newer = specs.flatMap((one, at) =>
            at > barrier && one.undo === 'change' ? [`off ${stepId(at)}`] : [],
          )
          expect(simulation.world.effects.slice(before)).toEqual(newer.toReversed())
          expect(outcome.exit).toBe(barrier === -1 ? 0 : 3)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a kill at every single write of a run, before and after it, changes nothing in the end', async () => {
    const specs = [plain, pausing, slow]
    for (let write = 1; write <= 40; write += 1)
      for (const when of ['before', 'after'] as const) {
        const simulation = simulate(specs)
        await goOn(simulation, [{ write, when }])
        const on = simulation.world.effects.filter((effect) => effect.startsWith('on '))
        expect(on, `${when} write ${write}`).toEqual(['on a', 'on b', 'on c'])
        expect([...simulation.world.paused]).toEqual([])
      }
  })
})
