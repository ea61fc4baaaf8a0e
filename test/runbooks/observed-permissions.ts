import { resourcePath } from '../../lib/twin/kubernetes/api/request-path.ts'
import { verbOf } from '../../lib/twin/kubernetes/api/resource-requests.ts'
import type { TwinRequest } from '../../lib/twin/http.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { World } from '../../lib/twin/world.ts'
import { cases, type Case } from './cases.ts'
import { openScene, settledWorld } from './scene.ts'

/** What was called, sorted: IAM actions, and verbs with resources as RBAC names them (`patch deployments.apps`). */
export interface Called {
  readonly aws: readonly string[]
  readonly kubernetes: readonly string[]
}

export interface Permissions {
  /** To plan: reads only. */
  readonly plan: Called
  /** To plan, run and undo. */
  readonly run: Called
}

/** Plans, runs and undoes each runbook on the twin, with the options that call for more, and tells what was called. */
export const observePermissions = async (): Promise<{ readonly [runbook: string]: Permissions }> => {
  const observed: [string, Permissions][] = []
  for (const [id, one] of Object.entries(cases).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    observed.push([id, together(await observeAll([one, ...(variants[id]?.(one) ?? [])]))])
  return Object.fromEntries(observed)
}

const inputsOf = (one: Case, more: object): Case => ({ ...one, inputs: { ...one.inputs, ...more } })

/** Other ways through a runbook: with a cluster-autoscaler to pause, with the way back open, in place, with launch templates of one's own. */
const variants: { readonly [runbook: string]: (one: Case) => readonly Case[] } = {
  'upgrade-cluster': (one) => [
    { ...inputsOf(one, { keepBlue: true }), change: withAutoscaler },
    inputsOf(one, { swap: 'in-place' }),
    { ...one, change: withLaunchTemplates },
    {
      ...one,
      world: 'examples/worlds/photo-app.yaml',
      cluster: 'photo-staging',
      inputs: { cluster: 'photo-staging', to: '1.33' },
    },
  ],
  'swap-node-group': (one) => [
    { ...inputsOf(one, { keepBlue: true }), change: withAutoscaler },
    { ...one, change: withLaunchTemplates },
  ],
}

const autoscaler: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cluster-autoscaler', namespace: 'kube-system', labels: { app: 'cluster-autoscaler' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'cluster-autoscaler' } },
    template: {
      metadata: { labels: { app: 'cluster-autoscaler' } },
      spec: {
        containers: [
          {
            name: 'cluster-autoscaler',
            image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.32.0',
            command: ['./cluster-autoscaler', '--cloud-provider=aws'],
          },
        ],
      },
    },
  },
}

const withAutoscaler = (world: World): World => ({
  ...world,
  accounts: world.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => ({
      ...cluster,
      manifests: [...cluster.manifests, autoscaler],
    })),
  })),
})

const withLaunchTemplates = (world: World): World => ({
  ...world,
  accounts: world.accounts.map((account) => ({
    ...account,
    clusters: account.clusters.map((cluster) => ({
      ...cluster,
      nodeGroups: cluster.nodeGroups.map((group) => ({ ...group, launchTemplate: true })),
    })),
  })),
})

const observeAll = async (all: readonly Case[]): Promise<readonly Permissions[]> => {
  const permissions: Permissions[] = []
  for (const one of all) permissions.push(await observe(one))
  return permissions
}

const observe = async (one: Case): Promise<Permissions> => {
  const requests: TwinRequest[] = []
  const scene = await openScene(await settledWorld(one.world, one.change), {
    ...one,
    heard: (request) => void requests.push(request),
  })
  const called = (): Called => ({
    aws: sorted(
      scene.twin.calls
        .filter(({ service }) => service !== 'kubernetes')
        .map(({ service, operation }) => `${service}:${operation}`),
    ),
    kubernetes: sorted(requests.flatMap(verbAndResource)),
  })
  const planned = await scene.plan(one.inputs)
  const plan = called()
  const { state, run } = await scene.execute(planned)
  if (state !== 'done' || run === undefined) throw new Error(`The run on ${one.world} ended as ${state}`)
  await scene.undo(run)
  return { plan, run: called() }
}

/** `list pods` or `patch deployments.apps`; nothing for a request that is about no resource. */
export const verbAndResource = ({ method, url }: TwinRequest): readonly string[] => {
  const { pathname, searchParams } = new URL(url, 'https://twin')
  const path = resourcePath(pathname)
  if (!path || path.plural === '') return []
  const resource = [path.plural, ...(path.subresource === '' ? [] : [path.subresource])].join('/')
  return [
    `${verbOf(method, path, searchParams)} ${path.group === '' ? resource : `${resource}.${path.group}`}`,
  ]
}

const together = (all: readonly Permissions[]): Permissions => ({
  plan: union(all.map(({ plan }) => plan)),
  run: union(all.map(({ run }) => run)),
})

const union = (all: readonly Called[]): Called => ({
  aws: sorted(all.flatMap(({ aws }) => aws)),
  kubernetes: sorted(all.flatMap(({ kubernetes }) => kubernetes)),
})

const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].toSorted()
