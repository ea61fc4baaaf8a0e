import type { CheckCode } from './catalogue.ts'
import type { NodeReading, PlacelessReading, Reading, ServiceReading } from './baseline.ts'
import type { Found } from './finding.ts'
import { nameOf, type PodRestarts, type WorkloadReading } from './workload-reading.ts'

/** What is worse than it was, with the code of the rule. */
export type Regression = Found & { readonly code: CheckCode }

/** All that is worse now than at the baseline, or was changed by somebody meanwhile. Pure. */
export const regressions = (baseline: Reading, now: Reading): readonly Regression[] => [
  ...workloadRegressions(baseline, now),
  ...serviceRegressions(baseline, now),
  ...placelessRegressions(baseline, now),
  ...restartRegressions(baseline, now),
  ...nodeRegressions(baseline.nodes, now.nodes),
  ...warningRegressions(baseline, now),
]

const asAtBaseline = (what: string) => `${what}, as at the baseline`

/** The command names no kind that kubectl may not know, nor one that is a cluster's own text. */
const describe = ({ kind, namespace, name }: WorkloadReading) =>
  ownKinds.includes(kind)
    ? `kubectl -n ${namespace} describe ${kind.toLowerCase()} ${name}`
    : `kubectl -n ${namespace} get pods`

const ownKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod']

type Wrong = Omit<Found, 'object'>

const workloadRegressions = (before: Reading, after: Reading): readonly Regression[] => {
  const now = new Map(after.workloads.map((each) => [nameOf(each), each]))
  return before.workloads.flatMap((then) => {
    const same = now.get(nameOf(then))
    const nodes = { before: before.nodeCount, after: after.nodeCount }
    const found = same
      ? (tooFewReady(then, same) ?? tooFewNodes(then, same, nodes) ?? perhapsTooFew(then, same))
      : gone(then)
    return found ? [{ code: 'RG-001', object: nameOf(then), ...found }] : []
  })
}

const gone = (then: WorkloadReading): Wrong | undefined => {
  if (then.countedByPods && then.ready === 0) return undefined
  const hint = `kubectl -n ${then.namespace} get events`
  // Where only its pods tell of a workload, that they are gone does not mean that somebody deleted it.
  if (isLostWithItsPods(then))
    return { outcome: 'block', expected: asAtBaseline(`${then.ready} ready`), found: 'no pod of it', hint }
  const found = 'it is gone: somebody deleted it'
  return { outcome: 'warn', expected: asAtBaseline('a workload'), found, hint }
}

const isLostWithItsPods = ({ kind, countedByPods }: WorkloadReading): boolean =>
  countedByPods === true && kind !== 'Pod'

const tooFewReady = (then: WorkloadReading, now: WorkloadReading): Wrong | undefined => {
  const least = Math.min(then.ready, now.wanted)
  if (now.ready >= least) return undefined
  const orAsWanted = least < then.ready ? ` (${then.ready}) or as wanted now` : ''
  return {
    outcome: 'block',
    expected: asAtBaseline(`${least} ready`) + orAsWanted,
    found: `${now.ready} ready of ${now.wanted} wanted`,
    hint: describe(now),
  }
}

/** A DaemonSet wants a pod on each node that it selects: fewer only where there are fewer nodes. */
const tooFewNodes = (
  then: WorkloadReading,
  now: WorkloadReading,
  nodes: { readonly before: number; readonly after: number },
): Wrong | undefined => {
  if (then.kind !== 'DaemonSet' || then.wanted === 0) return undefined
  const share = Math.min(1, nodes.after / Math.max(1, nodes.before))
  const least = Math.max(1, Math.floor(then.wanted * share))
  if (now.wanted >= least) return undefined
  return {
    outcome: 'block',
    expected: `on ${least} of ${nodes.after} nodes (${then.wanted} of ${nodes.before} at the baseline)`,
    found: `on ${now.wanted}: the others are none that it selects`,
    hint: describe(now),
  }
}

