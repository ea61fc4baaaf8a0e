import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { GroupMove } from '../../lib/changes/node-group.ts'
import { nodesOn, shapeOf } from '../../lib/changes/plan-shape.ts'
import { judge, type GateReport } from '../../lib/evidence/gate.ts'
import { shapeRules } from '../../lib/evidence/shape-rules.ts'
import { asJson } from '../../lib/runbook/plan.ts'
import { candidate, caseOf, planOf, tool } from './gate-case.ts'
import { upgradeFacts, type Facts } from './upgrade-facts.ts'

/** Production's facts made from staging's, with the one thing that differs; undefined where they have no such thing. */
type Change = (facts: Facts, pick: (length: number) => number) => { facts: Facts; object: string } | undefined

const mapGroups = (facts: Facts, line: string, change: (move: GroupMove) => GroupMove): Facts => ({
  ...facts,
  hops: facts.hops.map((hop) => ({
    ...hop,
    groups: hop.groups.map((move) => (move.line === line ? change(move) : move)),
  })),
})

const lastHop = ({ hops }: Facts) => {
  const hop = hops.at(-1)
  if (!hop) throw new Error('there is no hop')
  return hop
}

/** Changes one group, in the last hop too; the object is that of the last hop. */
const oneGroup =
  (change: (move: GroupMove) => GroupMove): Change =>
  (facts, pick) => {
    const hop = lastHop(facts)
    const move = hop.groups[pick(hop.groups.length)]
    if (!move) return undefined
    const object = nodesOn(change(move).former.amiType, hop.to)
    return { facts: mapGroups(facts, move.line, change), object }
  }

const mustDiffer: { readonly [rule: string]: readonly Change[] } = {
  hops: [
    (facts) => ({
      facts: {
        ...facts,
        hops: facts.hops.map((hop, index) => (index === 0 ? { ...hop, from: '1.29' } : hop)),
      },
      object: 'control plane',
    }),
    (facts) => {
      const hop = lastHop(facts)
      const further = { from: hop.to, to: '1.39', addOns: [], groups: [] }
      return { facts: { ...facts, hops: [...facts.hops, further] }, object: 'control plane' }
    },
  ],
  order: [
    oneGroup((move) => ({ ...move, green: move.green === move.name ? `${move.name}-new` : move.name })),
    (facts, pick) => {
      const moves = facts.hops.flatMap((hop) => hop.addOns.map((move) => ({ hop, move })))
      const chosen = moves[pick(moves.length)]
      if (!chosen) return undefined
      const { hop, move } = chosen
      const when = move.when === 'before' ? 'after' : 'before'
      const changed = {
        ...hop,
        addOns: hop.addOns.map((each) => (each === move ? ({ ...each, when } as const) : each)),
      }
      return {
        facts: { ...facts, hops: facts.hops.map((each) => (each === hop ? changed : each)) },
        object: `add-on ${move.name} on ${hop.to}`,
      }
    },
  ],
  'add-on-version': [
    (facts, pick) => {
      const one = facts.installed[pick(facts.installed.length)]
      const installed = facts.installed.map((each) => (each === one ? { ...each, version: 'v9.9.9' } : each))
      return { facts: { ...facts, installed }, object: `add-on ${one?.name} at the start` }
    },
    (facts, pick) => {
      const moves = facts.hops.flatMap((hop) => hop.addOns.map((move) => ({ hop, move })))
      const chosen = moves[pick(moves.length)]
      if (!chosen) return undefined
      const { hop, move } = chosen
      const changed = {
        ...hop,
        addOns: hop.addOns.map((each) => (each === move ? { ...each, to: 'v9.9.9' } : each)),
      }
      return {
        facts: { ...facts, hops: facts.hops.map((each) => (each === hop ? changed : each)) },
        object: `add-on ${move.name} on ${hop.to}`,
      }
    },
    (facts) => ({
      facts: { ...facts, installed: [...facts.installed, { name: 'metrics-server', version: 'v0.8.0' }] },
      object: `add-on metrics-server on ${lastHop(facts).to}`,
    }),
  ],
  'ami-type': [
    oneGroup((move) => ({ ...move, amiType: 'AL2023_x86_64_NVIDIA' })),
    oneGroup((move) => ({ ...move, former: { ...move.former, amiType: 'AL2_x86_64' } })),
  ],
  'ami-release': [oneGroup((move) => ({ ...move, release: '1.31.9-20261231' }))],
  kubelet: [
    oneGroup((move) => ({
      ...move,
      settings: { ...move.settings, taints: [{ key: 'night', value: 'yes', effect: 'NO_EXECUTE' }] },
    })),
    oneGroup((move) => ({ ...move, userData: 'f'.repeat(64) })),
  ],
}

