import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { World, WorldCluster, WorldNodeGroup } from '../../lib/twin/world.ts'
import { countEffects } from '../../lib/cli/demo/effects.ts'
import { openScene, settledWorld, type Moment, type Scene } from './scene.ts'

const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/small'

/** Edits the cluster of the small world before it settles. */
export type Edit = (cluster: WorldCluster) => WorldCluster

/** The small world, settled, with its cluster edited. */
export const small = (...edits: readonly Edit[]): Promise<Moment> =>
  settledWorld('examples/worlds/small.yaml', (world) => edited(world, edits))

const edited = (world: World, edits: readonly Edit[]): World => ({
  ...world,
  accounts: world.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => edits.reduce((before, edit) => edit(before), cluster)),
  })),
})

export const withGroup =
  (name: string, change: Partial<WorldNodeGroup>): Edit =>
  (cluster) => ({
    ...cluster,
    nodeGroups: cluster.nodeGroups.map((group) => (group.name === name ? { ...group, ...change } : group)),
  })

export const withAddOn =
  (name: string, change: Partial<WorldCluster['addOns'][number]>): Edit =>
  (cluster) => ({
    ...cluster,
    addOns: cluster.addOns.map((addOn) => (addOn.name === name ? { ...addOn, ...change } : addOn)),
  })

export const withManifests =
  (...manifests: readonly KubeObject[]): Edit =>
  (cluster) => ({ ...cluster, manifests: [...cluster.manifests, ...manifests] })

/** A budget over pods with the label app. */
export const budget = (name: string, app: string, spec: object): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { matchLabels: { app } }, ...spec },
})

export const scene = (from: Moment, runbook: AnyRunbook<Target>, tap?: (label: string) => void): Promise<Scene> =>
  openScene(from, { runbook, cluster: 'small', ...(tap ? { tap } : {}) })

/** A request of somebody else to the Kubernetes of the small cluster. */
export const kubectl = async (
  { twin, target }: Scene,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> => {
  const token = (await target.kube.serverVersion()) && ''
  void token
  return twin.kubernetes(arn, {
    method,
    url: path,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    body: Buffer.from(body ? JSON.stringify(body) : ''),
  })
}

/** Effects that happened more than once though once is all they should. */
export const twice = ({ twin }: Scene): readonly string[] => countEffects(twin.calls).twice
