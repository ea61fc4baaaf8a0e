import { expect, test } from 'vitest'
import { fleetDigest } from '../../lib/fleet/fleet-digest.ts'
import { parseFleet } from '../../lib/fleet/read-fleet.ts'

const text = `
accounts: [{ id: '111122223333', alias: stage, regions: [eu-west-1] }]
environments: [staging]
clusters: [{ name: photo, account: stage, region: eu-west-1, environment: staging }]
`
const digestOf = (yaml: string): string => {
  const reading = parseFleet(yaml)
  if (!('value' in reading)) throw new Error('that is no fleet')
  return fleetDigest(reading.value)
}

test('The digest of a fleet is that of its rules, not of their layout', () => {
  const lines = text.trim().split('\n').toReversed()
  expect(digestOf(`# rules\n${lines.join('\n')}\nsettings: {}\n`)).toBe(digestOf(text))
  expect(digestOf(text)).toMatch(/^[0-9a-f]{64}$/)
})

test('The digest of a fleet moves with any rule', () => {
  const rules = ['settings: { secondPerson: true }', 'evidence: { maxAgeDays: 15 }', 'pairs: []']
  const digests = rules.map((rule) => digestOf(`${text}${rule}\n`) === digestOf(text))
  expect(digests).toEqual([false, false, true])
})
