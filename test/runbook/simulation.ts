import { z } from 'zod'
import type { Clock } from '../../lib/runbook/clock.ts'
import type { EngineOptions } from '../../lib/runbook/engine-options.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'
import type { Finding } from '../../lib/runbook/finding.ts'
import type { Owner } from '../../lib/runbook/lock-record.ts'
import { emptyMemory, memoryStore, type MemoryState } from '../../lib/runbook/memory-store.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import { makePlan, type Plan } from '../../lib/runbook/plan.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import {
  runbook,
  type Act,
  type AnyRunbook,
  type Change,
  type Look,
  type Step,
} from '../../lib/runbook/runbook.ts'
import type { StateStore } from '../../lib/runbook/store.ts'
import { createVirtualTime, type VirtualTime } from '../../lib/twin/virtual-time.ts'

/** What a step of the simulated procedure is like. */
export interface StepSpec {
  /** Seconds from the call to the state. */
  readonly takes: number
  /** How its first calls go wrong, one after the other. */
  readonly troubles: readonly (
    | 'refused'
    | 'fails-later'
    | 'lost-answer'
    | 'no-effect'
    | 'credentials'
    | 'defect'
  )[]
  readonly pauses: boolean
  /** Leaves this pause of an earlier step for good. */
  readonly leaves?: string
  /** Puts all pauses back, or this one. */
  readonly restores?: { readonly object?: string }
  /** Sees what came of calls without an answer before it calls again. */
  readonly concludes?: boolean
  /** Its before-check is made only until its first call. */
  readonly checksFirstOnly?: boolean
  readonly undo: 'change' | 'nothing' | 'irreversible'
}

/** The world of the simulation: switches that are turned on, some time after a call. */
export interface World {
  /** When each switch is on: virtual milliseconds. */
  readonly onAt: Map<string, number>
  readonly paused: Set<string>
  /** Every effect in order: `on a`, `off a`, `pause a`, `restore a`. */
  readonly effects: string[]
  readonly tokens: Set<string>
  readonly troubles: Map<string, StepSpec['troubles'][number][]>
  /** Effects whose token was in no journal when they happened. */
  readonly unannounced: string[]
  /** Updates that were begun and failed. */
  readonly failed: Set<string>
  /** Checks that find something. */
  readonly blocked: Set<string>
}

/** Hands of one process on the world; dead ones do nothing. */
interface Hands {
  readonly world: World
  readonly clock: Clock
  readonly journal: () => string
  readonly alive: <R>(work: () => R) => Promise<R>
}

const never = <R>(): Promise<R> => new Promise<R>(() => undefined)

const call = (hands: Hands, effect: string, token: string, change: () => void): Promise<void> =>
  hands.alive(() => {
    const { world } = hands
    const trouble = world.troubles.get(effect)?.shift()
    world.failed.delete(effect)
    if (trouble === 'fails-later') {
      world.failed.add(effect)
      return
    }
    if (trouble === 'refused') throw new RunbookError('R022', `EKS refused ${effect}`, { hint: 'mend it' })
    if (trouble === 'credentials')
      throw new RunbookError('R030', 'Credentials are expired', { hint: 'log in' })
    if (trouble === 'no-effect') throw new RunbookError('R024', 'The API cannot be reached', { hint: 'wait' })
    if (trouble === 'defect') throw new TypeError('x is undefined')
    if (!world.tokens.has(token)) {
      world.tokens.add(token)
      world.effects.push(effect)
      if (!hands.journal().includes(token)) world.unannounced.push(effect)
      change()
    }
    if (trouble === 'lost-answer') throw new RunbookError('R024', 'The answer was lost', { hint: 'wait' })
  })

