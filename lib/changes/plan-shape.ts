import { minorsBetween } from '../aws/minor.ts'
import type { PlanShape, ShapeItem } from '../runbook/plan-shape.ts'
import type { AddOnMove, AddOnNow } from './add-on-versions.ts'
import type { Hop } from './hop-steps.ts'
import { choiceItems, groupItems, type Choices } from './may-differ.ts'
import type { GroupMove } from './node-group.ts'

/** What the shape of a plan is made of: facts of a runbook, as far as it has them. */
export interface ShapedFacts extends Choices {
  readonly hops: readonly Hop[]
  /** Managed add-ons before the first step. */
  readonly installed: readonly AddOnNow[]
}

/**
 * The shape of hops with names and sizes of groups taken out. Add-ons that stay where they are count too: they run on
 * the new minor as well.
 */
export const shapeOf = (facts: ShapedFacts): PlanShape => {
  const { hops, installed } = facts
  return {
    must: [
      { rule: 'hops', object: 'control plane', value: wayText(hops), names: [] },
      ...installed.map(({ name, version }) => addOnVersion(addOnAtStart(name), version, name)),
      ...hops.flatMap((hop, index) => [
        ...addOnItems(hop, versionsBefore(facts, index)),
        ...orderOfNodes(hop, hops.slice(index + 1)),
        ...hop.groups.flatMap((move) => nodeItems(hop, move)),
      ]),
    ],
    may: [...hops.flatMap((hop) => groupItems(hop, nodesOn)), ...choiceItems(facts)],
  }
}

/** How the shape calls an add-on before the first step. */
export const addOnAtStart = (name: string): string => `add-on ${name} at the start`

/** How the shape calls an add-on once a hop is done. */
export const addOnOn = (name: string, minor: string): string => `add-on ${name} on ${minor}`

/** How the shape calls the nodes of the AMI type that they leave for a minor. */
export const nodesOn = (formerAmiType: string, minor: string): string =>
  `nodes of ${formerAmiType} on ${minor}`

/** Between the versions that an add-on takes one after the other. */
export const thenTo = ' > '

/** When an add-on moves, as the shape says it. */
export const whenText = (when: AddOnMove['when']): string => `${when} the control plane`

const wayText = (hops: readonly Hop[]): string => {
  const [first] = hops
  if (!first) return 'nothing moves'
  const ups = hops.filter(({ from, to }) => minorsBetween(from, to) > 0)
  return ups.length === 0 ? `stays at ${first.to}` : [first.from, ...ups.map(({ to }) => to)].join(thenTo)
}

const versionsBefore = ({ hops, installed }: ShapedFacts, index: number): readonly AddOnNow[] =>
  installed.map(({ name, version }) => ({
    name,
    version:
      hops
        .slice(0, index)
        .flatMap(({ addOns }) => addOns)
        .findLast((move) => move.name === name)?.to ?? version,
  }))

const addOnVersion = (object: string, value: string, name: string): ShapeItem => ({
  rule: 'add-on-version',
  object,
  value,
  names: [name],
})

const addOnItems = ({ to, addOns }: Hop, before: readonly AddOnNow[]): readonly ShapeItem[] =>
  before.flatMap(({ name, version }) => {
    const moves = addOns.filter((move) => move.name === name)
    const object = addOnOn(name, to)
    if (moves.length === 0) return [addOnVersion(object, version, name)]
    const when = [...new Set(moves.map((move) => whenText(move.when)))].join(', ')
    return [
      addOnVersion(object, moves.map((move) => move.to).join(thenTo), name),
      { rule: 'order', object, value: when, names: [name] },
    ]
  })

/** Nodes that move in a later hop only have stayed behind the control plane in this one. */
const orderOfNodes = ({ to, groups }: Hop, later: readonly Hop[]): readonly ShapeItem[] => {
  const stay = groups.length === 0 && later.some((hop) => hop.groups.length > 0)
  const follow = groups.length > 0 ? 'follow' : undefined
  const value = stay ? 'stay until a later hop' : follow
  return value === undefined ? [] : [{ rule: 'order', object: `nodes on ${to}`, value, names: [] }]
}

const nodeItems = ({ to }: Hop, move: GroupMove): readonly ShapeItem[] => {
  const common = { object: nodesOn(move.former.amiType, to), names: [move.line] }
  return [
    { rule: 'order', value: move.green === move.name ? 'in place' : 'blue/green', ...common },
    { rule: 'ami-type', value: move.amiType, ...common },
    { rule: 'ami-release', value: move.release, ...common },
    { rule: 'kubelet', value: kubeletText(move), ...common },
  ]
}

const kubeletText = ({ settings, userData }: GroupMove): string => {
  const taints = settings.taints.map(
    ({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`,
  )
  const tainted = taints.length === 0 ? 'no taints' : `taints ${taints.toSorted().join(' ')}`
  return `${tainted}, user data ${userData === undefined ? 'of EKS alone' : `sha256 ${userData}`}`
}
