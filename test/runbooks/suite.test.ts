import { globSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { countEffects } from '../../lib/cli/demo/effects.ts'
import type { Plan } from '../../lib/runbook/plan.ts'
import { cases, type Case } from './cases.ts'
import { openScene, settledWorld, type Moment } from './scene.ts'
import { stateOf } from './state.ts'

test('every runbook has a case', () => {
  const runbooks = globSync('runbooks/*.ts').map((file) => path.basename(file, '.ts'))
  expect(Object.keys(cases).toSorted()).toEqual(runbooks.toSorted())
})

/** A moment at which the process might have died. */
interface Death {
  readonly label: string
  readonly moment: Moment
}

const prepared = async (one: Case) => {
  const beginning = await settledWorld(one.world, one.change)
  const deaths: Death[] = []
  const scene = await openScene(beginning, {
    ...one,
    tap: (label) => {
      const moment = scene.moment()
      if (marksOf(deaths.at(-1)?.moment) !== marksOf(moment)) deaths.push({ label, moment })
    },
  })
  const plan = await scene.plan(one.inputs)
  deaths.length = 0
  const outcome = await scene.execute(plan)
  await scene.time.pass(120)
  return { beginning, deaths, plan, outcome, end: scene.moment(), effects: effectsOf(scene.moment()) }
}

/** What the journal and the world have come to: dying after a write is dying before the call that follows. */
const marksOf = (moment: Moment | undefined): string =>
  moment === undefined
    ? ''
    : [
        [...moment.memory.logs.values()].map(({ text }) => text.length).join(),
        moment.twin.calls.filter(({ effect }) => effect !== null).length,
      ].join('/')

/** AWS effects of the run, sorted: a resumed run must come to the same. */
const effectsOf = ({ twin }: Moment): readonly string[] =>
  twin.calls
    .filter(
      ({ service, effect, error, repeated }) =>
        service !== 'kubernetes' && effect !== null && error === null && !repeated,
    )
    .filter(({ operation }) => !operation.endsWith('Processes'))
    .map(({ operation, effect }) => `${operation}: ${stable(effect ?? '')}`)
    .toSorted()

/** Ids of instances and templates follow from the order of launches. */
const stable = (text: string) => text.replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b(i|lt)-[0-9a-f]+/g, '<id>')

describe.each(Object.entries(cases))('%s', (_name, one) => {
  let reference: Awaited<ReturnType<typeof prepared>>
  beforeAll(async () => {
    reference = await prepared(one)
  })

  test('plans the same steps as ever', () => {
    const { plan } = reference
    expect(plan.steps.map(({ id, title, undo }) => ({ id, title, undo }))).toMatchSnapshot()
  })

  test('runs to its end and leaves nothing paused', () => {
    expect(reference.outcome).toMatchObject({ state: 'done', exit: 0 })
    expect(stateOf(reference.end.twin)).toMatchObject({ suspended: [] })
    expect(countEffects(reference.end.twin.calls).twice).toEqual([])
  })

  test('changes nothing when the same plan is run a second time', async () => {
    const scene = await openScene(reference.end, one)
    const calls = scene.twin.calls.length
    expect(await scene.execute(reference.plan)).toMatchObject({ exit: 0 })
    const changing = scene.twin.calls
      .slice(calls)
      .filter(({ effect, repeated }) => effect !== null && !repeated)
    expect(changing.filter(({ operation }) => operation !== 'StartInsightsRefresh')).toEqual([])
    expect(stateOf(scene.moment().twin)).toEqual(stateOf(reference.end.twin))
  })

  test('killed at any journal write or call and resumed, comes to the same end and does nothing twice', async () => {
    expect(reference.deaths.length).toBeGreaterThan(reference.plan.steps.length * 3)
    for (const death of reference.deaths) await resumeAfter(one, reference, death)
  }, 280_000)
})

const resumeAfter = async (
  one: Case,
  { plan, end, effects }: { readonly plan: Plan; readonly end: Moment; readonly effects: readonly string[] },
  { label, moment }: Death,
) => {
  const scene = await openScene(moment, one)
  const [run] = await scene.runs()
  const outcome = await (run ? scene.resume(run.id) : scene.execute(plan))
  await scene.time.pass(120)
  const now = scene.moment()
  const found = {
    label,
    outcome: outcome.state,
    state: stateOf(now.twin),
    effects: effectsOf(now),
    twice: countEffects(now.twin.calls).twice,
  }
  expect(found).toEqual({ label, outcome: 'done', state: stateOf(end.twin), effects, twice: [] })
}
