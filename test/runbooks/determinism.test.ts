import { expect, test } from 'vitest'
import { cases } from './cases.ts'
import { openScene, settledWorld } from './scene.ts'

const traceOf = async (seedShift: number) => {
  const one = cases['swap-node-group']
  if (!one) throw new Error('there is no such case')
  const beginning = await settledWorld(one.world, (world) => ({ ...world, seed: world.seed + seedShift }))
  const scene = await openScene(beginning, one)
  await scene.execute(await scene.plan(one.inputs))
  return scene.twin.traceHash()
}

test('the same seed and the same calls give the same trace', async () => {
  expect(await traceOf(0)).toBe(await traceOf(0))
})

test('another seed gives another trace', async () => {
  expect(await traceOf(1)).not.toBe(await traceOf(0))
})
