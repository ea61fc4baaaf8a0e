import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../lib/runbook/random.ts'
import type { Task } from '../../lib/twin/timeline.ts'
import { variedTimeline } from '../../lib/twin/variation.ts'
import { openScene, settledWorld } from '../runbooks/scene.ts'
import { cases } from '../runbooks/cases.ts'

const delaysOf = (variation: number, kind: string, seconds: number, random = seededRandom(1)) => {
  const delays: number[] = []
  const inner = { now: () => 0, after: (delay: number, _task: Task) => void delays.push(delay) }
  const timeline = variedTimeline(inner, { variation, random })
  for (let times = 0; times < 500; times += 1) timeline.after(seconds, { kind, data: {} })
  return delays
}

describe('A delay', () => {
  test('of work varies evenly around its usual length, to both sides and no further', () => {
    const delays = delaysOf(0.15, 'eks.finishUpdate', 600)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(510)
    expect(Math.max(...delays)).toBeLessThanOrEqual(690)
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(160)
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length
    expect(Math.abs(mean - 600)).toBeLessThan(15)
  })

  test('is never negative', () => {
    expect(Math.min(...delaysOf(1, 'eks.finishUpdate', 1))).toBeGreaterThanOrEqual(0)
  })

  test('of nothing stays nothing', () => {
    expect(new Set(delaysOf(0.15, 'eks.finishUpdate', 0))).toEqual(new Set([0]))
  })

  test.each(['k8s.recheck', 'k8s.taintEviction', 'k8s.watchEnds'])(
    'that a rule sets, %s, is exact',
    (kind) => {
      expect(new Set(delaysOf(0.15, kind, 100))).toEqual(new Set([100]))
    },
  )

  test('without variation is as usual, and chance is not asked', () => {
    const never = () => {
      throw new Error('chance was asked')
    }
    expect(new Set(delaysOf(0, 'eks.finishUpdate', 600, never))).toEqual(new Set([600]))
  })
})

describe('A run on a twin whose delays vary', () => {
  const play = async (variation: number, seed: number) => {
    const one = cases['upgrade-add-ons']
    if (!one) throw new Error('there is no such case')
    const beginning = await settledWorld(one.world, (world) => ({
      ...(one.change?.(world) ?? world),
      // Long enough to be seen by who looks every few seconds.
      durations: { ...world.durations, updateAddon: 600 },
      variation,
      seed,
    }))
    const scene = await openScene(beginning, one)
    const start = scene.time.clock.now()
    const { state } = await scene.execute(await scene.plan(one.inputs))
    return { state, trace: scene.twin.traceHash(), seconds: (scene.time.clock.now() - start) / 1000 }
  }

  test('repeats itself to the last call for the same seed, and takes another time for another one', async () => {
    const [first, again, other] = [await play(0.15, 7), await play(0.15, 7), await play(0.15, 8)]
    expect(first).toEqual(again)
    expect(other.seconds).not.toBe(first.seconds)
    expect([first.state, other.state]).toEqual(['done', 'done'])
  })

  test('takes the usual time without variation, whatever the seed', async () => {
    expect((await play(0, 7)).seconds).toBe((await play(0, 8)).seconds)
  })
})
