import { beforeAll, expect, test } from 'vitest'
import { drained, usualDrain, type Drained } from '../bench/drain.ts'

let usual: Drained
beforeAll(async () => {
  usual = await drained(usualDrain)
})

test('a drain moves every pod, within a fifth of the fastest that its budgets allow', () => {
  expect(usual.pods).toBeGreaterThanOrEqual(usualDrain.apps * usualDrain.replicas)
  expect(usual.seconds).toBeGreaterThanOrEqual(usual.boundSeconds)
  expect(usual.seconds / usual.boundSeconds).toBeLessThanOrEqual(1.2)
})

test('a drain asks the API server little: at most 1.3 requests a pod, and nothing that is refused', () => {
  expect(usual.requests / usual.pods).toBeLessThanOrEqual(1.3)
  expect(usual.refused).toBe(0)
})
