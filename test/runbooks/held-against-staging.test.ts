import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import { proofFrom } from '../../lib/evidence/proof.ts'
import { stepResults } from '../../lib/evidence/step-results.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { EngineOptions, Proof } from '../../lib/runbook/engine-options.ts'
import type { Plan } from '../../lib/runbook/plan.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import type { StepView } from '../../lib/runbook/run-view.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { lowestReady, small, twice, withGroup } from './small-world.ts'
import { stateOf } from './state.ts'

const swap = { runbook: swapNodeGroup, cluster: 'small' }
const inputs = { cluster: 'small', amiType: 'AL2023_x86_64_STANDARD', soak: 0 }

let proof: Proof
let production: Moment
let plan: Plan

beforeAll(async () => {
  const staging = await openScene(await small(), swap)
  const { run } = await staging.execute(await staging.plan({ ...inputs, nodeGroup: 'web' }))
  proof = proofFrom({ run, steps: stepResults(await staging.view(run)) }, { factor: 3 })
  production = await small(withGroup('web', { name: 'frontend' }))
  plan = await (await openScene(production, swap)).plan({ ...inputs, nodeGroup: 'frontend' })
})

type Engine = Partial<EngineOptions<Target>>

/** Where nobody can be asked. */
const alone = { tell: (_message: Message) => undefined, confirm: async () => false }

const open = (from: Moment, engine: Engine = {}, tap?: (label: string) => void): Promise<Scene> =>
  openScene(from, { ...swap, engine: { proof, operator: alone, ...engine }, ...(tap ? { tap } : {}) })

/** Images come slowly: pods take minutes to be Ready again, and the drain waits for them. */
const slowly = (here: Scene): Scene => {
  here.twin.addFault({ kind: 'slow-pull', times: -1, seconds: 240 })
  return here
}

const accepting = { acceptDifferences: { reason: 'the registry was slow; it is well again' } }

const comparisons = (steps: readonly StepView[]) =>
  steps.map(({ id, comparison }) => [id.split('/').at(-1), comparison?.differences.length])

