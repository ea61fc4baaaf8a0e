import { expect, test } from 'vitest'
import type { StateStore } from '../../lib/runbook/store.ts'

/** What every store promises. `open` gives two views of the same, empty place, as two processes have them. */
export const storeSuite = (open: () => Promise<readonly [StateStore, StateStore]>): void => {
  test('creates a record once and reads it from anywhere', async () => {
    const [one, two] = await open()
    expect(await one.read('locks/web')).toBeUndefined()
    const version = await one.create('locks/web', 'a')
    expect(version).toBeDefined()
    expect(await two.create('locks/web', 'b')).toBeUndefined()
    expect(await two.read('locks/web')).toEqual({ text: 'a', version })
  })

  test('replaces a record only by its version', async () => {
    const [one, two] = await open()
    const first = (await one.create('locks/web', 'a')) ?? ''
    const second = (await two.replace('locks/web', 'b', first)) ?? ''
    expect(second).not.toBe(first)
    expect(await one.replace('locks/web', 'c', first)).toBeUndefined()
    expect(await one.read('locks/web')).toEqual({ text: 'b', version: second })
  })

  test('does not replace what is not there', async () => {
    const [one] = await open()
    expect(await one.replace('locks/web', 'a', 'v0000000001')).toBeUndefined()
    expect(await one.read('locks/web')).toBeUndefined()
  })

  test('lets one of many win who replace at the same time', async () => {
    const [one, two] = await open()
    const version = (await one.create('locks/web', 'a')) ?? ''
    const attempts = Array.from({ length: 10 }, (_, at) =>
      (at % 2 ? one : two).replace('locks/web', `b${at}`, version),
    )
    const winners = (await Promise.all(attempts)).filter((written) => written !== undefined)
    expect(winners).toHaveLength(1)
  })

  test('removes a record only by its version, and it can be created again', async () => {
    const [one, two] = await open()
    const version = (await one.create('locks/web', 'a')) ?? ''
    expect(await two.remove('locks/web', 'other')).toBe(false)
    expect(await two.remove('locks/web', version)).toBe(true)
    expect(await one.read('locks/web')).toBeUndefined()
    expect(await one.list('locks')).toEqual([])
    const again = await one.create('locks/web', 'b')
    expect(again).not.toBe(version)
    expect(await two.read('locks/web')).toEqual({ text: 'b', version: again })
  })

  test('lists names of records and of folders, sorted', async () => {
    const [one] = await open()
    await one.create('locks/web', 'a')
    await one.create('locks/api', 'a')
    await one.log('runs/r2/journal.jsonl').create(['x'])
    await one.log('runs/r1/journal.jsonl').create(['x'])
    expect(await one.list('locks')).toEqual(['api', 'web'])
    expect(await one.list('runs')).toEqual(['r1', 'r2'])
    expect(await one.list('nothing')).toEqual([])
  })

  test('a log gives back its lines in order', async () => {
    const [one, two] = await open()
    expect(await two.log('runs/r/j').read()).toBeUndefined()
    const writer = await one.log('runs/r/j').create(['a'])
    expect(await writer?.append(['b', 'c'])).toBe(true)
    expect(await writer?.append(['d ü'])).toBe(true)
    writer?.close()
    expect(await two.log('runs/r/j').read()).toBe('a\nb\nc\nd ü\n')
  })

  test('a log is created once', async () => {
    const [one, two] = await open()
    const writer = await one.log('runs/r/j').create(['a'])
    expect(await two.log('runs/r/j').create(['b'])).toBeUndefined()
    expect(await two.log('runs/r/j').read()).toBe('a\n')
    writer?.close()
  })

  test('a log goes on after what was kept, and the earlier writer is shut out', async () => {
    const [one, two] = await open()
    const early = await one.log('runs/r/j').create(['a', 'b'])
    const late = await two.log('runs/r/j').open('a\nb\n')
    expect(await late?.append(['c'])).toBe(true)
    expect(await early?.append(['x'])).toBe(false)
    expect(await late?.append(['d'])).toBe(true)
    expect(await one.log('runs/r/j').read()).toBe('a\nb\nc\nd\n')
    for (const writer of [early, late]) writer?.close()
  })

  test('a log that grew meanwhile is not opened', async () => {
    const [one, two] = await open()
    const writer = await one.log('runs/r/j').create(['a'])
    await writer?.append(['b'])
    expect(await two.log('runs/r/j').open('a\n')).toBeUndefined()
    expect(await writer?.append(['c'])).toBe(true)
    writer?.close()
  })

  test('a log that is not there is not opened', async () => {
    const [one] = await open()
    expect(await one.log('runs/r/j').open('')).toBeUndefined()
  })
}
