import { describe, expect, test } from 'vitest'
import {
  makeSmokeChecks,
  smokeAtBaseline,
  smokeRegressions,
  type SmokeResult,
} from '../../lib/checks/smoke.ts'
import type { SmokeCheck } from '../../lib/fleet/smoke-check.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'
import type { Look } from '../../lib/runbook/runbook.ts'
import type { CommandEnd } from '../../lib/shell/run-command.ts'
import type { HttpAnswer } from '../../lib/shell/http-status.ts'

const result = (outcome: SmokeResult['outcome'], found: string): SmokeResult => ({
  code: 'SM-001',
  name: 'front',
  outcome,
  expected: 'HTTP 200',
  found,
})
const passes = result('passes', 'HTTP 200')
const fails = result('fails', 'HTTP 503')
const notMade = result('not-made', 'not made in a rehearsal')

const held = (before: readonly SmokeResult[], now: SmokeResult) =>
  smokeRegressions(before, [now]).map(
    ({ code, outcome, object, expected, found }) => `${code} ${outcome} ${object}: ${expected} / ${found}`,
  )

describe('a check of the team', () => {
  test('that passed and fails blocks, with both values', () =>
    expect(held([passes], fails)).toEqual([
      'SM-001 block smoke check front: HTTP 200, as at the baseline / HTTP 503',
    ]))
  test('that passes now shows nothing, whatever it did before', () => {
    expect(held([passes], passes)).toEqual([])
    expect(held([fails], passes)).toEqual([])
    expect(held([], passes)).toEqual([])
  })
  test('that failed before too warns', () =>
    expect(held([result('fails', 'HTTP 500')], fails)).toEqual([
      'SM-001 warn smoke check front: HTTP 200 (at the baseline it was HTTP 500) / HTTP 503',
    ]))
  test('that was not made before warns: nobody knows that it ever passed', () => {
    expect(held([], fails)).toEqual([
      'SM-001 warn smoke check front: HTTP 200 (it was not made at the baseline) / HTTP 503',
    ])
    expect(held([notMade], fails)).toHaveLength(1)
  })
  test('that is not made in a rehearsal says so', () =>
    expect(held([notMade], notMade)).toEqual([
      'SM-001 warn smoke check front: HTTP 200 (at the baseline it was not made in a rehearsal) / not made in a rehearsal',
    ]))
  test('that fails at the baseline is told there and blocks nothing', () => {
    expect(smokeAtBaseline([fails]).map(({ outcome }) => outcome)).toEqual(['warn'])
    expect(smokeAtBaseline([passes])).toEqual([])
  })
})

