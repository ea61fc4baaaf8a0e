import { describe, expect, test } from 'vitest'
import { glassReason } from '../../lib/cli/break-glass.ts'
import { clearRun, type Clearing } from '../../lib/cli/clear-run.ts'
import type { Cli } from '../../lib/cli/cli.ts'
import { addOnsExample } from '../../lib/changes/examples.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { EngineOptions } from '../../lib/runbook/engine-options.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'
import { emptyMemory, memoryStore } from '../../lib/runbook/memory-store.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import { keepPlan, requirePlan } from '../../lib/runbook/plan-store.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { fleetOf, now, planOf, staging as stagingTarget } from '../evidence/gate-case.ts'

const alice = 'arn:aws:sts::444455556666:assumed-role/deployer/alice'
const hammer = 'arn:aws:iam::444455556666:role/team/deployer'

const digested = (plan: Plan): Plan => ({ ...plan, digest: planDigest(plan) })
const plan = digested(planOf({ runbook: 'upgrade-add-ons', facts: addOnsExample.facts, plannedBy: alice }))

const state = emptyMemory()
const clearing: Clearing = {
  plan,
  fleet: { file: 'fleet.yaml', fleet: fleetOf({ settings: { secondPerson: true, breakGlass: [hammer] } }) },
  store: memoryStore(state),
  runner: alice,
  planner: alice,
  clock: { now: () => now, sleep: () => Promise.resolve() },
  called: 'plan.json',
  emergency: undefined,
  yes: { digest: plan.digest, given: plan.digest, deed: 'run it', command: 'eks-runbook run' },
}

const cleared = async (more: Partial<Clearing>) => {
  const screen: string[] = []
  const terminal = {
    stdout: { write: () => undefined },
    stderr: { write: (text: string) => void screen.push(text) },
    env: {},
    cwd: '/',
    interactive: false,
    lively: false,
  }
  const cli: Cli = {
    terminal,
    commands: [],
    signal: new AbortController().signal,
    clock: async () => clearing.clock,
    finish: () => undefined,
  }
  const found = await clearRun(cli, { ...clearing, ...more })
  return { ...found, screen: screen.join('') }
}

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'passed'
  } catch (error) {
    return (error as RunbookError).code
  }
}

const staging = digested({ ...plan, target: stagingTarget })
const emergency = 'the site is down'

describe('Before a run are asked, in this order,', () => {
  const wrong = { ...clearing.yes, given: 'abc' }
  test.each<[string, Partial<Clearing>, string]>([
    [
      'whether the caller may break the glass',
      { emergency, runner: 'arn:aws:iam::444455556666:user/eve', yes: wrong },
      'R075',
    ],
    ['the gate', { yes: wrong }, 'R060'],
    ['the digest', { emergency, yes: wrong }, 'R012'],
    ['the yes', { emergency, yes: { ...wrong, given: undefined } }, 'R009'],
  ])('%s', async (_, more, code) => {
    expect(await codeOf(() => cleared(more))).toBe(code)
  })

  test('and nothing but the yes where no gate stands', async () => {
    const yes = { ...clearing.yes, digest: staging.digest, given: staging.digest }
    expect((await cleared({ plan: staging, yes })).clearance).toBeUndefined()
    expect(await codeOf(() => cleared({ plan: staging, yes: { ...yes, given: undefined } }))).toBe('R009')
  })

  test('and nothing is written', () => {
    expect([...state.records.keys(), ...state.logs.keys()]).toEqual([])
  })
})

describe('The broken glass', () => {
  test('lets the run begin, says so, and names all that refused', async () => {
    const { clearance, screen } = await cleared({ emergency })
    expect(clearance).toEqual({ brokenGlass: { by: alice, reason: emergency, skipped: 'R060, R070' } })
    expect(screen).toContain(
      'THE GLASS IS BROKEN: photo-prod is changed although the gate refused it (R060, R070).',
    )
  })

  test('is told again under the lock of the run', async () => {
    const told: Message[] = []
    const operator = { tell: (message: Message) => void told.push(message), confirm: async () => false }
    const { into } = await cleared({ emergency })
    const engine = into({ operator } as unknown as EngineOptions<Target>)
    await engine.claim?.('2026-09-23-a1b2')
    expect(told).toMatchObject([
      { code: 'M070', text: expect.stringContaining(`${alice} (R060, R070): ${emergency}`) },
    ])
  })

  test('opens the way past a damaged plan of the team', async () => {
    const store = memoryStore()
    await store.create(`plans/${plan.digest}.json`, '{')
    expect((await cleared({ emergency, store })).clearance?.brokenGlass?.skipped).toBe('R060, R006')
  })

  test.each(['evidence', 'approvals'])('opens the way past %s that cannot be listed', async (folder) => {
    const store = memoryStore()
    await keepPlan(store, plan)
    const list = async (asked: string) => {
      if (asked.startsWith(folder))
        throw new RunbookError('R041', 'a part of the path is a file', { hint: '' })
      return await store.list(asked)
    }
    const { clearance } = await cleared({ emergency, store: { ...store, list } })
    expect(clearance?.brokenGlass?.skipped).toContain('R041')
  })

  test('stays whole where nothing refuses', async () => {
    const yes = { ...clearing.yes, digest: staging.digest, given: staging.digest }
    const { clearance, screen } = await cleared({ emergency, plan: staging, yes })
    expect([clearance, screen]).toEqual([undefined, ''])
  })

  test.each(['', 'too short', '\u001b[31m\u001b[0m  x  '])(
    'needs a reason that can be reviewed, not %j',
    async (reason) => {
      expect(await codeOf(() => glassReason({ breakGlass: true, reason }))).toBe('R001')
    },
  )

  test('is not asked for by a reason alone', () => {
    expect(glassReason({ reason: 'the lock is stale, its machine is gone' })).toBeUndefined()
  })
})

describe('A plan of the team', () => {
  test('is read by its digest, with who planned it first', async () => {
    const store = memoryStore()
    await keepPlan(store, plan)
    await keepPlan(store, { ...plan, plannedBy: 'arn:aws:iam::444455556666:user/eve' })
    expect(await requirePlan(store, plan.digest)).toEqual(plan)
  })

  test.each(['0'.repeat(64), '../runs', 'abc'])('that is not there is R081: %s', async (digest) => {
    expect(await codeOf(() => requirePlan(memoryStore(), digest))).toBe('R081')
  })

  test('that was edited is R006', async () => {
    const store = memoryStore()
    await keepPlan(store, { ...plan, inputs: { cluster: 'photo-staging' } })
    expect(await codeOf(() => requirePlan(store, plan.digest))).toBe('R006')
  })

  test.each(['{', '[]', JSON.stringify({ ...plan, runbook: 'edited' }), JSON.stringify(staging)])(
    'takes the place of a record that is not it any more: %.20s',
    async (text) => {
      const store = memoryStore()
      await store.create(`plans/${plan.digest}.json`, text)
      await keepPlan(store, plan)
      expect(await requirePlan(store, plan.digest)).toEqual(plan)
    },
  )

  test('put under the digest of another is R006', async () => {
    const store = memoryStore()
    await store.create(`plans/${staging.digest}.json`, JSON.stringify(plan))
    expect(await codeOf(() => requirePlan(store, staging.digest))).toBe('R006')
  })
})