const switchOn = (id: string, spec: StepSpec): Change<Hands> => ({
  timeoutSeconds: 600,
  expectedSeconds: 60,
  reached: async ({ target }: Look<Hands>) =>
    target.alive(() => {
      if (target.world.failed.has(`on ${id}`))
        throw new RunbookError('R022', `The update of ${id} failed`, { hint: 'mend it' })
      const at = target.world.onAt.get(id)
      const isOn =
        at !== undefined && at <= target.clock.now() && (!spec.pauses || target.world.paused.has(id))
      return isOn ? 'reached' : { waitingFor: `switch ${id}` }
    }),
  apply: async (act: Act<Hands>) => {
    const { world, clock } = act.target
    const freeze = { name: 'sim:Pause', object: id }
    if (spec.pauses && !world.paused.has(id))
      await act.pause({ kind: 'switch', object: id, restore: { was: 'on' } }, freeze, (token) =>
        call(act.target, `pause ${id}`, token, () => world.paused.add(id)),
      )
    if (world.onAt.has(id)) return
    if (spec.concludes) await act.conclude({ name: 'sim:SwitchOn', object: id })
    await act.act({ name: 'sim:SwitchOn', object: id, parameters: { takes: spec.takes } }, (token) =>
      call(act.target, `on ${id}`, token, () => world.onAt.set(id, clock.now() + spec.takes * 1000)),
    )
    if (spec.leaves !== undefined) await act.leavePaused({ kind: 'switch', object: spec.leaves })
    if (spec.restores) await act.restorePaused({ kind: 'switch', ...spec.restores })
    await act.note('switched', id)
  },
})

const switchOff = (id: string): Change<Hands> => ({
  timeoutSeconds: 600,
  expectedSeconds: 60,
  reached: async ({ target }) =>
    target.alive(() => (target.world.onAt.has(id) ? { waitingFor: `switch ${id} off` } : 'reached')),
  apply: async (act) =>
    act.act({ name: 'sim:SwitchOff', object: id }, (token) =>
      call(act.target, `off ${id}`, token, () => act.target.world.onAt.delete(id)),
    ),
})

const finding = (id: string, outcome: Finding['outcome']): Finding => ({
  code: 'SIM-001',
  outcome,
  object: `switch ${id}`,
  expected: 'free',
  found: outcome === 'pass' ? 'free' : 'jammed',
  hint: outcome === 'pass' ? '' : 'free it',
  source: 'https://example.com',
})

const simulatedStep = (id: string, spec: StepSpec): Step<Hands> => ({
  id,
  title: `Switch ${id} on`,
  before: [
    {
      code: 'SIM-001',
      title: 'The switch is not jammed',
      ...(spec.checksFirstOnly ? { firstOnly: true } : {}),
      look: async ({ target }) => [finding(id, target.world.blocked.has(id) ? 'block' : 'pass')],
    },
  ],
  change: switchOn(id, spec),
  undo: {
    change: switchOff(id),
    nothing: 'nothing' as const,
    irreversible: { irreversible: 'it is one way' },
  }[spec.undo],
})

const simulatedRunbook = (specs: readonly StepSpec[]): AnyRunbook<Hands> =>
  runbook<Hands, { count: number }, number>({
    id: 'switch-all-on',
    title: 'Switch all on',
    about: 'Switches all on.',
    inputs: z.strictObject({ count: z.number().describe('How many') }),
    survey: async (_look, { count }) => count,
    checks: () => [],
    steps: (count) => specs.slice(0, count).map((spec, at) => simulatedStep(stepId(at), spec)),
    shape: () => ({ must: [], may: [] }),
    restorers: {
      switch: async (act, { object }) => {
        if (!act.target.world.paused.has(object)) return 'gone'
        await act.act({ name: 'sim:Restore', object }, (token) =>
          call(act.target, `restore ${object}`, token, () => act.target.world.paused.delete(object)),
        )
        return undefined
      },
    },
    example: { inputs: { count: specs.length }, facts: specs.length },
  })

export const stepId = (at: number): string => String.fromCharCode(97 + at)

/** Where a process dies: at its n-th write to the store, before it or after it. */
export interface Death {
  readonly write: number
  readonly when: 'before' | 'after'
}

export interface Simulation {
  readonly world: World
  readonly time: VirtualTime
  readonly state: MemoryState
  readonly store: StateStore
  readonly messages: Message[]
  readonly plan: () => Promise<Plan>
  /** Runs one process to its end; undefined when it died. */
  readonly process: <R>(
    work: (options: EngineOptions<unknown>) => Promise<R>,
    death?: Death,
    more?: Partial<EngineOptions<unknown>>,
  ) => Promise<R | undefined>
}

