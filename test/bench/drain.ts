import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import { nodesDrained } from '../../lib/changes/drain.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import type { Json } from '../../lib/runbook/json.ts'
import type { Act } from '../../lib/runbook/runbook.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import { openScene, type Scene } from '../runbooks/scene.ts'
import { budget, small, withGroup, withManifests } from '../runbooks/small-world.ts'
import type { Figure } from './figure.ts'

/** Apps with a budget each, all of their pods on the group that is drained. Times in seconds. */
export interface DrainCase {
  readonly apps: number
  readonly replicas: number
  readonly maxUnavailable: number
  readonly ready: number
  readonly stop: number
}

/** What a drain came to on the emulated Kubernetes, in virtual time. */
export interface Drained {
  readonly pods: number
  readonly seconds: number
  /** (waves - 1) times the time a pod needs to be Ready, and the time the last ones need to stop: no drain is faster. */
  readonly boundSeconds: number
  /** Every request to the API server, those for cordons, lists and watches too. */
  readonly requests: number
  /** Evictions that a budget did not allow. */
  readonly refused: number
}

const name = (index: number) => `app-${index}`

const deployment = (app: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: 'shop' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        terminationGracePeriodSeconds: 60,
        containers: [
          { name: 'c', image: 'registry.example.com/app:1', resources: { requests: { cpu: '20m' } } },
        ],
      },
    },
  },
})

/** Drains node group web, which alone carries the apps; node group data is there to take them. */
export const drained = async (one: DrainCase): Promise<Drained> => {
  const names = Array.from({ length: one.apps }, (_, index) => name(index))
  const size = { minSize: 1, maxSize: 12, desiredSize: 8 }
  const world = await small(
    withManifests(...names.map(deployment)),
    withManifests(...names.map((app) => budget(app, app, { maxUnavailable: one.maxUnavailable }))),
    (cluster) => ({
      ...cluster,
      manifests: cluster.manifests.filter(
        ({ metadata }) => !['cart', 'search', 'orders'].includes(metadata.name),
      ),
      workloads: { '*': { pull: 0, ready: one.ready, stop: one.stop } },
    }),
    withGroup('web', size),
    withGroup('data', size),
  )
  let requests = 0
  const here = await openScene(world, {
    runbook: swapNodeGroup,
    cluster: 'small',
    heard: () => void (requests += 1),
  })
  await fillWeb(here, names, one.replicas)
  const [calls, before] = [here.twin.calls.length, here.time.clock.now()]
  requests = 0
  await here.time.run(nodesDrained('web').apply(actOn(here)))
  const evictions = here.twin.calls.slice(calls).filter(({ operation }) => operation === 'CreateEviction')
  const waves = Math.ceil(one.replicas / one.maxUnavailable)
  return {
    pods: evictions.filter(({ error }) => error === null).length,
    seconds: (here.time.clock.now() - before) / 1000,
    boundSeconds: (waves - 1) * one.ready + one.stop,
    requests,
    refused: evictions.filter(({ error }) => error !== null).length,
  }
}

/** The apps get their pods while nothing else takes any. */
const fillWeb = async (
  { target, time }: Scene,
  names: readonly string[],
  replicas: number,
): Promise<void> => {
  const others = await time.run(target.kube.nodes({ labelSelector: 'eks.amazonaws.com/nodegroup=data' }))
  for (const node of others) await time.run(target.kube.cordon(node))
  for (const app of names)
    await time.run(target.kube.scale({ kind: 'Deployment', namespace: 'shop', name: app }, replicas))
  await time.pass(120)
  for (const node of others) await time.run(target.kube.uncordon(node))
}

/** An Act without a journal: what a drain costs is asked, not what writing it down costs. */
const actOn = ({ target, time }: Scene): Act<Target> => {
  const notes = new Map<string, Json>()
  return {
    target,
    clock: time.clock,
    random: seededRandom(1),
    signal: new AbortController().signal,
    recall: (key) => notes.get(key),
    recallOf: () => undefined,
    pausedAt: () => undefined,
    outside: (_waitingFor, work) => work(),
    note: async (key, value) => void notes.set(key, value),
    act: (_action, call) => call('token'),
    pause: (_pause, _action, call) => call('token'),
    leavePaused: async () => {},
    restorePaused: async () => {},
    conclude: async () => {},
    progress: () => {},
  }
}

/** Ten apps of fifteen pods, five at a time; Ready after ten seconds, gone after five. */
export const usualDrain: DrainCase = { apps: 10, replicas: 15, maxUnavailable: 5, ready: 10, stop: 5 }

export const drainFigures = async (): Promise<readonly Figure[]> => {
  const { pods, seconds, boundSeconds, requests, refused } = await drained(usualDrain)
  const what = `drain of ${pods} pods under budgets`
  return [
    {
      what: `${what}, against the fastest there is`,
      value: seconds / boundSeconds,
      unit: 'times',
      samples: 1,
      goal: { at: 'most', value: 1.2 },
    },
    {
      what: `${what}, requests`,
      value: requests / pods,
      unit: 'a pod',
      samples: 1,
      goal: { at: 'most', value: 1.3 },
    },
    {
      what: `${what}, evictions refused`,
      value: refused,
      unit: '',
      samples: 1,
      goal: { at: 'most', value: 0 },
    },
  ]
}
