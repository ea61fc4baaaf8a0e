import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { SmokeCheck } from '../../lib/fleet/smoke-check.ts'
import { minutes } from '../../lib/runbook/duration.ts'
import type { Finding } from '../../lib/runbook/finding.ts'
import type { Shell } from '../../lib/shell/shell.ts'
import { openScene, type Moment, type Scene } from './scene.ts'
import { outsider, scene, small, twice, withManifests, clusterAutoscaler } from './small-world.ts'
import { stateOf } from './state.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const swap = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 2 }
const cart = '/apis/apps/v1/namespaces/shop/deployments/cart'
const nowhere = { spec: { template: { spec: { nodeSelector: { disk: 'none' } } } } }
const anywhere = { spec: { template: { spec: { nodeSelector: null } } } }

type Call = Awaited<ReturnType<typeof outsider>>

/** A swap during which somebody does something, once, right after a step began. */
const meanwhile = async (step: RegExp, act: (call: Call, here: Scene) => Promise<unknown>) => {
  let began: (() => Promise<unknown>) | undefined
  const here = await openScene(world, {
    runbook: swapNodeGroup,
    cluster: 'small',
    tap: (label) => {
      const now = here.messages.at(-1)
      if (label !== 'before journal write' || now?.code !== 'M010') return
      if (typeof now.data?.['step'] !== 'string' || !step.test(now.data['step'])) return
      void began?.()
      began = undefined
    },
  })
  const plan = await here.plan(swap)
  const call = await outsider(here)
  began = () => act(call, here)
  return { here, call, plan }
}

interface JournalEvent {
  readonly type: string
  readonly step?: string
  readonly at: string
  readonly key?: string
  readonly value?: unknown
  readonly findings?: readonly Finding[]
}

const journalOf = (here: Scene): readonly JournalEvent[] =>
  [...here.moment().memory.logs.values()].flatMap(({ text }) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly at: string; readonly event: JournalEvent })
      .map(({ at, event }) => ({ ...event, at })),
  )

/** Findings of a step that are no pass, in short. */
const findingsOf = (here: Scene, step: RegExp): readonly string[] =>
  journalOf(here)
    .filter(({ type, step: id = '' }) => type === 'checked' && step.test(id))
    .flatMap(({ findings = [] }) => findings)
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ code, outcome, object, found }) => `${code} ${outcome} ${object}: ${found}`)

const groupsOf = (here: Scene) =>
  stateOf(here.moment().twin).eks[0]?.nodegroups.map(({ nodegroupName }) => nodegroupName)

describe('every runbook', () => {
  test.each([
    ['upgrade-cluster', upgradeCluster, { cluster: 'small', to: '1.33' }],
    ['swap-node-group', swapNodeGroup, swap],
  ])('%s begins with a baseline and ends held against it', async (_name, runbook, inputs) => {
    const { steps } = await (await scene(world, runbook)).plan(inputs)
    expect(steps[0]).toMatchObject({ id: 'baseline', undo: 'nothing', after: ['SM-001', 'SM-002', 'SM-003'] })
    expect(steps.at(-1)).toMatchObject({ id: 'after', undo: 'nothing' })
    const soaks = steps.filter(({ id }) => /(soak|bake)$/.test(id))
    expect(soaks.length).toBeGreaterThan(0)
    for (const { after } of soaks) expect(after).toContain('RG-001')
  })

  test('with nothing to do has no steps, and so no baseline', async () => {
    const { steps } = await (await scene(world, upgradeAddOns)).plan({ cluster: 'small' })
    expect(steps).toEqual([])
  })
})

