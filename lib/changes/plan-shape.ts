import type { PlanShape, ShapeItem } from '../runbook/plan-shape.ts'
import type { Hop } from './hop-steps.ts'

/** The shape of hops: minors, add-on moves, AMI families and releases, with names and sizes of groups taken out. */
export const hopsShape = (hops: readonly Hop[]): PlanShape => ({
  must: [
    {
      rule: 'hops',
      object: 'control plane',
      value: [hops[0]?.from, ...hops.map(({ to }) => to)].join(' > '),
      names: [],
    },
    ...hops.flatMap((hop) => [...addOnItems(hop), ...nodeItems(hop)]),
  ],
  may: [],
})

const addOnItems = ({ to, addOns }: Hop): readonly ShapeItem[] =>
  addOns.map((move) => ({
    rule: 'add-on-version',
    object: `add-on ${move.name} on ${to}`,
    value: `${move.from} > ${move.to} ${move.when} the control plane`,
    names: [move.name],
  }))

const nodeItems = ({ to, groups }: Hop): readonly ShapeItem[] =>
  groups.map((move) => ({
    rule: 'ami-release',
    object: `nodes of ${move.former.amiType} on ${to}`,
    value: `${move.amiType} ${move.release}`,
    names: [move.line],
  }))
