import { expect, test } from 'vitest'
import { isGone, processIsAlive, thisProcess } from '../../lib/cli/owner.ts'

test('This process is not gone', () => {
  expect(isGone(thisProcess())).toBe(false)
})

test('A process of an earlier boot is gone', () => {
  expect(isGone({ ...thisProcess(), bootId: 'another boot' })).toBe(true)
})

test('A process whose number was given to another is gone', () => {
  expect(isGone({ ...thisProcess(), startTime: '1' })).toBe(process.platform === 'linux')
})

test('A process whose number nobody has is gone', () => {
  expect(isGone({ ...thisProcess(), pid: 2 ** 22 + 1 })).toBe(true)
})

test('Of a process on another machine nothing is known', () => {
  expect(isGone({ ...thisProcess(), host: 'elsewhere.example.com', pid: 2 ** 22 + 1 })).toBe(false)
})

test('A process of another user counts as alive', () => {
  expect(processIsAlive(1)).toBe(true)
})
