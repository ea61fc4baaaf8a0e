import { expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { Moment } from './scene.ts'
import { budget, lowestReady, objects, outsider, scene, small, withManifests } from './small-world.ts'

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

test('a drain takes away a pod that is bound to a node of the group meanwhile', async () => {
  const late = { name: 'bound-late', namespace: 'shop' }
  const { here, outcome, minutes } = await swapped(await small(), (call, nodeName) =>
    call('POST', '/api/v1/namespaces/shop/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: late,
      spec: { nodeName, containers: [{ name: 'c', image: 'registry.example.com/shop/cart:1.0.0' }] },
    }),
  )
  const evicted = here.twin.calls.filter(({ operation }) => operation === 'CreateEviction')
  expect(JSON.stringify(evicted)).toContain(late.name)
  expect(outcome).toMatchObject({ state: 'done' })
  expect(minutes).toBeLessThan(10)
})

const tolerant = (kind: 'Deployment' | 'StatefulSet'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'agent', namespace: 'shop' },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: {
        nodeSelector: { tier: 'web' },
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'agent', image: 'registry.example.com/shop/cart:1.0.0' }],
      },
    },
  },
})

test.each(['Deployment', 'StatefulSet'] as const)(
  'a %s that tolerates every taint is named by the plan, and the drain stops at once when it keeps coming back',
  async (kind) => {
    const { here, plan, outcome, minutes } = await swapped(await small(withManifests(tolerant(kind))))
    const warned = plan.findings.filter(({ code, outcome: is }) => code === 'WL-016' && is === 'warn')
    expect(warned.map(({ object }) => object)).toEqual([`${kind} shop/agent`])
    expect(here.messages.filter(({ text }) => text.startsWith(`WL-016 ${kind} shop/agent`))).not.toEqual([])
    expect(outcome).toMatchObject({ state: 'stopped', exit: 3, error: { code: 'R010' } })
    expect(outcome.error?.message).toMatch(/after 3 rounds \S+ agent\S* has put pod shop\/agent-\S+ on/)
    expect(outcome.error?.hint).toContain('tolerations')
    expect(minutes).toBeLessThan(15)
  },
)