describe('is made', () => {
  const patience = { timeoutSeconds: 7, retries: 2 }
  const front: SmokeCheck = { name: 'front', http: 'https://x.example/health', status: 401, ...patience }
  const order: SmokeCheck = { name: 'order', command: ['order', '--as', '$(id)'], ...patience }

  const made = async (check: SmokeCheck, answer: HttpAnswer | CommandEnd) => {
    const asked: unknown[] = []
    const slept: number[] = []
    const told: string[] = []
    const heard = async <R>(what: unknown, { timeoutSeconds }: { readonly timeoutSeconds: number }) => {
      asked.push([what, timeoutSeconds])
      return answer as R
    }
    const look = {
      target: {
        smoke: {
          checks: [check],
          shell: {
            httpStatus: (...call: Parameters<typeof heard>) => heard<HttpAnswer>(...call),
            runCommand: (...call: Parameters<typeof heard>) => heard<CommandEnd>(...call),
          },
        },
      } as unknown as Target,
      clock: { now: () => 0, sleep: async (seconds: number) => void slept.push(seconds) },
      signal: new AbortController().signal,
      outside: (waitingFor: string, work: () => Promise<unknown>) => {
        told.push(waitingFor)
        return work()
      },
    } as unknown as Look<Target>
    const [found] = await makeSmokeChecks(look)
    return { found, asked, slept, told }
  }

  test('once where it passes, by the status that the fleet names', async () => {
    const { found, asked, slept } = await made(front, { status: 401 })
    expect(found).toMatchObject({ outcome: 'passes', expected: 'HTTP 401', found: 'HTTP 401' })
    expect([asked, slept]).toEqual([[['https://x.example/health', 7]], []])
  })
  test('again as often as the fleet says where it fails, with pauses of the run’s own time', async () => {
    const { found, asked, slept, told } = await made(front, { status: 200 })
    expect(found).toMatchObject({ outcome: 'fails', found: 'HTTP 200' })
    expect(asked).toHaveLength(3)
    expect(slept).toEqual([5, 5])
    expect(told).toEqual([
      'smoke checks front',
      'smoke check front: HTTP 200; try 2 of 3',
      'smoke check front: HTTP 200; try 3 of 3',
    ])
  })
  test('and says why there was no answer', async () =>
    expect((await made(front, { failed: 'no answer in 7 s' })).found).toMatchObject({
      outcome: 'fails',
      found: 'no answer in 7 s',
    }))
  test('with the program and its arguments as the fleet has them', async () => {
    const { found, asked } = await made(order, { exit: 0, said: 'fine' })
    expect(found).toMatchObject({ outcome: 'passes', found: 'exit 0' })
    expect(asked).toEqual([[['order', '--as', '$(id)'], 7]])
  })
  test.each([
    [{ exit: 2, said: 'no stock' }, 'exit 2: no stock'],
    [{ exit: undefined, said: 'no end in 7 s' }, 'no end in 7 s'],
  ])('and a program that ends with %j fails', async (end, said) =>
    expect((await made(order, end)).found).toMatchObject({ outcome: 'fails', found: said }),
  )
})

describe('a condition', () => {
  const ready: SmokeCheck = {
    name: 'db',
    condition: 'Available',
    of: 'deployments.apps/shop/db',
    timeoutSeconds: 1,
    retries: 0,
  }

  const made = async (condition: () => Promise<unknown>, signal = new AbortController().signal) => {
    const look = {
      target: { smoke: { checks: [ready], shell: 'not-made' }, kube: { condition } },
      clock: { now: () => 0, sleep: async () => undefined },
      signal,
      outside: (_: string, work: () => Promise<unknown>) => work(),
    } as unknown as Look<Target>
    return (await makeSmokeChecks(look))[0]
  }
  const refused = (code: 'R022' | 'R024' | 'R099', message: string) => () =>
    Promise.reject(new RunbookError(code, message, { hint: '' }))

  test('that is True passes, any other status fails by its name', async () => {
    expect(await made(async () => 'True')).toMatchObject({ outcome: 'passes', found: 'Available True' })
    expect(await made(async () => 'none')).toMatchObject({ outcome: 'fails', found: 'Available none' })
    expect(await made(async () => undefined)).toMatchObject({ found: 'no deployments.apps/shop/db' })
  })

  test.each(['R022', 'R024'] as const)('whose question ends with %s fails with the reason', async (code) =>
    expect(await made(refused(code, 'Cannot get it: 403 Forbidden'))).toMatchObject({
      outcome: 'fails',
      found: 'Cannot get it: 403 Forbidden',
    }),
  )

  test('that is not told in its time fails', async () =>
    expect(await made(() => new Promise(() => undefined))).toMatchObject({
      outcome: 'fails',
      found: 'no answer in 1 s',
    }))

  test('leaves a stop and a fault of the program what they are', async () => {
    await expect(made(refused('R099', 'broken'))).rejects.toMatchObject({ code: 'R099' })
    const stop = new AbortController()
    const asking = made(() => new Promise(() => undefined), stop.signal)
    stop.abort(new Error('stopped'))
    await expect(asking).rejects.toThrow('stopped')
  })
})
