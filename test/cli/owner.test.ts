import { expect, test } from 'vitest'
import { isGone, processIsAlive, thisProcess } from '../../lib/cli/owner.ts'

/** Above the highest number that Linux gives. */
const free = 2 ** 22 + 1

test('This process is not gone', () => {
  expect(isGone(thisProcess())).toBe(false)
})

test('A process of an earlier boot is gone', () => {
  const tells = thisProcess().machineId !== undefined
  expect(isGone({ ...thisProcess(), bootId: 'another boot' })).toBe(tells)
})

test('A process whose number was given to another is gone', () => {
  expect(isGone({ ...thisProcess(), startTime: '1' })).toBe(process.platform === 'linux')
})

test('A process whose number nobody has is gone', () => {
  expect(isGone({ ...thisProcess(), pid: free })).toBe(process.platform === 'linux')
})

test('Of a process on another machine nothing is known', () => {
  expect(isGone({ ...thisProcess(), host: 'elsewhere.example.com', pid: free })).toBe(false)
})

test.each([
  ['on another machine of this name', { machineId: 'another' }],
  ['on another machine of this name, booted at another time', { machineId: 'another', bootId: 'another' }],
  ['in another container', { pidNamespace: 'pid:[4026532299]' }],
  ['in another container before this boot', { pidNamespace: 'pid:[4026532299]', bootId: 'another' }],
  ['of a system that does not tell its boot', { bootId: '' }],
])('Of a process %s nothing is known', (_, other) => {
  expect(isGone({ ...thisProcess(), pid: free, ...other })).toBe(false)
})

test('Of a process whose record does not tell machine and namespace nothing is known', () => {
  const { host, bootId, pid, startTime } = thisProcess()
  expect(isGone({ host, bootId: 'another boot', pid, startTime })).toBe(false)
  expect(isGone({ host, bootId, pid: free, startTime })).toBe(false)
})

test('A process of another user counts as alive', () => {
  expect(processIsAlive(1)).toBe(true)
})
