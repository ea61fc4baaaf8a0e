import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseForeignJson } from '../../lib/runbook/json.ts'
import { readRegular } from '../../lib/runbook/regular-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'regular-'))
const at = (name: string) => path.join(folder, name)
beforeAll(() => {
  execFileSync('mkfifo', [at('pipe')])
  writeFileSync(at('text'), 'Grüße')
  writeFileSync(at('large'), '')
  truncateSync(at('large'), (16 << 20) + 1)
  symlinkSync('text', at('link'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('A file that somebody named', () => {
  test.each(['text', 'link'])('is read: %s', (name) => {
    expect(readRegular(at(name))).toEqual({ text: 'Grüße' })
  })

  test.each([
    ['pipe', 'a pipe or a device'],
    ['/dev/zero', 'a pipe or a device'],
    ['.', 'a folder'],
    ['large', 'more than 16777216 bytes'],
    ['none', 'ENOENT'],
    ['text/none', 'ENOTDIR'],
  ])('is told at once where it is none: %s', (name, found) => {
    expect(readRegular(path.resolve(folder, name))).toMatchObject({ found })
  })

  test('of /proc that says it is empty is read to its end', () => {
    expect(readRegular('/proc/self/status')).toMatchObject({ text: expect.stringContaining('Name:') })
  })

  test('is not read on past the limit', () => {
    expect(readRegular('/proc/self/status', { bytes: 10 })).toEqual({ found: 'more than 10 bytes' })
  })
})

describe('JSON of anybody', () => {
  test.each(['[', '{"a":'])('nested 20,000 deep by %s is refused', (open) => {
    const close = open === '[' ? ']' : '}'
    const text = `${open.repeat(20_000)}1${close.repeat(20_000)}`
    expect(() => parseForeignJson(text)).toThrow(RangeError)
  })

  test('nested as deep as a plan is, is read', () => {
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`
    expect(parseForeignJson(deep)).toEqual(JSON.parse(deep))
  })
})