describe('a workload that got worse during the soak', () => {
  test('stops the run by name with both values, before blue is deleted; mended, the run goes on', async () => {
    const { here, call, plan } = await meanwhile(/soak$/, (call) => call('PATCH', cart, nowhere))
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({
      state: 'stopped',
      exit: 3,
      error: {
        code: 'R010',
        message: expect.stringContaining(
          'Deployment shop/cart: expected 4 ready, as at the baseline, found 3 ready of 4 wanted',
        ),
      },
    })
    expect(groupsOf(here)).toContain('web')
    expect(stateOf(here.moment().twin).suspended).toEqual([])
    await call('PATCH', cart, anywhere)
    await here.time.pass(120)
    expect(await here.resume(outcome.run)).toMatchObject({ state: 'done', exit: 0 })
    expect(groupsOf(here)).not.toContain('web')
    expect(twice(here)).toEqual([])
  })

  test('and settles within a minute stops nothing', async () => {
    const { here, plan } = await meanwhile(/soak$/, async (call, { time }) => {
      await time.clock.sleep(110)
      await call('PATCH', cart, nowhere)
      await time.clock.sleep(30)
      await call('PATCH', cart, anywhere)
    })
    expect(await here.execute(plan)).toMatchObject({ state: 'done', exit: 0 })
    expect(findingsOf(here, /soak$/).filter((each) => each.includes('block'))).toEqual([])
    const events = journalOf(here).filter(({ step = '' }) => step.endsWith('soak'))
    const until = events.find(({ key }) => key === 'until')?.value
    const checked = Date.parse(events.find(({ type }) => type === 'checked')?.at ?? '')
    expect(checked - Number(until)).toBeGreaterThan(20_000)
  })

  test('because its owner scaled it down is nothing to warn of', async () => {
    const { here, plan } = await meanwhile(/soak$/, (call) => call('PATCH', cart, { spec: { replicas: 2 } }))
    expect(await here.execute(plan)).toMatchObject({ state: 'done', exit: 0 })
    expect(findingsOf(here, /soak$|^after$/)).toEqual([])
  })
})

test('cluster-autoscaler, which the run itself stands still during the soak, is nothing to warn of', async () => {
  const here = await scene(await small(withManifests(clusterAutoscaler)), swapNodeGroup)
  expect(await here.execute(await here.plan(swap))).toMatchObject({ state: 'done' })
  expect(findingsOf(here, /soak$|^after$/)).toEqual([])
})

describe('at the end', () => {
  test('what is still settling is waited for, by name', async () => {
    const { here, plan } = await meanwhile(/delete$/, async (call, { time }) => {
      await call('PATCH', cart, nowhere)
      await time.clock.sleep(600)
      await call('PATCH', cart, anywhere)
    })
    expect(await here.execute(plan)).toMatchObject({ state: 'done', exit: 0 })
    const waits = here.messages.filter(({ code, data }) => code === 'M012' && data?.['step'] === 'after')
    expect(waits[0]?.text).toContain(
      'Deployment shop/cart: expected 4 ready, as at the baseline, found 3 ready',
    )
    expect(findingsOf(here, /^after$/).filter((each) => !each.startsWith('RG-006'))).toEqual([])
  })

  test('what does not settle stops the run by name with both values; mended, the run is done', async () => {
    const { here, call, plan } = await meanwhile(/delete$/, (call) => call('PATCH', cart, nowhere))
    const outcome = await here.execute(plan)
    expect(outcome).toMatchObject({
      exit: 4,
      error: {
        code: 'R021',
        message: expect.stringMatching(
          /Hold small against its baseline.*RG-001 Deployment shop\/cart: expected 4 ready/,
        ),
        hint: expect.stringContaining('--accept CODE --reason'),
      },
    })
    await call('PATCH', cart, anywhere)
    await here.time.pass(120)
    expect(await here.resume(outcome.run)).toMatchObject({ state: 'done', exit: 0 })
  })
})

describe('the baseline', () => {
  test('is read once, however often the run goes on', async () => {
    const stop = new AbortController()
    const first = await openScene(world, {
      runbook: swapNodeGroup,
      cluster: 'small',
      tap: (label) => void (/^after .*\/eviction/.test(label) && stop.abort()),
      signal: stop.signal,
    })
    const { run } = await first.execute(await first.plan(swap))
    const next = await scene(first.moment(), swapNodeGroup)
    expect(await next.resume(run)).toMatchObject({ state: 'done' })
    const readings = journalOf(next).filter(({ type, key }) => type === 'note' && key === 'reading')
    expect(readings.map(({ step }) => step)).toEqual(['baseline', 'after'])
  })

  test('of a cluster that ails already asks for no more than it had', async () => {
    const here = await scene(world, swapNodeGroup)
    await (
      await outsider(here)
    )('PATCH', cart, nowhere)
    await here.time.pass(60)
    const swapping = await scene(here.moment(), swapNodeGroup)
    const inputs = { ...swap, nodeGroup: 'data' }
    expect(await swapping.execute(await swapping.plan(inputs))).toMatchObject({ state: 'done', exit: 0 })
  })
})

