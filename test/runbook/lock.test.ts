import { describe, expect, test } from 'vitest'
import { RunbookError } from '../../lib/runbook/errors.ts'
import { acquireLock, readLock, type LockOptions } from '../../lib/runbook/lock.ts'
import type { Owner } from '../../lib/runbook/lock-record.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import type { StateStore } from '../../lib/runbook/store.ts'
import { createVirtualTime } from '../../lib/twin/virtual-time.ts'

const place = () => {
  const time = createVirtualTime(Date.parse('2026-11-22T10:00:00Z'))
  const store = memoryStore()
  const gone = new Set<number>()
  const take = (pid: number, run: string, more: Partial<LockOptions> = {}) =>
    acquireLock({
      store,
      name: 'web',
      run,
      owner: ownerOf(pid),
      isGone: (owner) => owner.host === 'here' && gone.has(owner.pid),
      clock: time.clock,
      operator: { tell: () => undefined, confirm: async () => false },
      signal: new AbortController().signal,
      leaseSeconds: 120,
      isOver: async () => false,
      ...more,
    })
  return { time, store, gone, take }
}

/** A lock whose first beat was written, but the answer never came. */
const afterLostBeat = async () => {
  const { time, store, take, gone } = place()
  const losses = [new RunbookError('R024', 'The answer was lost', { hint: 'wait' })]
  const losing: StateStore = {
    ...store,
    replace: async (key, text, version) => {
      const written = await store.replace(key, text, version)
      const loss = losses.pop()
      if (loss) throw loss
      return written
    },
  }
  const clock = { now: time.clock.now, sleep: async () => new Promise<void>(() => undefined) }
  const lock = await time.run(take(1, 'r1', { clock, store: losing }))
  await time.pass(41)
  await expect(time.run(lock.verify())).rejects.toMatchObject({ code: 'R024' })
  expect((await readLock(store, 'web'))?.beat).toBe(1)
  return { time, store, take, gone, lock }
}

const ownerOf = (pid: number, host = 'here'): Owner => ({
  host,
  bootId: `${host}-1`,
  pid,
  startTime: String(pid),
})
const there = { owner: ownerOf(2, 'there') }
const takeOver = { reason: 'ops host is lost' }

