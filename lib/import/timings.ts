import { isPlain } from './admissible.ts'
import type { PodTaken, Startup } from './pods.ts'

/** Seconds by `namespace/name` of the workload, as a world file has them. */
export type Timings = { readonly [workload: string]: { readonly pull?: number; readonly ready: number } }

interface Surroundings {
  /** Name of the Deployment by `namespace/name` of its ReplicaSet. */
  readonly owners: ReadonlyMap<string, string>
  /** Age in seconds of the Jobs that run, by `namespace/name`. */
  readonly jobs: ReadonlyMap<string, number>
}

/** A twin lets its world settle so long before its start. */
const settlingSeconds = 900

/**
 * What workloads need to start, from the pods they have: the upper quartile of pulling, since a new node has no image
 * yet, and the median of becoming Ready. A Job that runs goes on for as long as it has run.
 */
export const timingsOf = (pods: readonly PodTaken[], { owners, jobs }: Surroundings): Timings => {
  const startups = new Map<string, Startup[]>()
  for (const { namespace, owner, startup } of pods) {
    if (owner === undefined || owner.kind === 'Job' || startup === undefined) continue
    const key = `${namespace}/${owner.name}`
    const name = owner.kind === 'ReplicaSet' ? `${namespace}/${owners.get(key) ?? owner.name}` : key
    const known = startups.get(name)
    if (known) known.push(startup)
    else startups.set(name, [startup])
  }
  const running = [...jobs].map(
    ([name, age]) => [name, { ready: Math.round(settlingSeconds + age) }] as const,
  )
  const entries = [...running, ...[...startups].map(([name, list]) => [name, typical(list)] as const)]
  return Object.fromEntries(
    entries
      .filter(([name]) => isPlain(name) && name.length <= longestName)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Namespace and name with what joins them. */
const longestName = 63 + 1 + 253

const typical = (startups: readonly Startup[]) => ({
  pull: quantile(
    startups.map(({ pull }) => pull),
    0.75,
  ),
  ready: quantile(
    startups.map(({ ready }) => ready),
    0.5,
  ),
})

const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
