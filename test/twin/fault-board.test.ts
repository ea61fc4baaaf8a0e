import { expect, test } from 'vitest'
import { faultState, strikeFrom } from '../../lib/twin/fault-board.ts'

const call = { service: 'eks', operation: 'DescribeCluster', object: '{"name":"photo-prod"}' }

test('a fault strikes once unless told otherwise', () => {
  const strike = strikeFrom(faultState([{ kind: 'throttle' }]))
  expect([strike('throttle', call), strike('throttle', call)].map(Boolean)).toEqual([true, false])
})

test('a fault lets the skipped calls through first', () => {
  const strike = strikeFrom(faultState([{ kind: 'throttle', skip: 2 }]))
  expect([1, 2, 3, 4].map(() => Boolean(strike('throttle', call)))).toEqual([false, false, true, false])
})

test('a fault with times -1 never ends', () => {
  const strike = strikeFrom(faultState([{ kind: 'throttle', times: -1 }]))
  expect([1, 2, 3].every(() => strike('throttle', call))).toBe(true)
})

test.each([{ service: 'ec2' }, { operation: 'ListClusters' }, { object: 'photo-staging' }])(
  'a fault that asks for %j spares other calls',
  (match) => {
    expect(strikeFrom(faultState([{ kind: 'throttle', match }]))('throttle', call)).toBeUndefined()
  },
)

test('a fault of one kind does not answer for another', () => {
  expect(strikeFrom(faultState([{ kind: 'throttle' }]))('lost-answer', call)).toBeUndefined()
})
