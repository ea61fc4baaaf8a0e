import { expect, test } from 'vitest'
import {
  arrange,
  choose,
  newLanes,
  stirPod,
  takeBudget,
  takePod,
  takeWorkloads,
  type Lanes,
} from '../../lib/changes/eviction-lanes.ts'
import { evictable, keyOf } from '../../lib/changes/eviction-pace.ts'
import { budgetFrom, type KubeBudget } from '../../lib/kube/budget.ts'
import { podFrom, type KubePod } from '../../lib/kube/pod.ts'
import { workloadFrom } from '../../lib/kube/workload.ts'
import { seededRandom, type Random } from '../../lib/runbook/random.ts'

const apps = ['cart', 'till', 'shelf', 'door'] as const
type App = (typeof apps)[number]

const podOf = (app: App, index: number): KubePod =>
  podFrom({
    metadata: {
      name: `${app}-${index}`,
      namespace: 'shop',
      uid: `${app}-${index}`,
      labels: { app, half: index % 2 === 0 ? 'even' : 'odd' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: app, uid: `rs-${app}`, controller: true },
      ],
    },
    spec: { nodeName: 'blue', containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  })

const budgetOf = (name: string, matchLabels: { [key: string]: string }, allowed: number): KubeBudget =>
  budgetFrom({
    metadata: { name, namespace: 'shop', uid: name, generation: 1 },
    spec: { selector: { matchLabels } },
    status: {
      disruptionsAllowed: allowed,
      observedGeneration: 1,
      currentHealthy: 7,
      desiredHealthy: 6,
      expectedPods: 8,
    },
  })

const workloads = new Map(
  apps
    .flatMap((app) => [
      workloadFrom('Deployment', {
        metadata: { name: app, namespace: 'shop', uid: `deploy-${app}` },
        spec: { replicas: 8, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } } },
      }),
      workloadFrom('ReplicaSet', {
        metadata: {
          name: app,
          namespace: 'shop',
          uid: `rs-${app}`,
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'Deployment', name: app, uid: `deploy-${app}`, controller: true },
          ],
        },
        spec: { replicas: 8 },
      }),
    ])
    .map((each) => [each.uid, each]),
)

interface World {
  readonly pods: Map<string, KubePod>
  readonly budgets: Map<string, KubeBudget>
  readonly sent: Set<string>
  readonly resting: Set<string>
  readonly uncounted: Map<string, Set<string>>
  readonly lanes: Lanes
}

const begin = (): World => {
  const all = apps.flatMap((app) => Array.from({ length: 8 }, (_, index) => podOf(app, index)))
  const pods = new Map(all.map((pod) => [pod.uid, pod]))
  const budgets = new Map([
    ['cart', budgetOf('cart', { app: 'cart' }, 2)],
    ['till', budgetOf('till', { app: 'till', half: 'even' }, 1)],
  ])
  const seen = <T>(known: Map<string, T>) => ({
    items: () => [...known.values()],
    find: (uid: string) => known.get(uid),
  })
  // The list leaves two of each app out: they stand on other nodes.
  const listed = all.filter(({ name }) => !/-[67]$/.test(name))
  const lanes = newLanes(listed, { pods: seen(pods), budgets: seen(budgets) })
  takePod(lanes, undefined)
  takeWorkloads(lanes, workloads)
  return { pods, budgets, sent: new Set(), resting: new Set(), uncounted: new Map(), lanes }
}

const one = <T>(random: Random, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new Error('there is nothing to choose from')
  return found
}

const putPod = ({ pods, lanes }: World, pod: KubePod) => {
  pods.set(pod.uid, pod)
  takePod(lanes, pod.uid)
}

const putBudget = ({ budgets, uncounted, lanes }: World, budget: KubeBudget) => {
  budgets.set(budget.uid, budget)
  uncounted.delete(keyOf(budget))
  takeBudget(lanes, budget.uid)
}

type Happening = (world: World, random: Random) => void

