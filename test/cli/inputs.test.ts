import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { inputOptions, readInputs } from '../../lib/cli/inputs.ts'

const runbook = {
  id: 'swap-node-group',
  inputs: z.object({
    cluster: z.string().describe('Cluster of the fleet'),
    nodeGroup: z.string().describe('Group to swap'),
    nodes: z.enum(['each-hop', 'at-end']).default('each-hop').describe('When nodes follow'),
    soakMinutes: z.number().int().min(0).default(10).describe('Minutes to wait'),
    keepBlue: z.boolean().default(false).describe('Keep the old group'),
    acceptUnknown: z.array(z.string()).optional().describe('Codes of checks that may be unknown'),
  }),
}

test('Inputs become options of the same words', () => {
  expect(inputOptions(runbook).map(({ flag, kind, required }) => [flag, kind, required])).toEqual([
    ['--cluster', 'text', true],
    ['--node-group', 'text', true],
    ['--nodes', 'text', false],
    ['--soak-minutes', 'number', false],
    ['--keep-blue', 'boolean', false],
    ['--accept-unknown', 'list', false],
  ])
})

test('Enumerations carry their choices', () => {
  expect(inputOptions(runbook)[2]?.choices).toEqual(['each-hop', 'at-end'])
})

test('Options win over the defaults of the fleet, and those over the defaults of the runbook', () => {
  const given = { cluster: 'photo', nodeGroup: 'web', soakMinutes: '3' }
  const inputs = readInputs(runbook, given, { soakMinutes: 20, nodes: 'at-end' })
  expect(inputs).toEqual({
    cluster: 'photo',
    nodeGroup: 'web',
    nodes: 'at-end',
    soakMinutes: 3,
    keepBlue: false,
  })
})

describe('An input that does not fit is R003 and names the option:', () => {
  test.each([
    ['a missing one', { cluster: 'photo' }, /--node-group: expected string, found nothing/],
    [
      'not a number',
      { cluster: 'photo', nodeGroup: 'web', soakMinutes: 'ten' },
      /--soak-minutes: expected number, found "ten"/,
    ],
    [
      'a number too small',
      { cluster: 'photo', nodeGroup: 'web', soakMinutes: '-1' },
      /--soak-minutes: .*found -1/,
    ],
  ])('%s', (_, given, message) => {
    expect(() => readInputs(runbook, given)).toThrow(
      expect.objectContaining({
        code: 'R003',
        message: expect.stringMatching(message),
        hint: 'eks-runbook explain swap-node-group',
      }),
    )
  })
})
