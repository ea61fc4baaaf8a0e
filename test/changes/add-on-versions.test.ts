import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AddOnOffer } from '../../lib/aws/eks-add-ons.ts'
import { compareVersions } from '../../lib/aws/minor.ts'
import { addOnMoves, inAddOnOrder } from '../../lib/changes/add-on-versions.ts'

const hop = { from: '1.32', to: '1.33' }
const offer = (
  version: string,
  minors: readonly string[],
  defaultOf: readonly string[] = [],
): AddOnOffer => ({
  version,
  minors,
  defaultOf,
})
const movesOf = (name: string, version: string, offers: readonly AddOnOffer[], way = hop) => {
  const moves = addOnMoves({ name, version, offers }, way)
  if ('problem' in moves) throw new Error(moves.problem)
  return moves
}

test('a version that is offered on the target and not below its default stays', () => {
  const offers = [offer('v1.11.4-eksbuild.2', ['1.32', '1.33'], ['1.33'])]
  expect(movesOf('coredns', 'v1.11.4-eksbuild.2', offers)).toEqual([])
})

test('a version newer than the default of the target stays: never a downgrade', () => {
  const offers = [
    offer('v1.12.9-eksbuild.1', ['1.32', '1.33']),
    offer('v1.12.0-eksbuild.1', ['1.33'], ['1.33']),
  ]
  expect(movesOf('coredns', 'v1.12.9-eksbuild.1', offers)).toEqual([])
})

test('a version that works on both sides of the hop is preferred to a newer one that does not', () => {
  const offers = [
    offer('v1.11.0-eksbuild.1', ['1.31', '1.32']),
    offer('v1.12.0-eksbuild.1', ['1.32', '1.33']),
    offer('v1.13.0-eksbuild.1', ['1.33', '1.34'], ['1.33']),
  ]
  expect(movesOf('coredns', 'v1.11.0-eksbuild.1', offers).map(({ to }) => to)).toEqual(['v1.12.0-eksbuild.1'])
})

test('what the target does not offer moves before the control plane when it can', () => {
  const offers = [offer('v1.11.0-eksbuild.1', ['1.32']), offer('v1.12.0-eksbuild.1', ['1.32', '1.33'])]
  expect(movesOf('coredns', 'v1.11.0-eksbuild.1', offers).map(({ when }) => when)).toEqual(['before'])
})

test('a version of the target alone moves after the control plane', () => {
  const offers = [offer('v1.32.0-eksbuild.1', ['1.32']), offer('v1.33.0-eksbuild.1', ['1.33'], ['1.33'])]
  expect(movesOf('kube-proxy', 'v1.32.0-eksbuild.1', offers).map(({ when }) => when)).toEqual(['after'])
})

test('kube-proxy takes the version of the target, though an older one would work', () => {
  const offers = [
    offer('v1.32.0-eksbuild.1', ['1.32', '1.33']),
    offer('v1.33.0-eksbuild.1', ['1.33'], ['1.33']),
  ]
  expect(movesOf('kube-proxy', 'v1.32.0-eksbuild.1', offers).map(({ to }) => to)).toEqual([
    'v1.33.0-eksbuild.1',
  ])
})

test('vpc-cni goes one minor at a time, other add-ons go straight', () => {
  const offers = [
    offer('v1.17.1-eksbuild.1', ['1.32']),
    offer('v1.18.2-eksbuild.1', ['1.32', '1.33']),
    offer('v1.18.5-eksbuild.1', ['1.32', '1.33']),
    offer('v1.19.4-eksbuild.1', ['1.32', '1.33'], ['1.33']),
  ]
  const stones = movesOf('vpc-cni', 'v1.17.1-eksbuild.1', offers)
  expect(stones.map(({ from, to }) => [from, to])).toEqual([
    ['v1.17.1-eksbuild.1', 'v1.18.5-eksbuild.1'],
    ['v1.18.5-eksbuild.1', 'v1.19.4-eksbuild.1'],
  ])
  expect(movesOf('coredns', 'v1.17.1-eksbuild.1', offers)).toHaveLength(1)
})

test('an add-on without a version for the target is a problem, not a move', () => {
  const offers = [offer('v1.0.0-eksbuild.1', ['1.32'])]
  expect(addOnMoves({ name: 'gone', version: 'v1.0.0-eksbuild.1', offers }, hop)).toMatchObject({
    problem: expect.stringContaining('1.33'),
  })
})

test('the network comes first, what is not listed comes last by name', () => {
  const names = ['zeta', 'coredns', 'alpha', 'vpc-cni', 'kube-proxy'].map((name) => ({ name }))
  expect(inAddOnOrder(names).map(({ name }) => name)).toEqual([
    'vpc-cni',
    'kube-proxy',
    'coredns',
    'alpha',
    'zeta',
  ])
})

const minors = ['1.31', '1.32', '1.33', '1.34']
const anyOffer = fc.record({
  version: fc
    .tuple(fc.integer({ min: 10, max: 16 }), fc.integer({ min: 0, max: 9 }))
    .map(([minor, patch]) => `v1.${minor}.${patch}-eksbuild.1`),
  minors: fc.subarray(minors, { minLength: 1 }),
  defaultOf: fc.subarray(minors, { maxLength: 1 }),
})

test('whatever EKS offers, versions only rise, chain up, and the last one is offered on the target', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('vpc-cni', 'coredns'),
      fc.uniqueArray(anyOffer, { minLength: 1, maxLength: 12, selector: ({ version }) => version }),
      (name, offers) => {
        const version = offers[0]?.version ?? ''
        const moves = addOnMoves({ name, version, offers }, hop)
        if ('problem' in moves) return
        let at = version
        for (const move of moves) {
          expect(move.from).toBe(at)
          expect(compareVersions(move.to, move.from)).toBeGreaterThan(0)
          at = move.to
        }
        expect(offers.find((each) => each.version === at)?.minors).toContain('1.33')
      },
    ),
  )
})