const settings = (changes: Partial<GroupMove['settings']>): Change =>
  oneGroup((move) => ({ ...move, settings: { ...move.settings, ...changes } }))

const choice =
  (changes: Partial<Facts>): Change =>
  (facts) => ({ facts: { ...facts, ...changes }, object: 'the run' })

const mayDiffer: { readonly [rule: string]: readonly Change[] } = {
  'group-name': [
    oneGroup((move) => ({
      ...move,
      line: 'other',
      name: 'other',
      green: move.green === move.name ? 'other' : 'other-new',
    })),
  ],
  'group-size': [settings({ minSize: 90, maxSize: 99 })],
  subnets: [settings({ subnets: ['subnet-elsewhere'] })],
  'instance-type': [settings({ instanceTypes: ['r7i.48xlarge'] }), settings({ diskSize: 500 })],
  'capacity-type': [settings({ capacityType: 'SPOT' })],
  'labels-and-tags': [settings({ labels: { tier: 'gold' } }), settings({ tags: { cost: 'high' } })],
  'node-access': [
    settings({ nodeRole: 'arn:aws:iam::444455556666:role/other' }),
    settings({ launchTemplate: { id: 'lt-0123456789abcdef0', version: '7' } }),
    settings({ remoteAccess: { ec2SshKey: 'night-shift' } }),
  ],
  'update-pace': [settings({ updateConfig: { maxUnavailable: 5 } }), settings({ nodeRepair: true })],
  soak: [choice({ soakMinutes: 700 })],
  bake: [choice({ bake: 700 })],
  'keep-blue': [(facts) => ({ facts: { ...facts, keepBlue: !facts.keepBlue }, object: 'the run' })],
  'accept-unknown': [choice({ acceptUnknown: ['DP-009'] })],
}

const shape = (facts: Facts) => upgradeCluster.shape(asJson(facts))

/** The gate over production's facts with evidence of staging's. */
const gate = (proven: Facts, wanted: Facts): GateReport =>
  judge(caseOf({ shape: shape(wanted), candidates: [candidate({ shape: shape(proven) })] }))

/** Every change of a table with every number it picks by. */
const over = (table: typeof mustDiffer) =>
  Object.entries(table).flatMap(([rule, changes]) =>
    changes.map((change, index) => ({ rule, change, index })),
  )

const forAny = (change: Change, claim: (proven: Facts, wanted: Facts, object: string) => void) =>
  fc.assert(
    fc.property(upgradeFacts, fc.nat(), (proven, number) => {
      const changed = change(proven, (length) => (length === 0 ? 0 : number % length))
      fc.pre(changed !== undefined)
      if (changed) claim(proven, changed.facts, changed.object)
    }),
    { numRuns: 30 },
  )

