import { describe, expect, test } from 'vitest'
import { exampleAddOn, exampleMove, upgradeExample } from '../../lib/changes/examples.ts'
import type { InstalledAddOn } from '../../lib/changes/add-on-versions.ts'
import type { Hop } from '../../lib/changes/hop-steps.ts'
import { shapeOf, type ShapedFacts } from '../../lib/changes/plan-shape.ts'
import { provenMoves, provenRelease } from '../../lib/changes/proven.ts'
import type { PlanShape } from '../../lib/runbook/plan-shape.ts'

const choices = { acceptUnknown: [] }
const shapeOfHops = (hops: readonly Hop[], facts: Partial<ShapedFacts> = {}): PlanShape =>
  shapeOf({ ...choices, installed: [], ...facts, hops })
const hop = (from: string, to: string, more: Partial<Hop> = {}): Hop => ({
  from,
  to,
  addOns: [],
  groups: [],
  ...more,
})
const itemsOf = ({ must }: PlanShape, rule: string) =>
  must.filter((item) => item.rule === rule).map(({ object, value }) => `${object}: ${value}`)

describe('the shape of an upgrade', () => {
  test('names no group, subnet or account in what must be equal', () => {
    const { must } = shapeOf(upgradeExample.facts)
    const compared = JSON.stringify(must.map(({ rule, object, value }) => ({ rule, object, value })))
    expect(compared).not.toMatch(/web|subnet|111122223333|photo/)
  })

  test('names every minor on the way', () => {
    expect(itemsOf(shapeOfHops([hop('1.31', '1.32'), hop('1.32', '1.33')]), 'hops')).toEqual([
      'control plane: 1.31 > 1.32 > 1.33',
    ])
  })

  test('says that the control plane stays where only nodes or add-ons move', () => {
    expect(itemsOf(shapeOfHops([hop('1.33', '1.33', { addOns: [exampleAddOn] })]), 'hops')).toEqual([
      'control plane: stays at 1.33',
    ])
  })

  test('holds an add-on that does not move too, at the start and on each minor', () => {
    const installed = [{ name: 'vpc-cni', version: 'v1.20.1' }]
    expect(
      itemsOf(shapeOfHops([hop('1.31', '1.32'), hop('1.32', '1.33')], { installed }), 'add-on-version'),
    ).toEqual([
      'add-on vpc-cni at the start: v1.20.1',
      'add-on vpc-cni on 1.32: v1.20.1',
      'add-on vpc-cni on 1.33: v1.20.1',
    ])
  })

  test('holds each version that an add-on takes on its way, and goes on from the last', () => {
    const move = (from: string, to: string) => ({ ...exampleAddOn, name: 'vpc-cni', from, to })
    const hops = [
      hop('1.31', '1.32', { addOns: [move('v1.18.0', 'v1.19.0'), move('v1.19.0', 'v1.20.0')] }),
      hop('1.32', '1.33'),
    ]
    const installed = [{ name: 'vpc-cni', version: 'v1.18.0' }]
    expect(itemsOf(shapeOfHops(hops, { installed }), 'add-on-version')).toEqual([
      'add-on vpc-cni at the start: v1.18.0',
      'add-on vpc-cni on 1.32: v1.19.0 > v1.20.0',
      'add-on vpc-cni on 1.33: v1.20.0',
    ])
  })

  test('tells nodes that follow each hop from nodes that wait for the last', () => {
    const follow = { groups: [exampleMove] }
    expect(itemsOf(shapeOfHops([hop('1.31', '1.32'), hop('1.32', '1.33', follow)]), 'order')).toEqual([
      'nodes on 1.32: stay until a later hop',
      'nodes on 1.33: follow',
      'nodes of AL2_x86_64 on 1.33: blue/green',
    ])
    expect(itemsOf(shapeOfHops([hop('1.31', '1.32', follow), hop('1.32', '1.33', follow)]), 'order')[0]).toBe(
      'nodes on 1.32: follow',
    )
  })

  test('tells an update in place from blue/green', () => {
    const groups = [{ ...exampleMove, green: exampleMove.name }]
    expect(itemsOf(shapeOfHops([hop('1.32', '1.33', { groups })]), 'order')).toContain(
      'nodes of AL2_x86_64 on 1.33: in place',
    )
  })

  test('holds taints in any order, and user data by its hash alone', () => {
    const taint = (key: string, value?: string) => ({
      key,
      effect: 'NO_SCHEDULE',
      ...(value ? { value } : {}),
    })
    const withTaints = (taints: (typeof exampleMove)['settings']['taints']) => {
      const settings = { ...exampleMove.settings, taints }
      const groups = [{ ...exampleMove, settings, userData: 'a'.repeat(64) }]
      return itemsOf(shapeOfHops([hop('1.32', '1.33', { groups })]), 'kubelet')
    }
    expect(withTaints([taint('b'), taint('a', 'yes')])).toEqual(withTaints([taint('a', 'yes'), taint('b')]))
    expect(withTaints([taint('a', 'yes')])).toEqual([
      `nodes of AL2_x86_64 on 1.33: taints a=yes:NO_SCHEDULE, user data sha256 ${'a'.repeat(64)}`,
    ])
    expect(withTaints([])[0]).toContain('no taints')
  })
})