describe('a production run held against staging', () => {
  test('goes to its end without a question where each step went as on staging, under other names', async () => {
    const here = await open(production)
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({ state: 'done', exit: 0 })
    expect(comparisons((await here.view(outcome.run)).steps)).toEqual(
      plan.steps.map(({ id }) => [id.split('/').at(-1), 0]),
    )
  })

  test('stops after a drain that took beyond the factor, with nothing paused and blue still there', async () => {
    const here = slowly(await open(production))
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({ state: 'waiting-for-approval', exit: 5, error: { code: 'R080' } })
    expect(outcome.error?.message).toMatch(/drain: expected up to 2m\d\ds \(there \d+s\), found \d+m/)
    const { eks, suspended } = stateOf(here.moment().twin)
    expect(suspended).toEqual([])
    expect(eks.flatMap(({ nodegroups }) => nodegroups.map(({ nodegroupName }) => nodegroupName))).toContain(
      'frontend',
    )
  })

  test('asks again on resume before anything moves, and goes on to the end once it is accepted', async () => {
    const stopped = slowly(await open(production))
    const { run } = await stopped.execute(plan)
    stopped.twin.clearFaults()
    const asked = await open(stopped.moment())
    const calls = asked.twin.calls.filter(({ effect }) => effect !== null).length
    expect(await asked.resume(run)).toMatchObject({ state: 'waiting-for-approval', exit: 5 })
    expect(asked.twin.calls.filter(({ effect }) => effect !== null)).toHaveLength(calls)
    const accepted = await open(asked.moment(), accepting)
    expect(await accepted.resume(run)).toMatchObject({ state: 'done', exit: 0 })
    expect(twice(accepted)).toEqual([])
    expect(lowestReady(accepted)['cart']).toBe(3)
    expect((await accepted.view(run)).steps.find(({ id }) => id.endsWith('/drain'))).toMatchObject({
      comparison: { accepted: { reason: 'the registry was slow; it is well again' } },
    })
  })

  test('asks of the same finding once: a yes at one step holds at later ones, another finding is asked for', async () => {
    const asked: string[] = []
    const differs = (kind: 'finding' | 'duration', object: string) => ({
      kind,
      object,
      expected: 'none',
      found: 'warn',
    })
    const backOff = differs('finding', 'RG-006 warnings BackOff')
    const otherwise: Readonly<Record<string, Proof['compare']>> = {
      baseline: () => [backOff],
      drain: () => [backOff, differs('duration', 'drain')],
      delete: () => [backOff],
    }
    const here = await open(production, {
      proof: {
        name: 'staging',
        compare: (step, planned) => otherwise[step.id.split('/').at(-1) ?? '']?.(step, planned) ?? [],
      },
      operator: { ...alone, confirm: async ({ text }) => asked.push(text) > 0 },
    })
    const { run } = await here.execute(plan)
    expect(asked.map((text) => text.match(/(finding|duration) of [^:]*/g))).toEqual([
      ['finding of RG-006 warnings BackOff'],
      ['duration of drain'],
    ])
    const { steps } = await here.view(run)
    const deleted = steps.find(({ id }) => id.endsWith('/delete'))
    expect(deleted?.comparison?.accepted?.reason).toMatch(/^as at ".*": at the terminal$/)
  })

  test('killed around a comparison and resumed, comes to the same end with each effect and comparison once', async () => {
    const moments: Moment[] = []
    const noted = await open(production, { operator: { ...alone, confirm: async () => true } }, (label) => {
      if (/(compared|accepted|step-done|step-already)$/.test(lastEvent(noted.moment()))) {
        const moment = noted.moment()
        if (label === 'after journal write') moments.push(moment)
      }
    })
    slowly(noted)
    expect(await noted.execute(plan)).toMatchObject({ state: 'done' })
    await noted.time.pass(120)
    const end = stateOf(noted.moment().twin)
    expect(moments.map(lastEvent)).toEqual(
      plan.steps.flatMap(({ id }) => [
        expect.stringMatching(/^step-/),
        'compared',
        ...(id.endsWith('/drain') ? ['accepted'] : []),
      ]),
    )
    // Others are held in the same way: the first, the one that went otherwise, and the last stand for them.
    const sampled = [plan.steps[0]?.id, plan.steps.at(-1)?.id, 'swap/frontend/drain']
    const worthDying = moments.filter((moment) => sampled.includes(journalOf(moment).at(-1)?.step))
    expect(worthDying).toHaveLength(7)
    for (const moment of worthDying) await resumedFrom(moment, end)
  })
})

const resumedFrom = async (moment: Moment, end: ReturnType<typeof stateOf>): Promise<void> => {
  const first = await open(moment)
  const [run] = await first.runs()
  if (!run) throw new Error('there is no run')
  const stopped = await first.resume(run.id)
  const here = stopped.state === 'done' ? first : await open(first.moment(), accepting)
  if (here !== first) await here.resume(run.id)
  await here.time.pass(120)
  const { state, steps } = await here.view(run.id)
  expect(state).toBe('done')
  expect(twice(here)).toEqual([])
  expect(stateOf(here.moment().twin)).toEqual(end)
  expect(comparisons(steps)).toEqual(
    plan.steps.map(({ id }) => [id.split('/').at(-1), id.endsWith('/drain') ? 1 : 0]),
  )
  const events = journalOf(here.moment()).map(({ type, step }) => `${type} ${step}`)
  const held = events.filter((event) => /^(compared|accepted) /.test(event))
  expect(held).toHaveLength(new Set(held).size)
}

const journalOf = ({ memory }: Moment): readonly { readonly type: string; readonly step?: string }[] =>
  [...memory.logs.values()].flatMap(({ text }) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { event: { type: string; step?: string } }).event),
  )

const lastEvent = (moment: Moment): string => journalOf(moment).at(-1)?.type ?? ''
