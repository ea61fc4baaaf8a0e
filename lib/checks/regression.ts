import type { CheckCode } from './catalogue.ts'
import type { NodeReading, Reading, ServiceReading, WorkloadReading } from './baseline.ts'
import type { Found } from './finding.ts'

/** What is worse than it was, with the code of the rule. */
export type Regression = Found & { readonly code: CheckCode }

/** All that is worse now than at the baseline, or was changed by somebody meanwhile. Pure. */
export const regressions = (baseline: Reading, now: Reading): readonly Regression[] => [
  ...workloadRegressions(baseline.workloads, now.workloads),
  ...serviceRegressions(baseline.services, now.services),
  ...placelessRegressions(baseline, now),
  ...restartRegressions(baseline.workloads, now.workloads),
  ...nodeRegressions(baseline.nodes, now.nodes),
  ...warningRegressions(baseline, now),
]

const asAtBaseline = (what: string) => `${what}, as at the baseline`

const nameOf = ({ kind, namespace, name }: WorkloadReading) => `${kind} ${namespace}/${name}`

const describe = ({ kind, namespace, name }: WorkloadReading) =>
  `kubectl -n ${namespace} describe ${kind.toLowerCase()} ${name}`

const workloadRegressions = (
  before: readonly WorkloadReading[],
  after: readonly WorkloadReading[],
): readonly Regression[] => {
  const now = new Map(after.map((each) => [nameOf(each), each]))
  return before.flatMap((then) => {
    const found = workloadRegression(then, now.get(nameOf(then)))
    return found ? [{ code: 'RG-001', object: nameOf(then), ...found }] : []
  })
}

const workloadRegression = (
  then: WorkloadReading,
  now: WorkloadReading | undefined,
): Omit<Found, 'object'> | undefined => {
  if (!now)
    return {
      outcome: 'warn',
      expected: asAtBaseline('a workload'),
      found: 'it is gone: somebody deleted it',
      hint: `kubectl -n ${then.namespace} get events`,
    }
  const least = Math.min(then.ready, now.wanted)
  if (now.ready < least)
    return {
      outcome: 'block',
      expected:
        asAtBaseline(`${least} ready`) + (least < then.ready ? ` (${then.ready}) or as wanted now` : ''),
      found: `${now.ready} ready of ${now.wanted} wanted`,
      hint: describe(now),
    }
  const shrunk = now.wanted < then.wanted && now.kind !== 'DaemonSet' && !now.paused && !then.paused
  if (!shrunk) return undefined
  return {
    outcome: 'warn',
    expected: asAtBaseline(`${then.wanted} wanted`),
    found: `${now.wanted} wanted: it was scaled down meanwhile`,
    hint: describe(now),
  }
}

const serviceRegressions = (
  before: readonly ServiceReading[],
  after: readonly ServiceReading[],
): readonly Regression[] => {
  const now = new Map(after.map((each) => [`${each.namespace}/${each.name}`, each]))
  return before.flatMap(({ namespace, name, ready }): readonly Regression[] => {
    const found = now.get(`${namespace}/${name}`)
    const about = { code: 'RG-002', object: `service ${namespace}/${name}` } as const
    if (!found)
      return [
        {
          ...about,
          outcome: 'warn',
          expected: asAtBaseline('a Service with a selector'),
          found: 'it is gone, or has lost its selector',
          hint: `kubectl -n ${namespace} get services`,
        },
      ]
    const least = Math.min(ready, found.wanted)
    if (found.ready >= least) return []
    return [
      {
        ...about,
        outcome: 'block',
        expected:
          asAtBaseline(`${least} ready endpoints`) + (least < ready ? ` (${ready}) or as wanted now` : ''),
        found: `${found.ready} ready for ${found.wanted} pods wanted`,
        hint: `kubectl -n ${namespace} describe service ${name}`,
      },
    ]
  })
}

const placelessRegressions = (before: Reading, { pending }: Reading): readonly Regression[] => {
  const { unschedulable, names } = pending
  const then = before.pending.unschedulable
  if (unschedulable <= then) return []
  const known = new Set(before.pending.names)
  const fresh = names.filter((name) => !known.has(name))
  const [first = ''] = fresh.length > 0 ? fresh : names
  const [namespace, name] = first.split('/')
  const listed = fresh.slice(0, 3).join(', ')
  return [
    {
      code: 'RG-003',
      outcome: 'block',
      object: `pod ${first}`,
      expected: asAtBaseline(`${then === 0 ? 'no' : `no more than ${then}`} pods without a place`),
      found: `${unschedulable}${listed === '' ? '' : `, such as ${listed}`}`,
      hint: `kubectl -n ${namespace} describe pod ${name}`,
    },
  ]
}

/** Restarts of one workload that are taken for a pattern. */
const manyRestarts = 3

const restartRegressions = (
  before: readonly WorkloadReading[],
  after: readonly WorkloadReading[],
): readonly Regression[] => {
  const then = new Map(before.map((each) => [nameOf(each), each]))
  return after.flatMap((now): readonly Regression[] => {
    const known = then.get(nameOf(now))
    const rose = Object.entries(now.restarts).reduce(
      (sum, [pod, count]) => sum + Math.max(0, count - (known?.restarts[pod] ?? 0)),
      0,
    )
    if (rose < manyRestarts) return []
    const ailing = known !== undefined && known.ready < known.wanted
    return [
      {
        code: 'RG-004',
        // What could not run before either is no work of this run.
        outcome: ailing ? 'warn' : 'block',
        object: nameOf(now),
        expected: `fewer than ${manyRestarts} restarts since the baseline (${totalOf(known)} there)`,
        found: `${rose} since${ailing ? `, and only ${known.ready} of ${known.wanted} were ready before` : ''}`,
        hint: `kubectl -n ${now.namespace} get pods`,
      },
    ]
  })
}

const totalOf = (workload: WorkloadReading | undefined): number =>
  Object.values(workload?.restarts ?? {}).reduce((sum, count) => sum + count, 0)

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
