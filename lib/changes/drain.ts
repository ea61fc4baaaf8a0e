import type { Target } from '../fleet/target.ts'
import type { KubePod } from '../kube/pod.ts'
import { podsByNodes, podsOn } from '../kube/pods-on.ts'
import type { KubeWorkload } from '../kube/workload.ts'
import { minutes } from '../runbook/duration.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Json } from '../runbook/json.ts'
import type { Act, Change, Look, Progress } from '../runbook/runbook.ts'
import { cordonAll, nodesOf } from './cordon.ts'
import { evictAll } from './evict-all.ts'
import { bound, headOf, isMovable, workloadsOf } from './pod-places.ts'

/**
 * The group's nodes carry no pod but those of DaemonSets, and every workload that was whole before is whole again.
 * All nodes are cordoned first; pods leave through the eviction API at the speed of their budgets, which are never
 * bypassed; pods that land there meanwhile are taken away in further rounds. https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
 */
export const nodesDrained = (group: string): Change<Target> => ({
  expectedSeconds: minutes(3),
  timeoutSeconds: minutes(120),
  reached: async (look) => {
    const left = await someMovable(look, group)
    if (left.length > 0) return stillThere(group, left)
    const broken = await notWhole(look)
    return broken.length === 0 ? 'reached' : { waitingFor: `${broken.join(', ')} to be Ready elsewhere` }
  },
  apply: async (act) => {
    await cordonAll(act, group)
    const pods = await movablePods(act, group)
    await rememberWhole(act, pods)
    await emptied(act, group, pods)
  },
})

/** How often pods are taken away that landed on the nodes meanwhile: bound right before the cordon, or in spite of it. */
const mostRounds = 3

/** Throws R010 when pods still come back after the rounds: waiting for them to leave would be in vain. */
const emptied = async (act: Act<Target>, group: string, first: readonly KubePod[]): Promise<void> => {
  const since = act.clock.now()
  let pods = first
  for (let round = 0; pods.length > 0; round += 1) {
    const back = pods.find(({ terminating }) => !terminating)
    if (round >= mostRounds && back) throw comesBack(group, back)
    await evictAll(act, { group, pods, since, deadlineSeconds: minutes(110) })
    await statefulPlaced(act, pods)
    pods = await movablePods(act, group)
  }
}

const comesBack = (group: string, { namespace, name, owner, toleratesCordon }: KubePod): RunbookError => {
  const from = owner ? `${owner.kind} ${owner.name}` : 'somebody'
  const how = toleratesCordon
    ? 'narrow its tolerations, or scale it down'
    : `see who sends it there: kubectl -n ${namespace} get pod ${name} -o yaml`
  return new RunbookError(
    'R010',
    `Cannot drain node group ${group}: after ${mostRounds} rounds ${from} has put pod ${namespace}/${name} on its cordoned nodes again`,
    { hint: `${how}, then: eks-runbook resume <run>` },
  )
}

/**
 * A StatefulSet makes a pod again only when the former is gone: until those of the evicted ones have a node, for 20
 * seconds at most. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
 */
const statefulPlaced = async (act: Act<Target>, evicted: readonly KubePod[]): Promise<void> => {
  const sets = new Set(evicted.flatMap(({ owner }) => (owner?.kind === 'StatefulSet' ? [owner.uid] : [])))
  if (sets.size === 0) return
  const { kube } = act.target
  const until = act.clock.now() + 20_000
  const wanted = (await kube.workloads('StatefulSet')).filter(({ uid }) => sets.has(uid))
  const over = new AbortController()
  const pods = kube.followPods({ ...bound, signal: AbortSignal.any([act.signal, over.signal]) })
  try {
    await pods.synced
    while (!arePlaced(wanted, pods.items()) && act.clock.now() < until) await act.clock.sleep(2, act.signal)
  } finally {
    over.abort(new Error('the pods have a place'))
  }
}

const arePlaced = (sets: readonly KubeWorkload[], pods: readonly KubePod[]): boolean => {
  const placed = Map.groupBy(
    pods.filter(({ terminating }) => !terminating),
    ({ owner }) => owner?.uid,
  )
  return sets.every(({ uid, replicas }) => (placed.get(uid)?.length ?? 0) >= replicas)
}

const stillThere = (group: string, left: readonly KubePod[]): Progress => {
  const names = left.slice(0, 3).map(({ namespace, name }) => `${namespace}/${name}`)
  const more = left.length > 3 ? ' and more' : ''
  return { waitingFor: `${names.join(', ')}${more} to leave ${group}` }
}

/** Pods on the group's nodes that a drain moves. */
export const movablePods = async ({ target }: Look<Target>, group: string): Promise<readonly KubePod[]> =>
  (await podsOn(target.kube, await nodeNames(target, group))).filter(isMovable)

/** Some of them, where there are any: the other nodes are then not looked at. */
const someMovable = async ({ target }: Look<Target>, group: string): Promise<readonly KubePod[]> => {
  for await (const pods of podsByNodes(target.kube, await nodeNames(target, group))) {
    const movable = pods.filter(isMovable)
    if (movable.length > 0) return movable
  }
  return []
}

const nodeNames = async (target: Target, group: string): Promise<readonly string[]> =>
  (await nodesOf(target, group)).map(({ name }) => name)

/** Writes down, once, which of the workloads to be moved have all their pods Ready. */
const rememberWhole = async (act: Act<Target>, pods: readonly KubePod[]): Promise<void> => {
  if (act.recall('whole') !== undefined) return
  const workloads = await workloadsOf(act.target)
  const heads = new Set(pods.flatMap((pod) => headOf(pod, workloads) ?? []))
  const whole = [...heads].filter(isWhole).map(({ uid }) => uid)
  await act.note('whole', whole.toSorted())
}

const isWhole = ({ readyReplicas, replicas }: KubeWorkload) => readyReplicas >= replicas

const notWhole = async ({ target, recall }: Look<Target>): Promise<readonly string[]> => {
  const remembered: Json | undefined = recall('whole')
  if (!Array.isArray(remembered) || remembered.length === 0) return []
  const workloads = await workloadsOf(target)
  return remembered.flatMap((uid: Json) => {
    const workload = typeof uid === 'string' ? workloads.get(uid) : undefined
    return workload && !isWhole(workload) ? `${workload.namespace}/${workload.name}` : []
  })
}
