import { z } from 'zod'
import { heldAgainstBaseline } from '../lib/changes/baseline.ts'
import { addOnsExample } from '../lib/changes/examples.ts'
import { moveAddOns, type Hop } from '../lib/changes/hop-steps.ts'
import * as input from '../lib/changes/inputs.ts'
import type { AddOnNow } from '../lib/changes/add-on-versions.ts'
import { installedAddOns, planAddOns, versionsOf } from '../lib/changes/planned-add-ons.ts'
import { shapeOf } from '../lib/changes/plan-shape.ts'
import { restorers } from '../lib/changes/restorers.ts'
import { presentMinor } from '../lib/changes/upgrade-survey.ts'
import { addOnsHealthy } from '../lib/checks/add-ons.ts'
import { clusterReady } from '../lib/checks/control-plane.ts'
import { accepting } from '../lib/checks/finding.ts'
import { planned, type PlanFinding } from '../lib/checks/planned.ts'
import type { Target } from '../lib/fleet/target.ts'
import { runbook } from '../lib/runbook/runbook.ts'

const inputs = z.strictObject({ cluster: input.cluster, acceptUnknown: input.acceptUnknown })

type Facts = {
  readonly cluster: string
  readonly hop: Hop
  readonly installed: readonly AddOnNow[]
  readonly findings: readonly PlanFinding[]
  readonly acceptUnknown: readonly string[]
}

export default runbook<Target, z.output<typeof inputs>, Facts>({
  id: 'upgrade-add-ons',
  title: 'Bring the managed add-ons to the versions that fit the cluster',
  about:
    'Updates each managed add-on that is behind the default of the cluster, in an order with reasons, and keeps what ' +
    'operators changed. Never a downgrade; leaves the control plane and the nodes alone.',
  inputs,
  survey: async ({ target }, { acceptUnknown }, proven) => {
    const minor = await presentMinor(target)
    const addOns = await installedAddOns(target)
    const { moves, problems } = planAddOns(addOns, { from: minor, to: minor }, proven)
    const hop = { from: minor, to: minor, addOns: moves, groups: [] }
    return { cluster: target.cluster, hop, installed: versionsOf(addOns), findings: problems, acceptUnknown }
  },
  checks: ({ findings, acceptUnknown }) =>
    accepting(acceptUnknown, [clusterReady(), addOnsHealthy(), ...planned(findings)]),
  steps: ({ hop, ...facts }) => heldAgainstBaseline(facts, moveAddOns(hop, 'after')),
  shape: ({ hop, ...facts }) => shapeOf({ ...facts, hops: [hop] }),
  restorers,
  example: addOnsExample,
})
