import { expect, test } from 'vitest'
import { fleetWithSigner } from '../../lib/twin/fleet-signer.ts'

const signers = [{ name: 'this-machine', key: 'ed25519:AAAA' }]

test('The fleet of a twin counts the signatures of this machine', () => {
  expect(fleetWithSigner({ clusters: [] }, 'ed25519:AAAA')).toEqual({ clusters: [], evidence: { signers } })
  expect(fleetWithSigner({ evidence: { maxAgeDays: 1 } }, 'ed25519:AAAA')).toEqual({
    evidence: { maxAgeDays: 1, signers },
  })
  expect(fleetWithSigner({ evidence: { signers: [] } }, 'ed25519:AAAA')).toEqual({ evidence: { signers } })
})

test('A world that names its signers keeps them', () => {
  const named = { evidence: { signers: [{ name: 'release', key: 'ed25519:BBBB' }] } }
  expect(fleetWithSigner(named, 'ed25519:AAAA')).toEqual(named)
})