const happenings: { readonly [name: string]: Happening } = {
  'a pod stops being Ready, or is again': (world, random) => {
    const pod = one(random, [...world.pods.values()])
    putPod(world, { ...pod, ready: !pod.ready })
  },
  'a pod ends': (world, random) =>
    putPod(world, { ...one(random, [...world.pods.values()]), phase: 'Succeeded' }),
  'a pod is being deleted': (world, random) =>
    putPod(world, { ...one(random, [...world.pods.values()]), terminating: true }),
  'a pod is gone and another one comes elsewhere': (world, random) => {
    const { uid, ...pod } = one(random, [...world.pods.values()])
    world.pods.delete(uid)
    takePod(world.lanes, uid)
    putPod(world, { ...pod, uid: `${uid}-again`, ready: true, phase: 'Running', terminating: false })
  },
  'a pod gets other labels': (world, random) => {
    const pod = one(random, [...world.pods.values()])
    putPod(world, { ...pod, labels: { ...pod.labels, half: one(random, ['even', 'odd']) } })
  },
  'a budget counts anew': (world, random) => {
    const budget = one(random, [...world.budgets.values()])
    putBudget(world, { ...budget, disruptionsAllowed: Math.floor(random() * 4) })
  },
  'a budget is kept no more': (world, random) =>
    putBudget(world, { ...one(random, [...world.budgets.values()]), currentHealthy: 5 }),
  'a budget selects others': (world, random) =>
    putBudget(world, budgetOf('till', { app: one(random, [...apps]) }, 1)),
  'a budget is made': (world) => putBudget(world, budgetOf('door', { app: 'door', half: 'odd' }, 1)),
  'a budget goes': (world) => {
    world.budgets.delete('door')
    takeBudget(world.lanes, 'door')
  },
  'an eviction is refused': (world, random) => {
    if (world.sent.size === 0) return
    const uid = one(random, [...world.sent])
    world.sent.delete(uid)
    world.resting.add(uid)
    const { name } = world.pods.get(uid) ?? { name: '' }
    for (const names of world.uncounted.values()) names.delete(name)
    stirPod(world.lanes, uid)
    for (const budget of world.budgets.keys()) takeBudget(world.lanes, budget)
  },
  'a refused pod has rested': (world) => {
    for (const uid of world.resting) {
      world.resting.delete(uid)
      stirPod(world.lanes, uid)
    }
  },
  'all is listed anew': ({ lanes }) => {
    takePod(lanes, undefined)
    takeBudget(lanes, undefined)
  },
}

/** As the drain does: what is chosen is sent, and counted until its budget does. */
const send = ({ sent, uncounted, budgets }: World, chosen: readonly KubePod[]) => {
  for (const { uid, name, labels, ready } of chosen) {
    sent.add(uid)
    const over = [...budgets.values()].find(({ selector }) =>
      Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value),
    )
    if (!over || !ready) continue
    uncounted.set(keyOf(over), (uncounted.get(keyOf(over)) ?? new Set()).add(name))
  }
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

test.each(seeds)('lanes choose what a look at everything would, whatever happens (seed %i)', (seed) => {
  const random = seededRandom(seed)
  const world = begin()
  const { lanes, sent, resting, uncounted } = world
  for (let turn = 0; turn < 120; turn += 1) {
    const [what, happens] = one(random, Object.entries(happenings))
    happens(world, random)
    arrange(lanes)
    const left = lanes.listed.flatMap(({ uid }) => world.pods.get(uid) ?? [])
    expect([...lanes.left.values()], what).toEqual(left)
    const scene = { pods: [...world.pods.values()], budgets: [...world.budgets.values()], workloads }
    const waiting = left.filter(({ uid }) => !resting.has(uid))
    const free = one(random, [0, 1, 3, 24])
    const expected = evictable(scene, waiting, { uncounted, uids: sent }).slice(0, free)
    const chosen = choose(lanes, { sent: { uncounted, uids: sent }, rests: (uid) => resting.has(uid), free })
    expect(
      chosen.map(({ uid }) => uid),
      `${what}, turn ${turn}`,
    ).toEqual(expected.map(({ uid }) => uid))
    send(world, chosen)
  }
})

test('what concerns no pod of the list stirs nothing', () => {
  const { lanes, pods, uncounted } = begin()
  arrange(lanes)
  choose(lanes, { sent: { uncounted, uids: new Set(pods.keys()) }, rests: () => false, free: 24 })
  const stranger = { ...podOf('cart', 6), uid: 'stranger', owner: undefined }
  pods.set('stranger', stranger)
  expect(takePod(lanes, 'stranger')).toBe(false)
  expect(takePod(lanes, 'cart-0')).toBe(true)
})

test('a refused pod under a budget gives room to those of its workload that have none', () => {
  const { lanes, pods, uncounted } = begin()
  arrange(lanes)
  const sent = new Set(
    [...pods.keys()].filter((uid) => !/^till-[4-7]$/.test(uid)).filter((uid) => uid !== 'till-2'),
  )
  const chosen = () =>
    choose(lanes, { sent: { uncounted, uids: sent }, rests: (uid) => /[024]$/.test(uid), free: 24 })
  expect(chosen()).toEqual([])
  sent.delete('till-0')
  stirPod(lanes, 'till-0')
  expect(chosen().map(({ uid }) => uid)).toEqual(['till-5'])
})
