import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { Target } from '../../lib/fleet/target.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { World, WorldCluster, WorldNodeGroup } from '../../lib/twin/world.ts'
import { countEffects } from '../../lib/cli/demo/effects.ts'
import { eksToken } from '../../lib/aws/eks-token.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { inProcessSettings } from '../../lib/twin/in-process.ts'
import { openScene, settledWorld, type Moment, type Scene } from './scene.ts'

const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/small'

/** Edits the cluster of the small world before it settles. */
export type Edit = (cluster: WorldCluster) => WorldCluster

/** The small world, settled, with its cluster edited. */
export const small = (...edits: readonly Edit[]): Promise<Moment> =>
  settledWorld('examples/worlds/small.yaml', (world) => editedSmall(world, edits))

/** A world with all of its clusters edited. */
export const editedSmall = (world: World, edits: readonly Edit[]): World => ({
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

export const scene = (
  from: Moment,
  runbook: AnyRunbook<Target>,
  tap?: (label: string) => void,
): Promise<Scene> => openScene(from, { runbook, cluster: 'small', ...(tap ? { tap } : {}) })

/** Lets somebody else call the Kubernetes of the small cluster; a refusal is an error. */
export const outsider = async ({ twin, time }: Scene) => {
  const credentials = twin.credentials['staging']
  const token = await eksToken(
    {
      region: 'eu-west-1',
      clock: time.clock,
      random: seededRandom(5),
      sdk: inProcessSettings((request) => twin.aws(request)),
      ...(credentials ? { credentials } : {}),
    },
    'small',
  )()
  return async (method: string, path: string, body?: object): Promise<void> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answer = await twin.kubernetes(arn, {
      method,
      url: path,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: Buffer.from(body ? JSON.stringify(body) : ''),
    })
    if (answer === 'cut' || answer.status >= 300)
      throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  }
}

/** Objects of a kind in the small cluster as they are now. */
export const objects = ({ moment }: Scene, resource: string): readonly KubeObject[] => [
  ...(moment().twin.kubernetes.get(arn)?.storage.objects.get(resource)?.values() ?? []),
]

/** Effects that happened more than once though once is all they should. */
export const twice = ({ twin }: Scene): readonly string[] => countEffects(twin.calls).twice

/** The lowest number of pods that were Ready and not terminating at once, by app, since all were. */
export const lowestReady = ({ moment }: Scene): { readonly [app: string]: number } => {
  const wanted = new Map([
    ['cart', 4],
    ['orders', 2],
  ])
  const history = moment().twin.kubernetes.get(arn)?.storage.history ?? []
  const ready = new Map([...wanted.keys()].map((app) => [app, new Set<string>()]))
  const lowest = new Map<string, number>()
  for (const { resource, type, object } of history) {
    const app = object.metadata.labels?.['app'] ?? ''
    const names = ready.get(app)
    if (resource !== 'pods' || !names) continue
    if (type !== 'DELETED' && isReady(object)) names.add(object.metadata.uid ?? '')
    else names.delete(object.metadata.uid ?? '')
    if (lowest.has(app) || names.size === wanted.get(app))
      lowest.set(app, Math.min(lowest.get(app) ?? names.size, names.size))
  }
  return Object.fromEntries(lowest)
}

const isReady = ({ metadata, status }: KubeObject): boolean => {
  const conditions: unknown =
    typeof status === 'object' && status !== null ? Reflect.get(status, 'conditions') : []
  const list: readonly unknown[] = Array.isArray(conditions) ? conditions : []
  return (
    metadata.deletionTimestamp === undefined &&
    list.some(
      (each) =>
        JSON.stringify(each).includes('"type":"Ready"') && JSON.stringify(each).includes('"status":"True"'),
    )
  )
}

/** A cluster-autoscaler as people install it, for `withManifests`. */
export const clusterAutoscaler: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cluster-autoscaler', namespace: 'kube-system' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'cluster-autoscaler' } },
    template: {
      metadata: { labels: { app: 'cluster-autoscaler' } },
      spec: { containers: [{ name: 'c', image: 'registry.example.com/cluster-autoscaler:1.32.0' }] },
    },
  },
}
