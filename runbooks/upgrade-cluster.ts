import { z } from 'zod'
import { heldAgainstBaseline } from '../lib/changes/baseline.ts'
import { upgradeExample } from '../lib/changes/examples.ts'
import {
  bake,
  moveAddOns,
  moveControlPlane,
  moveGroups,
  refreshInsights,
  type Hop,
} from '../lib/changes/hop-steps.ts'
import * as input from '../lib/changes/inputs.ts'
import { shapeOf } from '../lib/changes/plan-shape.ts'
import { restorers } from '../lib/changes/restorers.ts'
import { movingGroups } from '../lib/changes/swap-steps.ts'
import { planUpgrade, type UpgradePlan } from '../lib/changes/upgrade-survey.ts'
import { accepting } from '../lib/checks/finding.ts'
import { planned } from '../lib/checks/planned.ts'
import { beforeSwap, beforeUpgrade } from '../lib/checks/upgrade.ts'
import type { Target } from '../lib/fleet/target.ts'
import { runbook, type Step } from '../lib/runbook/runbook.ts'

const inputs = z.strictObject({
  cluster: input.cluster,
  to: input.minor,
  nodes: z.enum(['each-hop', 'at-end']).default('each-hop').describe('When the node groups follow'),
  swap: z.enum(['blue-green', 'in-place']).default('blue-green').describe('How the node groups follow'),
  amiType: input.amiType,
  bake: input.bake,
  soak: input.soak,
  keepBlue: input.keepBlue,
  acceptUnknown: input.acceptUnknown,
})

type Facts = UpgradePlan & input.SwapChoices & { readonly cluster: string; readonly bake: number }

export default runbook<Target, z.output<typeof inputs>, Facts>({
  id: 'upgrade-cluster',
  title: 'Upgrade a cluster, minor by minor, with its add-ons and node groups',
  about:
    'Takes the control plane up one minor at a time, with the managed add-ons and node groups that go with it. ' +
    'Joins what is in flight; never skips a minor, never forces, never goes past a budget. ' +
    'The newest hop can be taken back for seven days while its nodes stay behind.',
  inputs,
  survey: async ({ target }, { soak: soakMinutes, bake, keepBlue, acceptUnknown, ...wishes }, proven) => {
    const plan = await planUpgrade(target, { ...wishes, keepBlue, proven })
    return { ...plan, cluster: target.cluster, bake, soakMinutes, keepBlue, acceptUnknown }
  },
  checks: ({ from, to, hops, findings, acceptUnknown }) =>
    accepting(acceptUnknown, [
      ...beforeUpgrade(from, to),
      ...beforeSwap(movingGroups(hops.flatMap(({ groups }) => groups))),
      ...planned(findings),
    ]),
  steps: (facts) =>
    heldAgainstBaseline(
      facts,
      facts.hops.flatMap((hop) => (hop.from === hop.to ? catchUp(hop, facts) : climb(hop, facts))),
    ),
  shape: shapeOf,
  restorers,
  example: upgradeExample,
})

/** One minor up. */
const climb = (hop: Hop, facts: Facts): readonly Step<Target>[] => [
  ...moveAddOns(hop, 'before'),
  refreshInsights(hop),
  moveControlPlane(hop, hop === facts.hops.at(-1) ? 'last' : 'earlier'),
  ...bake(hop, facts.bake),
  ...moveAddOns(hop, 'after'),
  ...moveGroups(hop, facts),
]

/** The control plane is there; what is behind it follows. */
const catchUp = (hop: Hop, facts: Facts): readonly Step<Target>[] => [
  ...moveAddOns(hop, 'after'),
  ...moveGroups(hop, facts),
]
