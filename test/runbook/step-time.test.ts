import { describe, expect, test } from 'vitest'
import { stepTime } from '../../lib/runbook/step-time.ts'
import { createVirtualTime } from '../../lib/twin/virtual-time.ts'

const opened = (seconds: number) => {
  const time = createVirtualTime(0)
  const ended = new AbortController()
  const { begin, standsStillFor } = stepTime(time.clock, ended.signal)
  const late: number[] = []
  begin(seconds, () => late.push(time.clock.now() / 1000))
  return { time, ended, late, work: (long: number) => standsStillFor(() => time.clock.sleep(long)) }
}

describe('the time of a step', () => {
  test('is over after its seconds', async () => {
    const { time, late } = opened(60)
    await time.pass(59)
    expect(late).toEqual([])
    await time.pass(2)
    expect(late).toEqual([60])
  })

  test('stands still while it waits outside, however long that is', async () => {
    const { time, late, work } = opened(60)
    await time.pass(30)
    await time.run(work(3600))
    await time.pass(29)
    expect(late).toEqual([])
    await time.pass(2)
    expect(late).toEqual([3660])
  })

  test('stands still once for what is waited for together', async () => {
    const { time, late, work } = opened(60)
    await time.run(Promise.all([work(100), work(200)]))
    await time.pass(100)
    expect(late).toEqual([260])
  })

  test('goes on when what was waited for failed', async () => {
    const time = createVirtualTime(0)
    const { begin, standsStillFor } = stepTime(time.clock, new AbortController().signal)
    const late: number[] = []
    begin(60, () => late.push(time.clock.now() / 1000))
    const failing = standsStillFor(async () => {
      await time.clock.sleep(100)
      throw new Error('down')
    })
    await expect(time.run(failing)).rejects.toThrow('down')
    await time.pass(100)
    expect(late).toEqual([160])
  })

  test('is never over after the step has ended', async () => {
    const { time, ended, late } = opened(60)
    ended.abort()
    await time.pass(100)
    expect(late).toEqual([])
  })
})
