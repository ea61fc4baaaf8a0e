import fc from 'fast-check'
import { expect, test } from 'vitest'
import { greenName } from '../../lib/changes/green-name.ts'

const image = { version: '1.33', release: '1.33.5-20260826', amiType: 'AL2023_x86_64_STANDARD' }

test('a green group is named after blue and its minor', () => {
  expect(greenName('web', image)).toMatch(/^web-1-33-[0-9a-f]{4}$/)
})

test('the ending of an earlier swap is replaced, an ending of the operator’s own is kept', () => {
  expect(greenName('web-1-32-7b0d', image)).toMatch(/^web-1-33-[0-9a-f]{4}$/)
  expect(greenName('web-1-32', image)).toMatch(/^web-1-32-1-33-[0-9a-f]{4}$/)
})

test('whatever blue is called, the name is one that EKS takes, the same each time, and not blue’s', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/), (blue) => {
      const green = greenName(blue, image)
      expect(green).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/)
      expect(green).toBe(greenName(blue, image))
      expect(green).not.toBe(blue)
    }),
  )
})

test('another release gives another name', () => {
  expect(greenName('web', { ...image, release: '1.33.6-20261001' })).not.toBe(greenName('web', image))
})
