import { beforeAll, describe, expect, test } from 'vitest'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { Fault } from '../../lib/twin/faults.ts'
import { openScene, settledWorld, type Moment } from '../runbooks/scene.ts'

const inputs = { cluster: 'small', to: '1.33', soak: 0 }

let settled: Moment
beforeAll(async () => {
  settled = await settledWorld('examples/worlds/small.yaml')
})

const open = () => openScene(settled, { runbook: upgradeCluster, cluster: 'small' })

describe('An upgrade', () => {
  test('stops with the reason of EKS when the control plane update fails, and goes on with a new one', async () => {
    const scene = await open()
    const failing: Fault = { kind: 'update-fails', match: { operation: 'UpdateClusterVersion' } }
    scene.twin.addFault(failing)
    const stopped = await scene.execute(await scene.plan(inputs))
    expect(stopped).toMatchObject({ state: 'stopped', exit: 4, error: { code: 'R022' } })
    expect(await scene.resume(stopped.run)).toMatchObject({ state: 'done' })
  })

  test('is stopped by a check before the drain when a budget lets nothing go, and leaves no node cordoned', async () => {
    const scene = await open()
    const plan = await scene.plan(inputs)
    scene.twin.addFault({ kind: 'budget-never-allows', match: { object: 'cart' }, times: -1 })
    const stopped = await scene.execute(plan)
    expect(stopped).toMatchObject({ state: 'stopped', exit: 3, error: { code: 'R010' } })
    expect(stopped.error?.message).toContain('shop/cart')
    const nodes = await scene.time.run(scene.target.kube.nodes())
    expect(nodes.filter(({ cordoned }) => cordoned)).toEqual([])
  })

  test.each(['lost-answer', 'throttle', 'server-error-after'] as const)(
    'makes each effect once through a %s of each kind of call',
    async (kind) => {
      const scene = await open()
      const plan = await scene.plan(inputs)
      for (const operation of ['UpdateClusterVersion', 'CreateNodegroup', 'UpdateAddon', 'CreateEviction'])
        scene.twin.addFault({ kind, match: { operation } })
      const outcome = await scene.execute(plan)
      const ended = outcome.state === 'done' ? outcome : await scene.resume(outcome.run)
      expect(ended).toMatchObject({ state: 'done' })
      const effects = scene.twin.calls.filter(({ effect, repeated }) => effect !== null && !repeated)
      const made = (name: string) => effects.filter(({ operation }) => operation === name).length
      expect([made('UpdateClusterVersion'), made('CreateNodegroup'), made('DeleteNodegroup')]).toEqual([
        1, 2, 2,
      ])
    },
  )
})
