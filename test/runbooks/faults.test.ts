import { beforeAll, describe, expect, test } from 'vitest'
import swapNodeGroup from '../../runbooks/swap-node-group.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import type { Plan } from '../../lib/runbook/plan.ts'
import type { Fault } from '../../lib/twin/faults.ts'
import type { KubeObject } from '../../lib/twin/kubernetes/cluster-twin.ts'
import type { Moment, Scene } from './scene.ts'
import { lowestReady, objects, outsider, scene, small, twice, withManifests } from './small-world.ts'
import { stateOf } from './state.ts'

const webhook: KubeObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'policy' },
  webhooks: [
    {
      name: 'policy.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      clientConfig: { url: 'https://policy.example.com/' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
}

let world: Moment
const plans = new Map<object, Plan>()
beforeAll(async () => {
  world = await small(withManifests(webhook))
  for (const of of [upgrade, inPlace, swap])
    plans.set(of, await (await scene(world, of.runbook)).plan(of.inputs))
})

const upgrade = { runbook: upgradeCluster, inputs: { cluster: 'small', to: '1.33', soak: 0 } }
const inPlace = { runbook: upgradeCluster, inputs: { ...upgrade.inputs, swap: 'in-place' } }
const swap = {
  runbook: swapNodeGroup,
  inputs: { cluster: 'small', nodeGroup: 'web', amiType: 'AL2023_x86_64_STANDARD', soak: 0 },
}

interface Row {
  readonly fault: Fault
  readonly of: typeof upgrade | typeof inPlace | typeof swap
  /** R code and exit code of the run under the fault; left out: it is done all the same. */
  readonly ends?: readonly [code: string, exit: number]
  /** What has to happen once more, since the first time came to nothing. */
  readonly again?: string
  /** The fault begins with the first eviction. */
  readonly since?: 'eviction'
  /** Nobody can give back what is paused: resume does, at the end. */
  readonly staysPaused?: boolean
  /** What somebody has to mend besides the fault's own end. */
  readonly mend?: (here: Scene) => Promise<Moment>
}

/** AWS Support gives the update up. */
const endUpdate = async ({ moment }: Scene): Promise<Moment> => {
  const now = moment()
  for (const { clusters } of now.twin.aws.regions.values())
    for (const state of clusters.values()) {
      state.cluster = { ...state.cluster, status: 'ACTIVE' }
      for (const entry of state.updates) entry.update = { ...entry.update, status: 'Failed' }
    }
  return now
}

const takeFinalizersOff = async (here: Scene): Promise<Moment> => {
  const call = await outsider(here)
  for (const { metadata } of objects(here, 'pods'))
    if (metadata.finalizers !== undefined && metadata.finalizers.length > 0)
      await call('PATCH', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`, {
        metadata: { finalizers: null },
      })
  return here.moment()
}

const eks = (operation: string) => ({ service: 'eks', operation })
const eviction = { service: 'kubernetes', operation: 'CreateEviction' }

const rows: readonly Row[] = [
  { fault: { kind: 'throttle', match: { service: 'eks' }, times: 4 }, of: upgrade },
  { fault: { kind: 'throttle', match: eviction, times: 4 }, of: swap },
  { fault: { kind: 'server-error-before', match: eks('UpdateClusterVersion') }, of: upgrade },
  {
    fault: { kind: 'server-error-before', match: eks('CreateNodegroup'), times: -1 },
    of: swap,
    ends: ['R024', 4],
  },
  { fault: { kind: 'server-error-before', match: eviction, times: -1 }, of: swap, ends: ['R024', 4] },
  { fault: { kind: 'server-error-after', match: eks('UpdateClusterVersion') }, of: upgrade },
  { fault: { kind: 'server-error-after', match: eks('UpdateAddon') }, of: upgrade },
  { fault: { kind: 'server-error-after', match: eks('CreateNodegroup') }, of: swap },
  { fault: { kind: 'server-error-after', match: eks('DeleteNodegroup') }, of: swap },
  { fault: { kind: 'server-error-after', match: eviction, times: 2 }, of: swap },
  { fault: { kind: 'lost-answer', match: eks('UpdateClusterVersion') }, of: upgrade },
  { fault: { kind: 'lost-answer', match: eks('UpdateNodegroupVersion') }, of: inPlace },
  {
    fault: { kind: 'lost-answer', match: { service: 'autoscaling', operation: 'SuspendProcesses' } },
    of: swap,
  },
  { fault: { kind: 'lost-answer', match: eviction, times: 2 }, of: swap },
  {
    fault: { kind: 'expired-credentials', match: { service: 'eks' }, times: -1, skip: 40 },
    of: upgrade,
    ends: ['R030', 5],
  },
  {
    fault: { kind: 'expired-credentials', match: eviction, times: -1, skip: 1 },
    of: swap,
    ends: ['R030', 5],
  },
  {
    fault: { kind: 'update-fails', match: eks('UpdateClusterVersion') },
    of: upgrade,
    ends: ['R022', 4],
    again: 'UpdateClusterVersion',
  },
  {
    fault: { kind: 'update-fails', match: eks('UpdateAddon') },
    of: upgrade,
    ends: ['R022', 4],
    again: 'UpdateAddon',
  },
  {
    fault: { kind: 'update-fails', match: eks('UpdateNodegroupVersion') },
    of: inPlace,
    ends: ['R022', 4],
    again: 'UpdateNodegroupVersion',
  },
  {
    fault: { kind: 'update-hangs', match: eks('UpdateClusterVersion') },
    of: upgrade,
    ends: ['R021', 4],
    again: 'UpdateClusterVersion',
    mend: endUpdate,
  },
  {
    fault: { kind: 'expired-credentials', times: -1 },
    of: swap,
    ends: ['R030', 5],
    since: 'eviction',
    staysPaused: true,
  },
  { fault: { kind: 'node-never-ready', times: -1 }, of: swap, ends: ['R022', 4], again: 'Nodegroup' },
  { fault: { kind: 'capacity-error', times: -1 }, of: swap, ends: ['R022', 4], again: 'Nodegroup' },
  {
    fault: { kind: 'budget-never-allows', match: { object: 'cart' }, times: -1 },
    of: swap,
    ends: ['R010', 3],
  },
  {
    fault: { kind: 'budget-never-allows', match: { object: 'cart' }, times: -1 },
    of: swap,
    ends: ['R021', 4],
    since: 'eviction',
  },
  {
    fault: { kind: 'stuck-finalizer', match: { object: 'cart' } },
    of: swap,
    ends: ['R021', 4],
    mend: takeFinalizersOff,
  },
  { fault: { kind: 'watch-cut', times: -1, seconds: 1 }, of: swap },
  { fault: { kind: 'gone', times: 4 }, of: swap },
  { fault: { kind: 'slow-pull', times: -1, seconds: 240 }, of: swap },
  { fault: { kind: 'webhook-fails', times: -1 }, of: swap, ends: ['R021', 4], since: 'eviction' },
]

const nameOf = ({ fault, of, since }: Row) =>
  `${fault.kind} ${fault.match?.operation ?? fault.match?.object ?? ''} ${fault.times ?? 1}${since ?? ''} in ${of.runbook.id}`

const begin = async ({ fault, of, since }: Row): Promise<Scene> => {
  let waiting = since !== undefined
  const here = await scene(world, of.runbook, (label) => {
    if (waiting && /^after .*\/eviction/.test(label)) {
      waiting = false
      here.twin.addFault(fault)
    }
  })
  return here
}

const pausedIn = ({ suspended, kubernetes }: ReturnType<typeof stateOf>): boolean =>
  suspended.length > 0 || kubernetes.some(({ nodes }) => nodes.some((node) => node.endsWith('cordoned')))

describe.each(rows.map((row) => ({ row, name: nameOf(row) })))('$name', ({ row }) => {
  test('ends as the table says, leaves nothing paused, and goes on to the end with each effect once', async () => {
    const { ends, fault, of, again, mend } = row
    const here = await begin(row)
    const plan = plans.get(of)
    if (!plan) throw new Error('there is no plan')
    if (!row.since) here.twin.addFault(fault)
    const outcome = await here.execute(plan)
    expect([outcome.error?.code, outcome.exit]).toEqual(ends ?? [undefined, 0])
    expect(here.twin.faults().map(({ struck }) => struck > 0)).toEqual([true])
    here.twin.clearFaults()
    const open = stateOf(here.moment().twin)
    const now = await scene(await (mend ?? ((left) => Promise.resolve(left.moment())))(here), of.runbook)
    await now.time.pass(30)
    if (ends) {
      expect(pausedIn(open)).toBe(row.staysPaused === true)
      expect(await now.resume(outcome.run)).toMatchObject({ state: 'done', exit: 0 })
    }
    expect(pausedIn(stateOf(now.moment().twin))).toBe(false)
    expect(twice(now).filter((what) => again === undefined || !what.includes(again))).toEqual([])
    const { cart, orders } = lowestReady(now)
    expect(cart).toBe(3)
    if (of === upgrade) expect(orders).toBe(1)
  })
})