describe('the lock', () => {
  test('is refused with R013 while another run holds it, and free once released', async () => {
    const { time, take } = place()
    await time.run(
      (async () => {
        const first = await take(1, 'r1')
        await expect(take(2, 'r2')).rejects.toMatchObject({ code: 'R013' })
        await first.release()
        const second = await take(2, 'r2')
        expect([first.epoch, second.epoch, second.from]).toEqual([1, 2, undefined])
      })(),
    )
  })

  test('goes to exactly one of two that come at the same moment', async () => {
    const { time, take } = place()
    const results = await time.run(Promise.allSettled([take(1, 'r1'), take(2, 'r2')]))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('is retaken by its own run at once when the owner on this host is gone, with a higher epoch', async () => {
    const { time, take, gone } = place()
    await time.run(take(1, 'r1'))
    gone.add(1)
    const before = time.clock.now()
    const again = await time.run(take(2, 'r1'))
    expect([again.epoch, again.from?.owner.pid, time.clock.now() - before]).toEqual([2, 1, 0])
  })

  test('is refused to its own run while the owner on this host lives', async () => {
    const { time, take } = place()
    await time.run(take(1, 'r1'))
    const before = time.clock.now()
    await expect(time.run(take(2, 'r1'))).rejects.toMatchObject({ code: 'R013' })
    expect(time.clock.now()).toBe(before)
  })

  test('is refused to its own run on another host while heartbeats arrive', async () => {
    const { time, take } = place()
    await time.run(take(1, 'r1'))
    await expect(time.run(take(2, 'r1', there))).rejects.toMatchObject({ code: 'R013' })
  })

  test('is retaken by its own run on another host after one whole lease without a heartbeat', async () => {
    const { time, take } = place()
    const dead = new AbortController()
    const clock = { now: time.clock.now, sleep: async () => new Promise<void>(() => undefined) }
    await time.run(take(1, 'r1', { clock, signal: dead.signal }))
    const before = time.clock.now()
    const again = await time.run(take(2, 'r1', there))
    expect([again.epoch, time.clock.now() - before]).toEqual([2, 120_000])
  })

  test.each([
    ['in another container', { pidNamespace: 'pid:[4026532299]' }],
    ['on another machine of the same name', { machineId: 'another' }],
    ['of an unknown boot', { bootId: '' }],
  ])(
    'is retaken from an owner %s after one whole lease, as nobody sees whether it lives',
    async (_, other) => {
      const { time, take } = place()
      const clock = { now: time.clock.now, sleep: async () => new Promise<void>(() => undefined) }
      await time.run(take(1, 'r1', { clock, owner: { ...ownerOf(1), ...other } }))
      const before = time.clock.now()
      const again = await time.run(take(2, 'r1'))
      expect([again.epoch, time.clock.now() - before]).toEqual([2, 120_000])
    },
  )

  test('is no longer waited for when the operator asks to stop', async () => {
    const { time, take } = place()
    await time.run(
      take(1, 'r1', { clock: { now: time.clock.now, sleep: () => new Promise(() => undefined) } }),
    )
    const stop = new AbortController()
    const waiting = take(2, 'r1', { ...there, signal: stop.signal })
    stop.abort()
    await expect(time.run(waiting)).rejects.toMatchObject({ code: 'R020' })
  })

  test('of another run is taken over only when asked for, and only when stale', async () => {
    const { time, take, gone } = place()
    await time.run(take(1, 'r1'))
    await expect(time.run(take(2, 'r2', { takeOver }))).rejects.toMatchObject({ code: 'R013' })
    await expect(time.run(take(2, 'r2', { ...there, takeOver }))).rejects.toMatchObject({ code: 'R013' })
    gone.add(1)
    await expect(time.run(take(2, 'r2'))).rejects.toMatchObject({
      code: 'R013',
      hint: /resume r1.*--take-over/,
    })
    const taken = await time.run(take(2, 'r2', { takeOver }))
    expect([taken.epoch, taken.from?.run]).toEqual([2, 'r1'])
  })

  test('forgotten by a run that is over is free', async () => {
    const { time, take, gone } = place()
    await time.run(take(1, 'r1'))
    gone.add(1)
    const lock = await time.run(take(2, 'r2', { isOver: async (run) => run === 'r1' }))
    expect(lock.epoch).toBe(2)
  })

  test('beats every third of its lease', async () => {
    const { time, take, store } = place()
    await time.run(take(1, 'r1'))
    await time.pass(121)
    expect((await readLock(store, 'web'))?.beat).toBe(3)
  })

  test('that was lost is noticed by the next verify with R023, and release leaves it to its new owner', async () => {
    const { time, take, gone, store } = place()
    const zombie = await time.run(take(1, 'r1'))
    await time.run(zombie.verify())
    gone.add(1)
    await time.run(take(2, 'r2', { takeOver }))
    await expect(time.run(zombie.verify())).rejects.toMatchObject({ code: 'R023' })
    await time.run(zombie.release())
    expect(await readLock(store, 'web')).toMatchObject({ run: 'r2', released: false })
  })

  test('is still held after the answer to a beat was lost', async () => {
    const { time, lock, store } = await afterLostBeat()
    await time.run(lock.verify())
    expect(await readLock(store, 'web')).toMatchObject({ run: 'r1', epoch: 1, beat: 2 })
    await time.run(lock.verify())
  })

  test('is let go after the answer to a beat was lost', async () => {
    const { time, lock, store } = await afterLostBeat()
    await time.run(lock.release())
    expect(await readLock(store, 'web')).toMatchObject({ run: 'r1', released: true })
  })

  test('is lost when its own run took it anew in another process after the answer to a beat was lost', async () => {
    const { time, lock, store, take, gone } = await afterLostBeat()
    gone.add(1)
    await time.run(take(2, 'r1'))
    await expect(time.run(lock.verify())).rejects.toMatchObject({ code: 'R023' })
    expect((await readLock(store, 'web'))?.owner.pid).toBe(2)
  })

  test('is renewed by verify after a third of the lease even when the heart stood still', async () => {
    const { time, take, store } = place()
    const clock = { now: time.clock.now, sleep: async () => new Promise<void>(() => undefined) }
    const lock = await time.run(take(1, 'r1', { clock }))
    await time.run(lock.verify())
    expect((await readLock(store, 'web'))?.beat).toBe(0)
    await time.pass(41)
    await time.run(lock.verify())
    expect((await readLock(store, 'web'))?.beat).toBe(1)
  })
})