export const simulate = (specs: readonly StepSpec[], state = emptyMemory()): Simulation => {
  const time = createVirtualTime(Date.parse('2026-11-22T10:00:00Z'))
  const store = memoryStore(state)
  const world: World = {
    onAt: new Map(),
    paused: new Set(),
    effects: [],
    tokens: new Set(),
    troubles: new Map(specs.map((spec, at) => [`on ${stepId(at)}`, [...spec.troubles]])),
    unannounced: [],
    blocked: new Set(),
    failed: new Set(),
  }
  const messages: Message[] = []
  const book = simulatedRunbook(specs)
  const journal = () => [...state.logs.values()].map(({ text }) => text).join('')
  const living = new Set<number>()
  let pid = 0
  const operator = { tell: (message: Message) => void messages.push(message), confirm: async () => false }
  const signal = new AbortController().signal
  const start: Simulation['process'] = async (work, death, more) => {
    const mine = (pid += 1)
    living.add(mine)
    const died = Promise.withResolvers<undefined>()
    const alive = async <R>(action: () => R): Promise<R> => (living.has(mine) ? action() : never<R>())
    const die = <R>(): Promise<R> => {
      living.delete(mine)
      died.resolve(undefined)
      return never<R>()
    }
    const clock: Clock = {
      now: time.clock.now,
      sleep: async (seconds, stop) => {
        await time.clock.sleep(seconds, stop)
        return living.has(mine) ? undefined : never()
      },
    }
    const owner: Owner = { host: 'here', bootId: 'boot', pid: mine, startTime: String(mine) }
    const options: EngineOptions<unknown> = {
      target: { world, clock, journal, alive } satisfies Hands,
      runbook: book as AnyRunbook<unknown>,
      store: mortal(store, { alive, die, ...(death ? { death } : {}) }),
      clock,
      random: seededRandom(mine),
      operator,
      signal,
      owner,
      isGone: (other) => other.host === 'here' && !living.has(other.pid),
      tool: '0.1.0',
      ...more,
    }
    const result = await time.run(Promise.race([work(options), died.promise]))
    living.delete(mine)
    return result
  }
  const plan = () =>
    time.run(
      makePlan({
        runbook: book,
        target: { world, clock: time.clock, journal, alive: async (work) => work() },
        place: {
          cluster: 'web',
          account: '111111111111',
          region: 'eu-west-1',
          environment: 'staging',
          arn: 'arn',
        },
        inputs: { count: specs.length },
        clock: time.clock,
        signal,
        operator,
        plannedBy: 'arn:aws:iam::111111111111:role/deployer',
        tool: '0.1.0',
      }),
    )
  return { world, time, state, store, messages, plan, process: start }
}

interface Mortality {
  readonly alive: <R>(work: () => R) => Promise<R>
  readonly die: <R>() => Promise<R>
  readonly death?: Death
}

/** A store whose process dies at one of its writes. */
const mortal = (store: StateStore, { alive, die, death }: Mortality): StateStore => {
  let writes = 0
  const write = async <R>(work: () => Promise<R>): Promise<R> => {
    writes += 1
    const now = writes === death?.write ? death.when : undefined
    if (now === 'before') return die<R>()
    const result = await (await alive(async () => ({ result: work() }))).result
    return now === 'after' ? die<R>() : result
  }
  const read = async <R>(work: () => Promise<R>): Promise<R> =>
    await (
      await alive(async () => ({ result: work() }))
    ).result
  return {
    place: store.place,
    read: (key) => read(() => store.read(key)),
    list: (folder) => read(() => store.list(folder)),
    create: (key, text) => write(() => store.create(key, text)),
    replace: (key, text, version) => write(() => store.replace(key, text, version)),
    remove: (key, version) => write(() => store.remove(key, version)),
    log: (key) => {
      const log = store.log(key)
      const wrap = (writer: Awaited<ReturnType<typeof log.create>>) =>
        writer && { ...writer, append: (lines: readonly string[]) => write(() => writer.append(lines)) }
      return {
        read: () => read(log.read),
        create: async (lines) => wrap(await write(() => log.create(lines))),
        open: async (keep) => wrap(await write(() => log.open(keep))),
      }
    },
  }
}
