import { expect, test } from 'vitest'
import { createVirtualTime } from '../../lib/twin/virtual-time.ts'

test('an hour of sleep passes without waiting', async () => {
  const time = createVirtualTime(0)
  await time.run(time.clock.sleep(3600))
  expect(time.clock.now()).toBe(3_600_000)
})

test('tasks run in the order of their time, then of their planning', async () => {
  const time = createVirtualTime(0)
  const seen: unknown[] = []
  time.handle({ note: (data) => void seen.push(data['name']) })
  time.timeline.after(2, { kind: 'note', data: { name: 'late' } })
  time.timeline.after(1, { kind: 'note', data: { name: 'first' } })
  time.timeline.after(1, { kind: 'note', data: { name: 'second' } })
  await time.pass(3)
  expect(seen).toEqual(['first', 'second', 'late'])
})

test('a task due at the moment a sleeper wakes runs before it', async () => {
  const time = createVirtualTime(0)
  const seen: string[] = []
  time.handle({ note: () => void seen.push('task') })
  time.timeline.after(1, { kind: 'note', data: {} })
  await time.run(time.clock.sleep(1).then(() => seen.push('sleeper')))
  expect(seen).toEqual(['task', 'sleeper'])
})

test('work that waits for nothing is reported instead of hanging', async () => {
  const time = createVirtualTime(0)
  await expect(time.run(new Promise(() => {}))).rejects.toThrow('never happen')
})

test('an aborted sleep rejects with the reason of its signal', async () => {
  const time = createVirtualTime(0)
  const stop = new AbortController()
  const slept = time.clock.sleep(10, stop.signal)
  stop.abort(new Error('enough'))
  await expect(time.run(slept)).rejects.toThrow('enough')
})