describe('A plan passes by evidence of the same shape', () => {
  test('for any upgrade', () => {
    fc.assert(
      fc.property(upgradeFacts, (facts) => {
        expect(gate(facts, facts)).toMatchObject({ passes: '2026-09-23-proven' })
      }),
      { numRuns: 30 },
    )
  })

  test('also where staging has shown more', () => {
    fc.assert(
      fc.property(upgradeFacts, (facts) => {
        const [first, ...rest] = facts.installed
        fc.pre(first !== undefined)
        const hops = facts.hops.map((hop) => ({
          ...hop,
          addOns: hop.addOns.filter(({ name }) => name !== first?.name),
        }))
        expect(gate(facts, { ...facts, hops, installed: rest })).toMatchObject({
          passes: '2026-09-23-proven',
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('The gate refuses any plan that differs in one thing that must be equal, and names it', () => {
  test.each(over(mustDiffer))('$rule, change $index', ({ rule, change }) => {
    forAny(change, (proven, wanted, object) => {
      const report = gate(proven, wanted)
      expect(report.passes).toBeUndefined()
      const [first] = report.candidates
      expect(first?.refusals.map(({ code }) => code)).toEqual(['R061'])
      expect(first?.differences).toContainEqual(expect.objectContaining({ rule, object }))
      expect(first?.differences.every(({ command }) => command.length > 20)).toBe(true)
    })
  })

  test('runbook', () => {
    const [report] = judge(caseOf({ plan: planOf({ runbook: 'swap-node-group' }) })).candidates
    expect(report?.differences).toMatchObject([
      { rule: 'runbook', object: 'runbook', expected: 'upgrade-cluster', found: 'swap-node-group' },
    ])
  })

  test.each([
    { ...tool, version: '0.1.9' },
    { ...tool, digest: 'f'.repeat(64) },
  ])('tool %j', (other) => {
    const report = judge(caseOf({ tool: other }))
    expect(report.passes).toBeUndefined()
    expect(report.candidates[0]?.refusals).toMatchObject([{ code: 'R069' }])
  })
})

describe('The gate passes any plan that differs in one thing that may, and shows it', () => {
  test.each(over(mayDiffer))('$rule, change $index', ({ rule, change }) => {
    forAny(change, (proven, wanted, object) => {
      const report = gate(proven, wanted)
      expect(report.passes).toBe('2026-09-23-proven')
      expect(report.candidates[0]?.allowed).toContainEqual(
        expect.objectContaining({ rule, object, reason: expect.stringMatching(/\w/) }),
      )
    })
  })

  test('cluster-name, and how many groups of a kind there are', () => {
    fc.assert(
      fc.property(upgradeFacts, (facts) => {
        const twice = {
          ...facts,
          hops: facts.hops.map((hop) => ({
            ...hop,
            groups: hop.groups.flatMap((move) => [move, { ...move, line: `${move.line}-b` }]),
          })),
        }
        const report = gate(facts, twice)
        expect(report.passes).toBe('2026-09-23-proven')
        expect(report.candidates[0]?.allowed).toContainEqual(
          expect.objectContaining({ rule: 'cluster-name' }),
        )
      }),
      { numRuns: 30 },
    )
  })
})

describe('The table of rules', () => {
  const rulesOf = (kind: 'must' | 'may') =>
    shapeRules.filter((each) => each.kind === kind).map(({ rule }) => rule)

  test('names each rule once, with a reason', () => {
    const names = shapeRules.map(({ rule }) => rule)
    expect(new Set(names).size).toBe(names.length)
    expect(shapeRules.filter(({ title, reason }) => title === '' || reason === '')).toEqual([])
  })

  test('is tried in whole', () => {
    expect(['runbook', 'tool', ...Object.keys(mustDiffer)].toSorted()).toEqual(rulesOf('must').toSorted())
    expect(['cluster-name', ...Object.keys(mayDiffer)].toSorted()).toEqual(rulesOf('may').toSorted())
  })

  test('has every rule that a shape uses, on its side', () => {
    fc.assert(
      fc.property(upgradeFacts, (facts) => {
        const { must, may } = shapeOf(facts)
        expect(rulesOf('must')).toEqual(expect.arrayContaining(must.map(({ rule }) => rule)))
        expect(rulesOf('may')).toEqual(expect.arrayContaining(may.map(({ rule }) => rule)))
      }),
      { numRuns: 20 },
    )
  })
})
