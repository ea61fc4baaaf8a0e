import type { Target } from '../fleet/target.ts'
import type { KubeNode } from '../kube/node.ts'
import type { KubePod } from '../kube/pod.ts'
import { podsOn } from '../kube/pods-on.ts'
import { sumOf, type Resources } from '../kube/quantity.ts'
import { minutes } from '../runbook/duration.ts'
import type { Change, Look } from '../runbook/runbook.ts'
import { nodesOf } from './cordon.ts'
import { isMovable } from './pod-places.ts'
import type { GroupMove } from './node-group.ts'

/**
 * Green can take what blue carries: its nodes are Ready and of the wanted minor, the DaemonSets run on each, and in
 * every zone there is room for the pods of blue that hold volumes there, and in all for the rest.
 */
export const greenProven = (move: GroupMove): Change<Target> => ({
  expectedSeconds: minutes(2),
  timeoutSeconds: minutes(30),
  reached: async (look) => {
    const problem = await firstProblem(look, move)
    return problem === undefined ? 'reached' : { waitingFor: problem }
  },
  apply: async () => {},
})

/**
 * Blue can take back what green carries by now: it has Ready nodes that take pods, and room on them, zone by zone for
 * pods that hold volumes.
 */
export const blueTakesBack = ({ name, green }: GroupMove): Change<Target> => ({
  expectedSeconds: 0,
  timeoutSeconds: minutes(15),
  reached: async ({ target }) => {
    const [to, from] = await Promise.all([nodesOf(target, name), nodesOf(target, green)])
    const pods = await podsOf(target, [...to, ...from])
    if (movingFrom(from, pods).length === 0) return 'reached'
    const open = to.filter((node) => node.ready && !node.cordoned)
    const problem =
      open.length === 0
        ? `a Ready node of ${name}, which is to take pods back`
        : roomProblem({ to: open, from, pods, name })
    return problem === undefined ? 'reached' : { waitingFor: problem }
  },
  apply: async () => {},
})

const podsOf = ({ kube }: Target, nodes: readonly KubeNode[]): Promise<readonly KubePod[]> =>
  podsOn(
    kube,
    nodes.map(({ name }) => name),
  )

const firstProblem = async ({ target }: Look<Target>, move: GroupMove): Promise<string | undefined> => {
  const group = await target.eks.describeNodeGroup(target.cluster, move.green)
  const [green, blue] = await Promise.all([nodesOf(target, move.green), nodesOf(target, move.name)])
  const ready = green.filter((node) => node.ready && !node.cordoned)
  if (ready.length < (group?.desiredSize ?? 1))
    return `${ready.length} of ${group?.desiredSize ?? 1} nodes of ${move.green} to be Ready`
  const wrong = ready.find(({ kubeletVersion }) => !kubeletVersion.startsWith(`v${move.version}.`))
  if (wrong) return `kubelet ${move.version} on ${wrong.name}, which has ${wrong.kubeletVersion}`
  const pods = await podsOf(target, [...ready, ...blue])
  return daemonProblem(ready, pods) ?? roomProblem({ to: ready, from: blue, pods, name: move.green })
}

const daemonProblem = (ready: readonly KubeNode[], pods: readonly KubePod[]): string | undefined => {
  for (const { name } of ready) {
    const daemons = pods.filter(({ node, owner }) => node === name && owner?.kind === 'DaemonSet')
    if (daemons.length === 0) return `a DaemonSet pod on ${name}`
    const late = daemons.find((pod) => !pod.ready)
    if (late) return `DaemonSet pod ${late.namespace}/${late.name} on ${name} to be Ready`
  }
  return undefined
}

interface Room {
  readonly to: readonly KubeNode[]
  readonly from: readonly KubeNode[]
  readonly pods: readonly KubePod[]
  /** Group that the pods go to. */
  readonly name: string
}

const roomProblem = ({ to, from, pods, name }: Room): string | undefined => {
  const moving = movingFrom(from, pods)
  const total = shortage(to, moving, pods)
  if (total) return `room on ${name} for all that has to move: ${total}`
  const zoneOf = new Map(from.map((node) => [node.name, node.zone ?? '']))
  for (const zone of [...new Set(zoneOf.values())].toSorted()) {
    const bound = moving.filter(({ node, claims }) => claims.length > 0 && zoneOf.get(node ?? '') === zone)
    const here = to.filter((node) => node.zone === zone)
    const lack = bound.length === 0 ? undefined : shortage(here, bound, pods)
    if (lack) return `room on ${name} in ${zone} for pods with volumes there: ${lack}`
  }
  return undefined
}

const movingFrom = (from: readonly KubeNode[], pods: readonly KubePod[]): readonly KubePod[] => {
  const names = new Set(from.map(({ name }) => name))
  return pods.filter((pod) => names.has(pod.node ?? '') && isMovable(pod) && !pod.terminating)
}

const shortage = (
  nodes: readonly KubeNode[],
  moving: readonly KubePod[],
  pods: readonly KubePod[],
): string | undefined => {
  const names = new Set(nodes.map(({ name }) => name))
  const used = total(pods.filter(({ node }) => names.has(node ?? '')))
  const all = nodes.map(({ allocatable }) => allocatable).reduce<Resources>(sumOf, { cpu: 0, memory: 0 })
  const need = total(moving)
  if (need.cpu > all.cpu - used.cpu)
    return `needs ${need.cpu.toFixed(1)} CPU, has ${(all.cpu - used.cpu).toFixed(1)}`
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1)
  if (need.memory > all.memory - used.memory)
    return `needs ${gib(need.memory)} GiB, has ${gib(all.memory - used.memory)}`
  return undefined
}

const total = (pods: readonly KubePod[]): Resources =>
  pods.map(({ requests }) => requests).reduce<Resources>(sumOf, { cpu: 0, memory: 0 })