describe('an undo', () => {
  const stoppedInDrain = async () => {
    const stop = new AbortController()
    const first = await openScene(world, {
      runbook: swapNodeGroup,
      cluster: 'small',
      tap: (label) => void (/^after .*\/eviction/.test(label) && stop.abort()),
      signal: stop.signal,
    })
    const { run } = await first.execute(await first.plan(swap))
    return { run, here: await scene(first.moment(), swapNodeGroup) }
  }
  const told = ({ messages }: Scene) =>
    messages
      .filter(({ code, text }) => code === 'M015' && text.startsWith('After the undo'))
      .map(({ text }) => text)

  test('ends with a reading that tells nothing where all is as at the baseline, and stands in the journal', async () => {
    const { run, here } = await stoppedInDrain()
    expect(await here.undo(run)).toMatchObject({ state: 'undone', exit: 0 })
    expect(told(here).filter((text) => !text.includes('RG-006'))).toEqual([])
    const last = journalOf(here).findLast(({ type, step }) => type === 'checked' && step === 'baseline')
    expect(last?.findings?.map(({ code }) => code)).toContain('RG-001')
  })

  test('tells what is worse than at the baseline, and is undone all the same', async () => {
    const { run, here } = await stoppedInDrain()
    await (
      await outsider(here)
    )('PATCH', cart, nowhere)
    expect(await here.undo(run)).toMatchObject({ state: 'undone', exit: 0 })
    expect(told(here)).toContainEqual(
      'After the undo: RG-001 Deployment shop/cart: expected 4 ready, as at the baseline, found 3 ready of 4 wanted',
    )
    expect(findingsOf(here, /^baseline$/)).toContain('RG-001 warn Deployment shop/cart: 3 ready of 4 wanted')
  })

  test('that cannot look says so, and is undone all the same', async () => {
    const { run, here } = await stoppedInDrain()
    const services = () => Promise.reject(new Error('the services are not to be had'))
    Object.assign(here.target.kube, { services })
    expect(await here.undo(run)).toMatchObject({ state: 'undone', exit: 0 })
    expect(findingsOf(here, /^baseline$/)).toContainEqual(
      expect.stringMatching(/^RG-001 unknown the cluster: .*the services are not to be had/),
    )
  })
})

