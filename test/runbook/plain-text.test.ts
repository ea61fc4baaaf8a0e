import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainText } from '../../lib/runbook/plain-text.ts'

describe('Text from a cluster is made harmless:', () => {
  test.each([
    ['a colour', 'a \u001b[31mred\u001b[0m pod', 'a red pod'],
    ['a cursor movement in C1 form', 'up\u009b2A!', 'up!'],
    ['a window title', 'x\u001b]0;owned\u0007y', 'xy'],
    ['a hyperlink', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a forged line', 'shop/cart\nDONE all is well', 'shop/cart DONE all is well'],
    ['a carriage return', 'real\rfake', 'real fake'],
    ['a change of direction', 'web\u202egnp.exe', 'webgnp.exe'],
    ['a zero width space', 'we\u200bb', 'web'],
    ['a lone escape', 'a\u001b', 'a'],
    ['plain text', 'Größe 10 µs — ok ✓', 'Größe 10 µs — ok ✓'],
  ])('%s', (_, text, expected) => expect(plainText(text)).toBe(expected))
})

test('Nothing that a terminal obeys is left, whatever comes in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
    }),
  )
})
