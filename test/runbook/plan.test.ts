import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../lib/runbook/json.ts'
import { checkPlan, makePlan, planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { diffPlans, formatDifference } from '../../lib/runbook/plan-difference.ts'
import { runbook, type Step } from '../../lib/runbook/runbook.ts'

const change = {
  reached: async () => 'reached' as const,
  apply: async () => undefined,
  timeoutSeconds: 60,
  expectedSeconds: 5,
}
const steps: readonly Step<string>[] = [
  { id: 'a', title: 'Do a', change, undo: change },
  { id: 'b', title: 'Do b', change, undo: { irreversible: 'gone is gone' } },
  { id: 'c', title: 'Do c', change, undo: 'nothing' },
]
const look = async () => [
  { code: 'X-1', outcome: 'warn' as const, object: 'o', expected: 'e', found: 'f', hint: 'h', source: 's' },
]
const bookWith = (facts: Json, list = steps) =>
  runbook<string, { to: string }, Json>({
    id: 'switch',
    title: 'Switch',
    about: 'Switches.',
    inputs: z.strictObject({ to: z.string() }),
    survey: async () => facts,
    checks: () => [{ code: 'X-1', title: 'x', look }],
    steps: () => list,
    shape: () => ({ must: [], may: [] }),
    restorers: {},
    example: { inputs: { to: '1' }, facts: null },
  })
const planned = (facts: Json, inputs: unknown = { to: '1' }, list = steps): Promise<Plan> =>
  makePlan({
    runbook: bookWith(facts, list),
    target: 'target',
    place: { cluster: 'web', account: '1', region: 'r', environment: 'staging', arn: 'arn' },
    inputs,
    clock: { now: () => 0, sleep: async () => undefined },
    signal: new AbortController().signal,
    operator: { tell: () => undefined, confirm: async () => false },
    plannedBy: 'arn',
    tool: '0.1.0',
  })

const reordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reordered)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reordered(item)]),
  )
}

describe('a plan', () => {
  test('lists its steps with the way back of each and what the checks found', async () => {
    const plan = await planned({ x: 1 })
    expect(plan.steps.map(({ undo }) => undo)).toEqual([
      'change',
      { irreversible: 'gone is gone' },
      'nothing',
    ])
    expect(plan.findings.map(({ code }) => code)).toEqual(['X-1'])
  })

  test('survives being stored', async () => {
    const plan = await planned({ x: 1 })
    expect(checkPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  })

  test('has a digest that does not depend on the order of members', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (facts) => {
        const plan = await planned(JSON.parse(JSON.stringify(facts)) as Json)
        expect(checkPlan(reordered(plan)).digest).toBe(plan.digest)
      }),
    )
  })

  test('keeps its digest when time passes or findings change, and changes it with the facts', async () => {
    const plan = await planned({ x: 1 })
    expect(planDigest({ ...plan, plannedAt: '2030-01-01T00:00:00.000Z', findings: [] } as Plan)).toBe(
      plan.digest,
    )
    expect((await planned({ x: 2 })).digest).not.toBe(plan.digest)
  })

  test.each([
    ['facts', (plan: Plan) => ({ ...plan, facts: { x: 2 } })],
    ['the evidence it takes releases from', (plan: Plan) => ({ ...plan, asProven: '2026-09-23-a1b2' })],
    ['a step', (plan: Plan) => ({ ...plan, steps: plan.steps.slice(1) })],
    ['the target', (plan: Plan) => ({ ...plan, target: { ...plan.target, cluster: 'prod' } })],
    ['the inputs', (plan: Plan) => ({ ...plan, inputs: { to: '2' } })],
  ])('whose file was edited in %s is refused with R006 and both digests', async (_what, edit) => {
    const plan = await planned({ x: 1 })
    expect(() => checkPlan(edit(plan))).toThrow(`its digest says ${plan.digest}, its content gives`)
  })

  test.each([[null], [[]], [{}], [{ schema: 2 }], ['plan']])('is not %j', (data) => {
    expect(() => checkPlan(data)).toThrow('it is not a plan')
  })

  test('with an input missing or unknown is refused with R003 that names it', async () => {
    await expect(planned(null, {})).rejects.toMatchObject({ code: 'R003', message: /to: / })
    await expect(planned(null, { to: '1', form: 2 })).rejects.toMatchObject({ code: 'R003', message: /form/ })
  })

  test('that would store a secret is refused', async () => {
    await expect(planned({ deep: ['AKIAIOSFODNN7EXAMPLE'] })).rejects.toMatchObject({
      message: /facts\.deep\.0/,
    })
  })

  test('with two steps of one id is refused', async () => {
    const twice = [...steps, ...steps.slice(0, 1)]
    await expect(planned(null, { to: '1' }, twice)).rejects.toMatchObject({
      message: /two steps have the id a/,
    })
  })
})

describe('the difference of two plans', () => {
  test('is none for equal ones, whatever was found and when', async () => {
    const plan = await planned({ x: 1 })
    expect(diffPlans(plan, { ...plan, findings: [], plannedAt: 'later' })).toEqual([])
  })

  test('names each path with both values; named items are matched by name', async () => {
    const before = await planned({
      addOns: [
        { name: 'cni', to: 'v1' },
        { name: 'dns', to: 'v1' },
      ],
      old: true,
    })
    const after = await planned({
      addOns: [
        { name: 'new', to: 'v3' },
        { name: 'cni', to: 'v2' },
        { name: 'dns', to: 'v1' },
      ],
    })
    expect(diffPlans(before, after).map(formatDifference)).toEqual([
      'facts.addOns[cni].to: v1 -> v2',
      'facts.addOns[new]: (not there) -> {"name":"new","to":"v3"}',
      'facts.old: true -> (not there)',
    ])
  })

  test('tells when only the order of a list differs', async () => {
    const before = await planned([{ id: 'a' }, { id: 'b' }])
    const after = await planned([{ id: 'b' }, { id: 'a' }])
    expect(diffPlans(before, after).map(formatDifference)).toEqual([
      'facts (order): ["[a]","[b]"] -> ["[b]","[a]"]',
    ])
  })

  test('is never empty where the digests differ', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (one, other) => {
        const [before, after] = [await planned(one as Json), await planned(other as Json)]
        expect(diffPlans(before, after).length > 0).toBe(before.digest !== after.digest)
      }),
    )
  })
})
