import { describe, expect, test } from 'vitest'
import { labelSelectorFrom, selects } from '../../lib/kube/label-selector.ts'

const labels = { app: 'web', tier: 'front' }
const expression = (operator: string, key: string, values?: string[]) =>
  labelSelectorFrom({ matchExpressions: [{ key, operator, ...(values && { values }) }] })

describe('a selector', () => {
  test('that is missing selects nothing, an empty one everything', () => {
    expect(selects(labelSelectorFrom(undefined), labels)).toBe(false)
    expect(selects(labelSelectorFrom({}), labels)).toBe(true)
    expect(selects(labelSelectorFrom({}), {})).toBe(true)
  })

  test('wants all of its labels', () => {
    expect(selects(labelSelectorFrom({ matchLabels: { app: 'web' } }), labels)).toBe(true)
    expect(selects(labelSelectorFrom({ matchLabels: { app: 'web', tier: 'back' } }), labels)).toBe(false)
  })

  test.each([
    ['In', 'app', ['web', 'api'], true],
    ['In', 'app', ['api'], false],
    ['In', 'zone', ['a'], false],
    ['NotIn', 'app', ['api'], true],
    ['NotIn', 'app', ['web'], false],
    ['NotIn', 'zone', ['a'], true],
    ['Exists', 'app', undefined, true],
    ['Exists', 'zone', undefined, false],
    ['DoesNotExist', 'zone', undefined, true],
    ['DoesNotExist', 'app', undefined, false],
    ['Unheard', 'app', ['web'], false],
  ])('with %s %s %s is %s', (operator, key, values, expected) => {
    expect(selects(expression(operator, key, values), labels)).toBe(expected)
  })

  test('wants labels and expressions together', () => {
    const both = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
    }
    expect(selects(labelSelectorFrom(both), labels)).toBe(false)
  })
})
