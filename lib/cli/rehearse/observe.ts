import type { Instance } from '@aws-sdk/client-ec2'
import type { NodeFigures } from '../../evidence/rehearsal-result.ts'
import { isEnding } from '../../twin/aws/ec2/instances.ts'
import { at, numberAt, textAt } from '../../twin/kubernetes/api/reading.ts'
import { selectorMatches } from '../../twin/kubernetes/api/selectors.ts'
import type { KubeObject } from '../../twin/kubernetes/cluster-twin.ts'
import type { EmulatedState } from '../../twin/kubernetes/emulated-cluster.ts'
import type { Stage } from './stage.ts'

/** How often the world is looked at, in seconds of the cluster. */
const everySeconds = 5

/** A world in which nothing ends any more is not looked at for ever. */
const mostLooks = 500_000

/** What was seen over time besides the run itself. */
export interface Observer {
  readonly nodes: () => NodeFigures
  /** Seconds in which a budget allowed nothing while a pod under it had to leave, by `namespace/name`. */
  readonly bindingSeconds: () => ReadonlyMap<string, number>
  /** How many nodes were launched. */
  readonly launches: () => number
}

/** Looks at nodes and budgets of the stage's cluster every five virtual seconds, until the signal. */
export const observe = (stage: Stage, signal: AbortSignal): Observer => {
  const nodes = countedNodes(stage)
  const binding = new Map<string, number>()
  const look = () => {
    nodes.look()
    const kubernetes = stage.snapshot.kubernetes.get(stage.target.arn)
    for (const budget of kubernetes ? bindingBudgets(kubernetes) : [])
      binding.set(budget, (binding.get(budget) ?? 0) + everySeconds)
  }
  void lookAgainAndAgain(stage, { look, signal })
  return {
    nodes: nodes.figures,
    launches: nodes.launches,
    bindingSeconds: () => binding,
  }
}

const lookAgainAndAgain = async (
  { time }: Stage,
  { look, signal }: { readonly look: () => void; readonly signal: AbortSignal },
): Promise<void> => {
  for (let looks = 0; looks < mostLooks && !signal.aborted; looks += 1) {
    await time.clock.sleep(everySeconds, signal).catch(() => undefined)
    if (!signal.aborted) look()
  }
}

const countedNodes = ({ snapshot, target }: Stage) => {
  const region = snapshot.aws.regions.get(`${target.account}/${target.region}`)
  const ids = () =>
    [...(region?.instances.values() ?? [])].flatMap((instance) =>
      !isEnding(instance) && isOf(instance, target.cluster) ? (instance.InstanceId ?? []) : [],
    )
  const first = new Set(ids())
  const seen = new Set(first)
  let [peak, nodeSeconds] = [0, 0]
  return {
    look: () => {
      const now = ids()
      for (const id of now) seen.add(id)
      const extra = Math.max(0, now.length - first.size)
      peak = Math.max(peak, extra)
      nodeSeconds += extra * everySeconds
    },
    launches: () => seen.size - first.size,
    figures: (): NodeFigures => ({
      peakExtra: peak,
      extraInstanceHours: Math.round((nodeSeconds / 3600) * 100) / 100,
    }),
  }
}

const isOf = ({ Tags = [] }: Instance, cluster: string): boolean =>
  Tags.some(({ Key, Value }) => Key === 'eks:cluster-name' && Value === cluster)

/** Budgets that allow nothing while a pod under them is on a node that takes no more pods. */
const bindingBudgets = ({ storage }: EmulatedState): readonly string[] => {
  const closed = allOf(storage, 'poddisruptionbudgets.policy').filter(
    (budget) => numberAt(budget, 'status', 'disruptionsAllowed') === 0,
  )
  if (closed.length === 0) return []
  const leaving = new Set(
    allOf(storage, 'nodes')
      .filter((node) => at(node, 'spec', 'unschedulable') === true)
      .map(({ metadata }) => metadata.name),
  )
  if (leaving.size === 0) return []
  const pods = allOf(storage, 'pods').filter((pod) => leaving.has(textAt(pod, 'spec', 'nodeName')))
  return closed
    .filter((budget) => pods.some((pod) => isHeldBy(pod, budget)))
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
}

const allOf = ({ objects }: EmulatedState['storage'], resource: string): readonly KubeObject[] => [
  ...(objects.get(resource)?.values() ?? []),
]

const isHeldBy = (pod: KubeObject, budget: KubeObject): boolean =>
  pod.metadata.namespace === budget.metadata.namespace &&
  pod.metadata.deletionTimestamp === undefined &&
  textAt(pod, 'status', 'phase') === 'Running' &&
  selectorMatches(at(budget, 'spec', 'selector'), pod.metadata.labels ?? {})