const perhapsTooFew = (then: WorkloadReading, now: WorkloadReading): Wrong | undefined =>
  then.countedByPods && now.ready < then.ready
    ? {
        outcome: 'warn',
        expected: asAtBaseline(`${then.ready} ready`),
        found: `${now.ready} of as many pods: how many its owner wants cannot be told`,
        hint: describe(now),
      }
    : undefined

const serviceRegressions = (before: Reading, after: Reading): readonly Regression[] => {
  const now = new Map(after.services.map((each) => [`${each.namespace}/${each.name}`, each]))
  return before.services.flatMap((then) => {
    const { namespace, name } = then
    const same = now.get(`${namespace}/${name}`)
    if (!same) return [{ code: 'RG-002', object: `service ${namespace}/${name}`, ...goneService(then) }]
    const left = then.ready > 0 && same.ready === 0 ? whyEmpty(then, { before, after }) : 'lost'
    const found = left === 'lost' ? tooFewEndpoints(then, same) : left
    return found ? [{ code: 'RG-002', object: `service ${namespace}/${name}`, ...found }] : []
  })
}

const goneService = ({ namespace }: ServiceReading): Wrong => ({
  outcome: 'warn',
  expected: asAtBaseline('a Service with a selector'),
  found: 'it is gone, or has lost its selector',
  hint: `kubectl -n ${namespace} get services`,
})

/** Whether those who were ready behind it are wanted no more; `lost` where one of them still is, or none is known. */
const whyEmpty = (
  { namespace, name, ready, behind }: ServiceReading,
  { before, after }: { readonly before: Reading; readonly after: Reading },
): Wrong | 'lost' | undefined => {
  const then = new Map(before.workloads.map((each) => [nameOf(each), each]))
  const now = new Map(after.workloads.map((each) => [nameOf(each), each]))
  const isWantedNoMore = (workload: string) => {
    const known = then.get(workload)
    if (!known || known.countedByPods || known.kind === 'DaemonSet') return false
    return (now.get(workload)?.wanted ?? 0) === 0
  }
  if (behind.length === 0 || !behind.every(isWantedNoMore)) return 'lost'
  if (behind.every((workload) => now.get(workload)?.paused)) return undefined
  return {
    outcome: 'warn',
    expected: asAtBaseline(`${ready} ready endpoints`),
    found: `none: ${behind.join(' and ')} was scaled to zero or deleted meanwhile`,
    hint: `kubectl -n ${namespace} describe service ${name}`,
  }
}

const tooFewEndpoints = (then: ServiceReading, now: ServiceReading): Wrong | undefined => {
  const least = now.ready === 0 ? then.ready : Math.min(then.ready, now.wanted)
  if (now.ready >= least) return undefined
  const orAsWanted = least < then.ready ? ` (${then.ready}) or as wanted now` : ''
  return {
    outcome: 'block',
    expected: asAtBaseline(`${least} ready endpoints`) + orAsWanted,
    found: `${now.ready} ready for ${now.wanted} pods wanted`,
    hint: `kubectl -n ${now.namespace} describe service ${now.name}`,
  }
}

const placelessRegressions = (before: Reading, { pending }: Reading): readonly Regression[] => {
  const then = new Map(before.pending.placeless.map((each) => [each.of, each]))
  const more = pending.placeless.filter(({ of, lasting }) => lasting > (then.get(of)?.count ?? 0))
  const jobs = more.filter(({ runsToEnd }) => runsToEnd)
  return [
    ...more
      .filter(({ runsToEnd }) => !runsToEnd)
      .map((each) => placeless([each], { outcome: 'block', before: then })),
    // Each run of a CronJob is another Job: one finding for all of them.
    ...(jobs.length > 0 ? [placeless(jobs, { outcome: 'warn', before: then })] : []),
  ]
}

