import { expect, test } from 'vitest'
import { fleetWithSigner } from '../../lib/twin/fleet-signer.ts'

const key = 'ed25519:AAAA'
const people = [{ profile: 'Production_1', arn: 'arn:aws:iam::444455556666:role/approver' }]
const signers = [
  { name: 'this-machine', key },
  { name: 'this-machine-as-production-1', key, principal: 'arn:aws:iam::444455556666:role/approver' },
]

test('The fleet of a twin counts the signatures of this machine, and its approvals by each person of the world', () => {
  expect(fleetWithSigner({ clusters: [] }, key, people)).toEqual({ clusters: [], evidence: { signers } })
  expect(fleetWithSigner({ evidence: { maxAgeDays: 1 } }, key, people)).toEqual({
    evidence: { maxAgeDays: 1, signers },
  })
  expect(fleetWithSigner({ evidence: { signers: [] } }, key, people)).toEqual({ evidence: { signers } })
})

test('A world that names its signers keeps them', () => {
  const named = { evidence: { signers: [{ name: 'release', key: 'ed25519:BBBB' }] } }
  expect(fleetWithSigner(named, key, people)).toEqual(named)
})
