import { expect, test } from 'vitest'
import { largerOf, quantity, resourcesFrom, sumOf } from '../../lib/kube/quantity.ts'

test.each([
  ['100m', 0.1],
  ['2', 2],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['64Mi', 64 * 2 ** 20],
  ['7Gi', 7 * 2 ** 30],
  ['1e3', 1000],
  ['1E', 1e18],
  ['129M', 129e6],
  ['500u', 0.0005],
  ['0', 0],
])('%s is %d', (text, value) => {
  expect(quantity(text)).toBeCloseTo(value, 9)
})

test.each([undefined, '', 'x', '1x', '1Mb', 'NaN'])('%s is no quantity and counts as 0', (text) => {
  expect(quantity(text)).toBe(0)
})

test('resources are added and compared member by member', () => {
  const a = resourcesFrom({ cpu: '250m', memory: '1Gi' })
  const b = resourcesFrom({ cpu: '1', memory: '512Mi' })
  expect(sumOf(a, b)).toEqual({ cpu: 1.25, memory: 1.5 * 2 ** 30 })
  expect(largerOf(a, b)).toEqual({ cpu: 1, memory: 2 ** 30 })
  expect(resourcesFrom(undefined)).toEqual({ cpu: 0, memory: 0 })
})