const placeless = (
  groups: readonly PlacelessReading[],
  { outcome, before }: Pick<Wrong, 'outcome'> & { readonly before: ReadonlyMap<string, PlacelessReading> },
): Regression => {
  const then = groups.reduce((sum, { of }) => sum + (before.get(of)?.count ?? 0), 0)
  const known = new Set(groups.flatMap(({ of }) => before.get(of)?.names ?? []))
  const names = groups.flatMap((each) => each.names)
  const fresh = names.filter((name) => !known.has(name))
  const [first = ''] = fresh.length > 0 ? fresh : names
  const lasting = groups.reduce((sum, each) => sum + each.lasting, 0)
  const [namespace = '', name = ''] = first.split('/')
  return {
    code: 'RG-003',
    outcome,
    object: `pod ${first}`,
    expected: asAtBaseline(`${then === 0 ? 'no' : `no more than ${then}`} pods of it without a place`),
    found: `${lasting} of ${groups
      .map(({ of }) => of)
      .slice(0, 3)
      .join(', ')} for ten minutes`,
    hint: `kubectl -n ${namespace} describe pod ${name}`,
  }
}

/** Restarts of one pod that are taken for a pattern. */
const manyRestarts = 3

const restartRegressions = (before: Reading, after: Reading): readonly Regression[] => {
  const then = new Map(before.workloads.map((each) => [nameOf(each), each]))
  return after.workloads.flatMap((now) => {
    const known = then.get(nameOf(now))
    const rises = Object.entries(now.restarts)
      .map(([uid, pod]) => riseOf(pod, known?.restarts[uid]?.count ?? 0))
      .filter(({ rose, ready }) => rose >= manyRestarts || (rose > 0 && !ready))
      .toSorted((a, b) => Number(a.usual) - Number(b.usual) || b.rose - a.rose)
    const [worst] = rises
    return worst ? [restarting({ known, now, worst, others: rises.length - 1 })] : []
  })
}

interface Rise extends PodRestarts {
  readonly rose: number
  /** It did so before the baseline too, and is ready in between. */
  readonly usual: boolean
}

const riseOf = (pod: PodRestarts, before: number): Rise => ({
  ...pod,
  rose: pod.count - before,
  usual: pod.ready && before >= manyRestarts,
})

const restarting = ({
  known,
  now,
  worst,
  others,
}: {
  readonly known: WorkloadReading | undefined
  readonly now: WorkloadReading
  readonly worst: Rise
  readonly others: number
}): Regression => {
  const ailing = known !== undefined && known.ready < known.wanted
  const alike = others === 0 ? '' : `, ${others} more alike`
  const before = ailing ? `, and only ${known.ready} of ${known.wanted} were ready before` : ''
  return {
    code: 'RG-004',
    // What could not run before either is no work of this run.
    outcome: ailing || worst.usual ? 'warn' : 'block',
    object: nameOf(now),
    expected: `fewer than ${manyRestarts} restarts of a pod since the baseline, and ready again`,
    found: `${worst.rose} of ${worst.pod}${worst.ready ? '' : ', which is not ready'}${alike}${before}`,
    hint: `kubectl -n ${now.namespace} describe pod ${worst.pod}`,
  }
}

const nodeRegressions = (
  before: readonly NodeReading[],
  after: readonly NodeReading[],
): readonly Regression[] => {
  const then = new Map(before.map(({ name, troubles }) => [name, troubles]))
  return after
    .filter(({ leaving }) => !leaving)
    .flatMap(({ name, troubles, beginning }): readonly Regression[] => {
      const known = then.get(name) ?? []
      const fresh = troubles.filter((each) => !known.includes(each) && !(beginning && each === 'NotReady'))
      if (fresh.length === 0) return []
      const expected = asAtBaseline(known.length === 0 ? 'a node without trouble' : known.join(', '))
      const hint = `kubectl describe node ${name}`
      return [
        { code: 'RG-005', outcome: 'block', object: `node ${name}`, expected, found: fresh.join(', '), hint },
      ]
    })
}

const warningRegressions = (before: Reading, now: Reading): readonly Regression[] => {
  const known = new Set(before.warnings.map(({ reason }) => reason))
  return now.warnings
    .filter(({ reason }) => !known.has(reason))
    .map(({ reason, count }) => ({
      code: 'RG-006',
      outcome: 'warn',
      object: `warnings ${reason}`,
      expected: asAtBaseline('none'),
      found: count === 1 ? 'one' : String(count),
      hint: 'kubectl get events -A --field-selector type=Warning',
    }))
}
