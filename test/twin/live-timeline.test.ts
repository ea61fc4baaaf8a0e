import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLiveTimeline, virtualMs, wallMs } from '../../lib/twin/live-timeline.ts'

const start = Date.parse('2026-09-23T07:00:00Z')

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const live = (speed: number) => {
  const seen: string[] = []
  const errors: unknown[] = []
  const time = createLiveTimeline({ start, speed, onError: (error) => void errors.push(error) })
  time.handle({
    mark: ({ name }) =>
      void seen.push(`${typeof name === 'string' ? name : ''}@${(time.timeline.now() - start) / 1000}`),
    fail: () => {
      throw new Error('broken')
    },
  })
  const mark = (seconds: number, name: string) =>
    time.timeline.after(seconds, { kind: 'mark', data: { name } })
  return { time, seen, errors, mark }
}

test('Virtual time runs speed times as fast as the wall clock', async () => {
  const { time } = live(240)
  await vi.advanceTimersByTimeAsync(2_500)
  expect(time.timeline.now() - start).toBe(600_000)
})

test('A task runs at its virtual time and not before', async () => {
  const { seen, mark } = live(60)
  mark(120, 'two minutes')
  await vi.advanceTimersByTimeAsync(1_999)
  expect(seen).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(seen).toEqual(['two minutes@120'])
})

test('Tasks run in order of time, then of planning, each at its own time although the process is late', async () => {
  const { seen, mark } = live(1000)
  mark(30, 'late')
  mark(10, 'first')
  mark(10, 'second')
  vi.setSystemTime(Date.now() + 60_000)
  await vi.advanceTimersByTimeAsync(30)
  expect(seen).toEqual(['first@10', 'second@10', 'late@30'])
})

test('A task that plans another keeps the time going', async () => {
  const { time, seen, mark } = live(60)
  time.handle({ again: () => mark(60, 'then') })
  time.timeline.after(60, { kind: 'again', data: {} })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(seen).toEqual(['then@120'])
})

test('A task that throws is told and does not stop the time', async () => {
  const { time, seen, errors, mark } = live(60)
  time.timeline.after(1, { kind: 'fail', data: {} })
  time.timeline.after(1, { kind: 'nobody', data: {} })
  mark(2, 'after')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(errors.map(String)).toEqual(['Error: broken', 'Error: Nobody handles the task nobody'])
  expect(seen).toEqual(['after@2'])
})

test('A stopped timeline runs nothing more', async () => {
  const { time, seen, mark } = live(60)
  mark(60, 'never')
  time.stop()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(seen).toEqual([])
})

test('A snapshot goes on: what it had planned runs at its time', async () => {
  const seen: number[] = []
  const tasks = [{ at: start + 60_000, order: 1, task: { kind: 'mark', data: {} } }]
  const time = createLiveTimeline({
    start: { now: start, order: 1, tasks },
    speed: 60,
    onError: () => undefined,
  })
  time.handle({ mark: () => void seen.push(time.timeline.now() - start) })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(seen).toEqual([60_000])
})

test('The mapping and its inverse agree', () => {
  const mapping = { wallOriginMs: 1_000, virtualOriginMs: 5_000, speed: 240 }
  for (const wall of [1_000, 1_001, 86_400_000]) expect(wallMs(mapping, virtualMs(mapping, wall))).toBe(wall)
})
