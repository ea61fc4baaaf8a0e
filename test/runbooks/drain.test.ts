import { expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import type { Moment } from './scene.ts'
import { budget, lowestReady, objects, outsider, scene, small } from './small-world.ts'

const inputs = { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 0 }

/** Swaps node group web. At the first eviction, `during` lets somebody else do something. */
const swapped = async (
  world: Moment,
  during: (call: Awaited<ReturnType<typeof outsider>>, node: string) => Promise<void> = async () => {},
) => {
  let come: (() => Promise<void>) | undefined
  const here = await scene(world, swapNodeGroup, (label) => {
    if (!/^after .*eviction/.test(label)) return
    void come?.()
    come = undefined
  })
  const call = await outsider(here)
  const node = objects(here, 'nodes').find(
    ({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === 'web',
  )
  come = () => during(call, node?.metadata.name ?? '')
  const plan = await here.plan(inputs)
  const began = here.time.clock.now()
  const outcome = await here.execute(plan)
  return { here, plan, outcome, minutes: (here.time.clock.now() - began) / 60_000 }
}

/** A pod of cart that runs and is not Ready for good. */
const withSickPod = async (): Promise<Moment> => {
  const here = await scene(await small(), swapNodeGroup)
  const call = await outsider(here)
  const sick = objects(here, 'pods').find(({ metadata }) => metadata.labels?.['app'] === 'cart')
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'False' }))
  const path = `/api/v1/namespaces/shop/pods/${sick?.metadata.name ?? ''}/status`
  await call('PATCH', path, { status: { conditions } })
  await here.time.pass(30)
  return here.moment()
}

test('a drain moves a pod that is not Ready first, and its budget is kept with what follows', async () => {
  const { here, outcome, minutes } = await swapped(await withSickPod())
  expect(outcome).toMatchObject({ state: 'done' })
  expect(minutes).toBeLessThan(10)
  expect(lowestReady(here)['cart']).toBe(3)
})

test('a drain stops at once, naming the budgets, when a second one comes over a pod', async () => {
  const second = budget('cart-too', 'cart', { minAvailable: 1 })
  const { outcome, minutes } = await swapped(await small(), (call) =>
    call('POST', '/apis/policy/v1/namespaces/shop/poddisruptionbudgets', second),
  )
  expect(outcome).toMatchObject({ state: 'stopped', error: { code: 'R022' } })
  expect(outcome.error?.message).toMatch(/pod shop\/cart-\S+: the budgets shop\/cart and shop\/cart-too/)
  expect(minutes).toBeLessThan(10)
})
