import { expect, test } from 'vitest'
import { execute } from '../../lib/runbook/engine.ts'
import { RunbookError } from '../../lib/runbook/errors.ts'
import type { Review, RunView } from '../../lib/runbook/run-view.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import { keepReview, storedReview } from '../../lib/runbook/review.ts'
import { simulate, type StepSpec } from './simulation.ts'

const step: StepSpec = { takes: 90, troubles: [], pauses: false, undo: 'change' }
const reading = { isGone: () => false, openReview: (_: RunView, text: string): Review => JSON.parse(text) }
const usedUp = new RunbookError('R073', 'Cannot use the approval', { hint: 'approve again' })

test('A claim that is refused leaves no run and no lock', async () => {
  const simulation = simulate([step])
  const plan = await simulation.plan()
  const refused = await simulation.process(async (options) =>
    execute(plan, { ...options, claim: () => Promise.reject(usedUp) }).catch((error: unknown) => error),
  )
  expect(refused).toBe(usedUp)
  expect(await listRuns(simulation.store)).toEqual([])
  const next = await simulation.process((options) => execute(plan, options))
  expect(next?.state).toBe('done')
})

test('Nothing is claimed for a run that the lock refuses', async () => {
  const simulation = simulate([step])
  const plan = await simulation.plan()
  const claims: string[] = []
  const claim = (name: string) => async () => void claims.push(name)
  const [, second] =
    (await simulation.process(async (options) => {
      const other = { ...options, owner: { ...options.owner, host: 'there' }, isGone: () => false }
      const first = execute(plan, { ...options, claim: claim('first') })
      return await Promise.allSettled([first, execute(plan, { ...other, claim: claim('second') })])
    })) ?? []
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'R013' } })
  expect(claims).toEqual(['first'])
})

test('A run that broke the glass is under review until somebody closes it, once; any other is not', async () => {
  const simulation = simulate([step])
  const plan = await simulation.plan()
  const brokenGlass = {
    by: 'arn:aws:iam::111122223333:user/alice',
    reason: 'the site is down',
    skipped: 'R070',
  }
  const begin = async (clearance: { readonly brokenGlass: typeof brokenGlass } | undefined) => {
    const done = await simulation.process((options) =>
      execute(plan, clearance === undefined ? options : { ...options, clearance }),
    )
    return done?.run ?? ''
  }
  const [broken, plain] = [await begin({ brokenGlass }), await begin(undefined)]
  const reviews = async () =>
    Object.fromEntries((await listRuns(simulation.store, reading)).map(({ id, review }) => [id, review]))
  expect(await reviews()).toEqual({ [broken]: 'open', [plain]: undefined })
  const review = { run: broken, by: 'bob', at: '2026-09-23T08:00:00.000Z', reason: 'read it' }
  const keep = () => keepReview(simulation.store, broken, { text: JSON.stringify(review), former: undefined })
  expect([await keep(), await keep()]).toEqual([true, false])
  expect(await reviews()).toEqual({ [broken]: 'closed', [plain]: undefined })
  expect((await readRun(simulation.store, broken, reading)).review).toEqual({ state: 'closed', ...review })
})

test('A record that does not count leaves the review open, says why, and can be replaced', async () => {
  const simulation = simulate([step])
  const plan = await simulation.plan()
  const clearance = { brokenGlass: { by: 'alice', reason: 'the site is down', skipped: 'R070' } }
  const run = (await simulation.process((options) => execute(plan, { ...options, clearance })))?.run ?? ''
  await keepReview(simulation.store, run, { text: 'forged', former: undefined })
  const forged = new RunbookError('R062', 'Cannot trust it', { hint: 'review it' })
  const openReview = () => {
    throw forged
  }
  const read = async (more: object) =>
    (await readRun(simulation.store, run, { isGone: () => false, ...more })).review
  expect(await read({ openReview })).toEqual({ state: 'open', refused: 'R062 Cannot trust it' })
  expect(await read({})).toEqual({ state: 'open' })
  const former = await storedReview(simulation.store, run)
  expect(await keepReview(simulation.store, run, { text: 'a', former })).toBe(true)
  expect(await keepReview(simulation.store, run, { text: 'b', former })).toBe(false)
})

test('A run journals by which rules of a fleet it began', async () => {
  const simulation = simulate([step])
  const plan = await simulation.plan()
  const fleet = { digest: 'ab'.repeat(32), gated: false }
  const run = (await simulation.process((options) => execute(plan, { ...options, fleet })))?.run ?? ''
  expect((await readRun(simulation.store, run)).fleet).toEqual(fleet)
})
