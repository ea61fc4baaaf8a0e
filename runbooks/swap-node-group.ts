import { z } from 'zod'
import { heldAgainstBaseline } from '../lib/changes/baseline.ts'
import { swapExample } from '../lib/changes/examples.ts'
import * as input from '../lib/changes/inputs.ts'
import type { AddOnNow } from '../lib/changes/add-on-versions.ts'
import type { GroupMove } from '../lib/changes/node-group.ts'
import { addOnsNow } from '../lib/changes/planned-add-ons.ts'
import { shapeOf } from '../lib/changes/plan-shape.ts'
import { planSwap } from '../lib/changes/planned-swap.ts'
import { restorers } from '../lib/changes/restorers.ts'
import { movingGroups, swapSteps } from '../lib/changes/swap-steps.ts'
import { clusterReady } from '../lib/checks/control-plane.ts'
import { accepting } from '../lib/checks/finding.ts'
import { planned, type PlanFinding } from '../lib/checks/planned.ts'
import { beforeSwap } from '../lib/checks/upgrade.ts'
import type { Target } from '../lib/fleet/target.ts'
import { runbook } from '../lib/runbook/runbook.ts'

const inputs = z.strictObject({
  cluster: input.cluster,
  nodeGroup: z.string().describe('Managed node group to replace'),
  release: input.release,
  amiType: input.amiType.describe('AMI type, such as AL2023_x86_64_STANDARD; as now when left out'),
  soak: input.soak,
  keepBlue: input.keepBlue,
  acceptUnknown: input.acceptUnknown,
})

type Facts = input.SwapChoices & {
  readonly cluster: string
  readonly moves: readonly GroupMove[]
  readonly installed: readonly AddOnNow[]
  readonly findings: readonly PlanFinding[]
}

export default runbook<Target, z.output<typeof inputs>, Facts>({
  id: 'swap-node-group',
  title: 'Replace a managed node group by a new one, blue/green',
  about:
    'Makes a second group of the same settings at the minor of the control plane, proves it, moves every pod through ' +
    'the eviction API at the speed of its budgets, waits, and deletes the first. Never forces, never goes past a budget.',
  inputs,
  survey: async ({ target }, { nodeGroup, release, amiType, soak, keepBlue, acceptUnknown }, proven) => {
    const plan = await planSwap(target, nodeGroup, { amiType, release, proven })
    const installed = await addOnsNow(target)
    return { ...plan, cluster: target.cluster, installed, soakMinutes: soak, keepBlue, acceptUnknown }
  },
  checks: ({ moves, findings, acceptUnknown }) =>
    accepting(acceptUnknown, [clusterReady(), ...beforeSwap(movingGroups(moves)), ...planned(findings)]),
  // Create green, prove it, drain blue, soak, delete blue: lib/changes/swap-steps.ts.
  steps: ({ moves, ...facts }) =>
    heldAgainstBaseline(
      facts,
      moves.flatMap((move) => swapSteps(move, { ...facts, prefix: 'swap' })),
    ),
  shape: ({ moves, ...facts }) =>
    shapeOf({
      ...facts,
      hops: moves.map((move) => ({ from: move.version, to: move.version, addOns: [], groups: [move] })),
    }),
  restorers,
  example: swapExample,
})
