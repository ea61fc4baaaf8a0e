import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeAddOns from '../../runbooks/upgrade-add-ons.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { World } from '../../lib/twin/world.ts'

/** A runbook with inputs and a world it is tried on. */
export interface Case {
  readonly runbook: AnyRunbook<Target>
  readonly cluster: string
  readonly inputs: { readonly cluster: string; readonly [input: string]: unknown }
  readonly world: string
  readonly change?: (world: World) => World
}

/** The small world with an add-on behind: otherwise upgrade-add-ons has nothing to do. */
const withOldCoreDns = (world: World): World => ({
  ...world,
  accounts: world.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => ({
      ...cluster,
      addOns: cluster.addOns.map((addOn) =>
        addOn.name === 'coredns' ? { ...addOn, version: 'v1.11.3-eksbuild.2' } : addOn,
      ),
    })),
  })),
})

/** Every runbook of runbooks/ stands here; the suite fails for one that does not. */
export const cases: { readonly [runbook: string]: Case } = {
  'upgrade-cluster': {
    runbook: upgradeCluster,
    cluster: 'small',
    inputs: { cluster: 'small', to: '1.33', soak: 1 },
    world: 'examples/worlds/small.yaml',
  },
  'swap-node-group': {
    runbook: swapNodeGroup,
    cluster: 'small',
    inputs: { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 1 },
    world: 'examples/worlds/small.yaml',
  },
  'upgrade-add-ons': {
    runbook: upgradeAddOns,
    cluster: 'small',
    inputs: { cluster: 'small' },
    world: 'examples/worlds/small.yaml',
    change: withOldCoreDns,
  },
}