const minors = ['1.32', '1.33']
const offer = (version: string, on = minors) => ({ version, minors: on, defaultOf: [] })
const coredns = (
  version: string,
  ...offers: readonly InstalledAddOn['offers'][number][]
): InstalledAddOn => ({
  name: 'coredns',
  version,
  offers: [offer(version), ...offers],
})
const way = { from: '1.32', to: '1.33' }
const proven = (value: string, when = 'after the control plane'): PlanShape => ({
  must: [
    { rule: 'add-on-version', object: 'add-on coredns on 1.33', value, names: [] },
    { rule: 'order', object: 'add-on coredns on 1.33', value: when, names: [] },
  ],
  may: [],
})

describe('the moves of an add-on as they were proven', () => {
  test('are those of the evidence, one after the other, when it moved', () => {
    const addOn = coredns('v1.1.0', offer('v1.2.0'), offer('v1.3.0'), offer('v1.9.0'))
    expect(provenMoves(proven('v1.2.0 > v1.3.0', 'before the control plane'), addOn, way)).toMatchObject([
      { from: 'v1.1.0', to: 'v1.2.0', when: 'before' },
      { from: 'v1.2.0', to: 'v1.3.0', when: 'before' },
    ])
  })

  test('are none where it is there already', () => {
    expect(provenMoves(proven('v1.1.0'), coredns('v1.1.0', offer('v1.9.0')), way)).toEqual([])
  })

  test('are not known where staging had no such add-on on that minor', () => {
    expect(provenMoves({ must: [], may: [] }, coredns('v1.1.0'), way)).toBeUndefined()
  })

  test('are refused by name where EKS offers a version no longer, or not for the minor', () => {
    const gone = provenMoves(proven('v1.2.0'), coredns('v1.1.0'), way)
    expect(gone).toMatchObject({ code: 'AD-030', outcome: 'block', object: 'add-on coredns' })
    expect(JSON.stringify(gone)).toContain('v1.2.0')
    expect(provenMoves(proven('v1.2.0'), coredns('v1.1.0', offer('v1.2.0', ['1.32'])), way)).toMatchObject({
      code: 'AD-030',
    })
  })

  test('are refused where they would take it down', () => {
    expect(provenMoves(proven('v1.2.0'), coredns('v1.5.0', offer('v1.2.0')), way)).toMatchObject({
      code: 'AD-030',
      found: expect.stringContaining('v1.5.0'),
    })
  })
})

describe('the AMI release as it was proven', () => {
  const nodes = { formerAmiType: 'AL2_x86_64', version: '1.33', amiType: 'AL2023_x86_64_STANDARD' }
  const shape = shapeOf(upgradeExample.facts)

  test('is that of nodes of the same former type on the same minor', () => {
    expect(provenRelease(shape, nodes)).toBe(exampleMove.release)
    expect(provenRelease(shape, { ...nodes, version: '1.34' })).toBeUndefined()
    expect(provenRelease(shape, { ...nodes, formerAmiType: 'AL2_ARM_64' })).toBeUndefined()
  })

  test('is not taken for another AMI type', () => {
    expect(provenRelease(shape, { ...nodes, amiType: 'BOTTLEROCKET_x86_64' })).toBeUndefined()
  })
})