describe('checks of the team', () => {
  const front: SmokeCheck = {
    name: 'front',
    http: 'https://shop.example.com/health',
    status: 200,
    timeoutSeconds: 10,
    retries: 1,
  }
  const order: SmokeCheck = {
    name: 'order',
    command: ['./order.sh', '--as', 'a b; $(id)'],
    timeoutSeconds: 10,
    retries: 0,
  }
  const ready: SmokeCheck = {
    name: 'cart-there',
    condition: 'Available',
    of: 'deployments.apps/shop/cart',
    timeoutSeconds: 10,
    retries: 0,
  }

  /** An address that answers with these, the last of them for ever, and programs that end well. */
  const shellThat = (...answers: readonly number[]) => {
    const left = [...answers]
    const commands: (readonly string[])[] = []
    const shell: Shell = {
      httpStatus: async () => ({ status: (left.length > 1 ? left.shift() : left[0]) ?? 0 }),
      runCommand: async (command) => {
        commands.push(command)
        return { exit: 0, said: 'fine' }
      },
    }
    return { shell, commands }
  }

  const runWith = async (checks: readonly SmokeCheck[], shell: Shell | 'not-made') => {
    const here = await scene(world, swapNodeGroup)
    Object.assign(here.target, { smoke: { checks, shell } })
    return { here, outcome: await here.execute(await here.plan(swap)) }
  }

  test('that pass before, at the soak and at the end let the run through', async () => {
    const { shell, commands } = shellThat(200)
    const { here, outcome } = await runWith([front, order, ready], shell)
    expect(outcome).toMatchObject({ state: 'done' })
    expect(findingsOf(here, /./).filter((each) => each.startsWith('SM-'))).toEqual([])
    expect(commands).toEqual([order.command, order.command, order.command])
  })

  test('may take longer than the step that makes them: its own time stands still, and they are named', async () => {
    const here = await scene(world, swapNodeGroup)
    const shell: Shell = {
      ...shellThat(200).shell,
      runCommand: async () => {
        await here.time.clock.sleep(minutes(40))
        return { exit: 0, said: '' }
      },
    }
    Object.assign(here.target, { smoke: { checks: [front, order], shell } })
    expect(await here.execute(await here.plan(swap))).toMatchObject({ state: 'done' })
    const progress = here.messages.filter(({ code }) => code === 'M012').map(({ text }) => text)
    expect(progress).toContainEqual(expect.stringMatching(/^smoke checks front, order /))
  })

  test('that are not there are not said to pass', async () => {
    const { here } = await runWith([ready], 'not-made')
    const codes = journalOf(here).flatMap(({ findings = [] }) => findings.map(({ code }) => code))
    expect([...new Set(codes)].filter((code) => code.startsWith('SM-'))).toEqual(['SM-002'])
  })

  test('that fail at the soak after passing before stop the run and name both', async () => {
    const { outcome } = await runWith([front], shellThat(200, 503).shell)
    expect(outcome).toMatchObject({
      exit: 3,
      error: {
        code: 'R010',
        message: expect.stringContaining(
          'smoke check front: expected HTTP 200, as at the baseline, found HTTP 503',
        ),
      },
    })
  })

  test('stop no more where somebody accepts just them, which the journal tells with who and why', async () => {
    const { shell } = shellThat(200, 503)
    const { here, outcome } = await runWith([front], shell)
    const { run, error } = outcome
    const typed = `eks-runbook resume ${run} --accept "SM-001 smoke check front" --reason "why it is well"`
    expect(error?.hint).toContain(typed)
    const resumedWith = async (finding: string) => {
      const value = [{ finding, by: 'alice', reason: 'its address has moved' }]
      const engine = { remark: { step: 'baseline', key: 'accepted', value } }
      const next = await openScene(here.moment(), { runbook: swapNodeGroup, cluster: 'small', engine })
      Object.assign(next.target, { smoke: { checks: [front], shell } })
      return { next, outcome: await next.resume(run) }
    }
    expect((await resumedWith('SM-001 smoke check back')).outcome).toMatchObject({ exit: 3 })
    const { next, outcome: ended } = await resumedWith('SM-001 smoke check front')
    expect(ended).toMatchObject({ state: 'done', exit: 0 })
    const told = 'SM-001 warn smoke check front: HTTP 503 (accepted by alice: its address has moved)'
    expect(findingsOf(next, /^after$/)).toContain(told)
  })

  test('that fail once and pass when tried again stop nothing', async () => {
    const { here, outcome } = await runWith([front], shellThat(503, 200, 503, 200, 503, 200).shell)
    expect(outcome).toMatchObject({ state: 'done' })
    expect(findingsOf(here, /./).filter((each) => each.startsWith('SM-'))).toEqual([])
  })

  test('that failed before already are told, and stop nothing later', async () => {
    const { here, outcome } = await runWith([front], shellThat(503).shell)
    expect(outcome).toMatchObject({ state: 'done' })
    const told = 'SM-001 warn smoke check front: HTTP 503'
    expect(findingsOf(here, /./).filter((each) => each.startsWith('SM-'))).toEqual([told, told, told])
  })

  test('reach nothing outside in a rehearsal, which is said; conditions are looked at', async () => {
    const gone: SmokeCheck = { ...ready, name: 'gone', of: 'deployments.apps/shop/gone' }
    const { here, outcome } = await runWith([front, order, ready, gone], 'not-made')
    expect(outcome).toMatchObject({ state: 'done' })
    expect(findingsOf(here, /^baseline$/)).toEqual([
      'SM-001 warn smoke check front: not made in a rehearsal',
      'SM-002 warn smoke check gone: no deployments.apps/shop/gone',
      'SM-003 warn smoke check order: not made in a rehearsal',
    ])
  })
})
