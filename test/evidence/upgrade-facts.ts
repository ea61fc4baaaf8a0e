import fc from 'fast-check'
import type { AddOnMove, AddOnNow } from '../../lib/changes/add-on-versions.ts'
import { exampleMove } from '../../lib/changes/examples.ts'
import type { Hop } from '../../lib/changes/hop-steps.ts'
import type { GroupMove } from '../../lib/changes/node-group.ts'
import type { ShapedFacts } from '../../lib/changes/plan-shape.ts'

/** Facts of an upgrade, as far as its shape reads them. */
export type Facts = Required<ShapedFacts>

const families = ['AL2023_x86_64_STANDARD', 'AL2023_ARM_64_STANDARD', 'BOTTLEROCKET_x86_64']

const groups = fc
  .array(
    fc.record({
      amiType: fc.constantFrom(...families),
      taint: fc.constantFrom(undefined, 'gpu', 'spot'),
      userData: fc.constantFrom(undefined, 'a'.repeat(64)),
      min: fc.integer({ min: 1, max: 5 }),
      type: fc.constantFrom('m5.large', 'c5.xlarge'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map((group, index) => ({ ...group, line: `group-${index}` })))

type Group = typeof groups extends fc.Arbitrary<infer T extends readonly unknown[]> ? T[number] : never

/** The same for all groups of a plan, as the survey makes it. */
interface Way {
  readonly release: string
  readonly inPlace: boolean
}

const moveOf = (group: Group & Way, from: string, to: string): GroupMove => ({
  ...exampleMove,
  line: group.line,
  name: group.line,
  green: group.inPlace ? group.line : `${group.line}-new`,
  version: to,
  release: `${to}.${group.release}-20260901`,
  amiType: group.amiType,
  former: { version: from, release: `${from}.1-20260801`, amiType: group.amiType },
  settings: {
    ...exampleMove.settings,
    minSize: group.min,
    instanceTypes: [group.type],
    taints: group.taint === undefined ? [] : [{ key: group.taint, effect: 'NO_SCHEDULE' }],
  },
  ...(group.userData === undefined ? {} : { userData: group.userData }),
})

const addOns = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('vpc-cni', 'kube-proxy', 'coredns', 'aws-ebs-csi-driver'),
    at: fc.integer({ min: 1, max: 3 }),
    moves: fc.array(fc.constantFrom<'stays' | AddOnMove['when']>('stays', 'before', 'after'), {
      minLength: 3,
      maxLength: 3,
    }),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
)

/** One to three hops with node groups that follow each, or the last only, and add-ons of which some stay. */
export const upgradeFacts: fc.Arbitrary<Facts> = fc
  .record({
    hops: fc.integer({ min: 1, max: 3 }),
    groups,
    addOns,
    way: fc.record({ release: fc.constantFrom('2', '3'), inPlace: fc.boolean() }),
    atEnd: fc.boolean(),
    soakMinutes: fc.integer({ min: 0, max: 60 }),
    bake: fc.integer({ min: 0, max: 60 }),
    keepBlue: fc.boolean(),
  })
  .map(({ hops: count, groups: all, addOns: installed, way, atEnd, ...choices }) => {
    const minors = Array.from({ length: count + 1 }, (_hop, index) => `1.${30 + index}`)
    const hops = minors.slice(1).map((to, index): Hop => {
      const from = minors[index] ?? ''
      const moves =
        !atEnd || index === count - 1 ? all.map((group) => moveOf({ ...group, ...way }, from, to)) : []
      return { from, to, addOns: addOnMoves(installed, { index, from }), groups: moves }
    })
    const versions: readonly AddOnNow[] = installed.map(({ name, at }) => ({ name, version: `v${at}.0.0` }))
    return { hops, installed: versions, acceptUnknown: [], ...choices }
  })

type Installed = typeof addOns extends fc.Arbitrary<infer T> ? T : never

const addOnMoves = (
  installed: Installed,
  { index, from }: { readonly index: number; readonly from: string },
): readonly AddOnMove[] =>
  installed.flatMap(({ name, at, moves }) => {
    const when = moves[index]
    if (when === undefined || when === 'stays') return []
    const moved = moves.slice(0, index).filter((each) => each !== 'stays').length
    return [
      { name, from: `v${at}.${moved}.0`, to: `v${at}.${moved + 1}.0`, when, fromMinors: [from], why: '' },
    ]
  })
