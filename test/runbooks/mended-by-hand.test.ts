import { EKS } from '@aws-sdk/client-eks'
import { beforeAll, describe, expect, test } from 'vitest'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { inProcessSettings } from '../../lib/twin/in-process.ts'
import type { Moment } from './scene.ts'
import { scene, small, withAddOn } from './small-world.ts'

let world: Moment
beforeAll(async () => {
  world = await small()
})

const inPlace = { cluster: 'small', to: '1.33', soak: 0, swap: 'in-place' }

describe('a run goes on after somebody made by hand', () => {
  test('the update of a node group that had failed', async () => {
    const first = await scene(world, upgradeCluster)
    const plan = await first.plan(inPlace)
    first.twin.addFault({
      kind: 'update-fails',
      match: { service: 'eks', operation: 'UpdateNodegroupVersion' },
    })
    const { run, error } = await first.execute(plan)
    expect(error).toMatchObject({ code: 'R022' })
    first.twin.clearFaults()
    const next = await scene(first.moment(), upgradeCluster)
    const release = '1.33.5-20260826'
    await next.time.run(
      next.target.eks.updateNodeGroupVersion(
        { cluster: 'small', name: 'data', version: '1.33', release },
        'by-hand',
      ),
    )
    await next.time.pass(7200)
    expect(await next.time.run(next.target.eks.describeNodeGroup('small', 'data'))).toMatchObject({
      release,
      status: 'ACTIVE',
    })
    expect(await next.resume(run)).toMatchObject({ state: 'done', exit: 0 })
    const updated = (await next.view(run)).steps.find(({ id }) => id === 'hop-1.33/in-place/data/update')
    expect(updated).toMatchObject({ state: 'already', failures: ['R022'] })
  })

  test('the update of an add-on that had failed', async () => {
    const old = await small(withAddOn('coredns', { version: 'v1.11.3-eksbuild.2' }))
    const first = await scene(old, upgradeAddOns)
    const plan = await first.plan({ cluster: 'small' })
    first.twin.addFault({ kind: 'update-fails', match: { service: 'eks', operation: 'UpdateAddon' } })
    const { run, error } = await first.execute(plan)
    expect(error).toMatchObject({ code: 'R022' })
    first.twin.clearFaults()
    const next = await scene(first.moment(), upgradeAddOns)
    const to = 'v1.11.4-eksbuild.22'
    await next.time.run(next.target.eks.updateAddOn('small', { name: 'coredns', version: to }, 'by-hand'))
    await next.time.pass(600)
    expect(await next.resume(run)).toMatchObject({ state: 'done', exit: 0 })
    expect((await next.view(run)).steps.find(({ failures }) => failures.length > 0)).toMatchObject({
      state: 'already',
      failures: ['R022'],
    })
  })
})

test('an update of a node group in flight that is not to our version ends first, then ours begins', async () => {
  let foreign: Promise<unknown> | undefined
  const here = await scene(world, upgradeCluster, () => {
    const { code, data } = here.messages.at(-1) ?? {}
    if (foreign || code !== 'M010' || data?.['step'] !== 'hop-1.33/in-place/data/update') return
    const credentials = here.twin.credentials['staging']
    foreign = new EKS({
      region: 'eu-west-1',
      ...(credentials ? { credentials } : {}),
      ...inProcessSettings((request) => here.twin.aws(request)),
    }).updateNodegroupConfig({
      clusterName: 'small',
      nodegroupName: 'data',
      labels: { addOrUpdateLabels: { x: 'y' } },
    })
  })
  expect(await here.execute(await here.plan(inPlace))).toMatchObject({ state: 'done' })
  await expect(foreign).resolves.toMatchObject({ update: { type: 'ConfigUpdate' } })
  const updates = here.twin.calls.filter(({ operation }) => operation.startsWith('UpdateNodegroup'))
  expect(updates.map(({ operation }) => operation)).toEqual([
    'UpdateNodegroupConfig',
    'UpdateNodegroupVersion',
  ])
})

test('An add-on that EKS shows at its version but could not roll out is updated once more on resume', async () => {
  const old = await small(withAddOn('coredns', { version: 'v1.11.3-eksbuild.2' }))
  const first = await scene(old, upgradeAddOns)
  const plan = await first.plan({ cluster: 'small' })
  first.twin.addFault({ kind: 'slow-pull', seconds: 9000, times: -1 })
  const { run, error } = await first.execute(plan)
  expect(error?.code).toMatch(/^R02[12]$/)
  const next = await scene(first.moment(), upgradeAddOns)
  await next.time.pass(7200)
  next.twin.clearFaults()
  await next.time.pass(7200)
  const again = await next.resume(run)
  expect(again).toMatchObject({ state: 'done', exit: 0 })
  expect(next.twin.calls.filter(({ operation }) => operation === 'UpdateAddon')).toHaveLength(2)
})
