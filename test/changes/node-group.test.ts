import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import type { Fault } from '../../lib/twin/faults.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'

const inputs = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 0 }

let settled: Moment
beforeAll(async () => {
  settled = await settledWorld('examples/worlds/small.yaml')
})

const open = (moment: Moment = settled) => openScene(moment, { runbook: swapNodeGroup, cluster: 'small' })
const capacityError: Fault = { kind: 'capacity-error', match: { object: 'web-1-32' }, times: -1 }

describe('A green group that EKS cannot make', () => {
  test('stops the run with its reason, blue untouched', async () => {
    const scene = await open()
    scene.twin.addFault(capacityError)
    const outcome = await scene.execute(await scene.plan(inputs))
    expect(outcome).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R022' } })
    expect(outcome.error?.message).toContain('AsgInstanceLaunchFailures')
    const evictions = scene.twin.calls.filter(({ operation }) => operation === 'CreateEviction')
    expect(evictions).toEqual([])
  })

  test('is deleted and made again on resume', async () => {
    const scene = await open()
    scene.twin.addFault(capacityError)
    const { run } = await scene.execute(await scene.plan(inputs))
    scene.twin.clearFaults()
    expect(await scene.resume(run)).toMatchObject({ state: 'done', exit: 0 })
    const names = await scene.time.run(scene.target.eks.nodeGroupNames('small'))
    expect(names).toEqual(['data', expect.stringMatching(/^web-1-32-[0-9a-f]{4}$/)])
  })
  test('is made again by the next run, when an earlier one left it', async () => {
    const first = await open()
    first.twin.addFault(capacityError)
    await first.execute(await first.plan(inputs))
    first.twin.clearFaults()
    const next = await open(first.moment())
    expect(await next.execute(await next.plan(inputs))).toMatchObject({ state: 'done', exit: 0 })
  })
  test('is made again by a call of its own, when the tool was killed before it heard the answer', async () => {
    let killed: Moment | undefined
    const first = await openScene(settled, {
      runbook: swapNodeGroup,
      cluster: 'small',
      tap: (label) => {
        if (killed || !/^after POST .*node-groups$/.test(label)) return
        killed = first.moment()
        throw new Error('killed')
      },
    })
    const plan = await first.plan(inputs)
    first.twin.addFault(capacityError)
    await first.execute(plan)
    if (!killed) throw new Error('the tool was not killed')
    const next = await open(killed)
    await next.time.pass(3600)
    next.twin.clearFaults()
    const [run] = await next.runs()
    expect(await next.resume(run?.id ?? '')).toMatchObject({ state: 'done', exit: 0 })
    expect(next.twin.calls.filter(({ repeated }) => repeated === true)).toEqual([])
  })
})
