import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Target } from '../fleet/target.ts'
import type { Operator } from '../runbook/operator.ts'
import { tell } from '../runbook/messages.ts'
import { addOnObject } from './add-on-objects.ts'
import { objectLine, refusalOf } from './admissible.ts'
import { collections, type Collection } from './collections.ts'
import { addCuts, type Cuts, type Refused } from './left-out.ts'
import type { Manifest, Taken } from './manifest.ts'
import { podTaken, type PodTaken } from './pods.ts'
import { timingsOf, type Timings } from './timings.ts'

/** The Kubernetes half of a world. */
export interface KubernetesTaken {
  /** In the order of kinds, then of namespace and name. */
  readonly manifests: readonly Manifest[]
  readonly timings: Timings
  readonly cuts: Cuts
  readonly refused: readonly Refused[]
  /** Objects read, of all kinds. */
  readonly read: number
}

/** What reading needs to know. */
export interface KubernetesReading {
  readonly target: Pick<Target, 'kube'>
  /** Installed managed add-ons: their objects stay out. */
  readonly addOns: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  readonly operator: Operator
}

/**
 * Reads the objects that change a plan, a check or a drain, a page at a time; of each object only what the file holds
 * is kept.
 */
export const readKubernetes = async (reading: KubernetesReading): Promise<KubernetesTaken> => {
  const kinds: (readonly Screened[])[] = []
  for (const collection of collections) kinds.push(await readCollection(reading, collection))
  const pods = await readPods(reading)
  const all = [...kinds.flat(), ...pods.map(({ screened }) => screened)]
  const owners = new Map(kinds.flat().flatMap(({ replicaSet }) => (replicaSet ? [replicaSet] : [])))
  return {
    manifests: [...kinds, pods.map(({ screened }) => screened)].flatMap(inOrder),
    timings: timingsOf(
      pods.map(({ pod }) => pod),
      { owners, jobs: runningJobs(kinds.flat(), reading.now) },
    ),
    cuts: addCuts(...all.map(({ cuts }) => cuts)),
    refused: all.flatMap(({ refused }) => refused ?? []),
    read: all.length,
  }
}

/** An object after every look at it. */
interface Screened {
  readonly manifest?: Manifest
  readonly cuts: Cuts
  readonly refused?: Refused
  /** `namespace/name` of a ReplicaSet and the name of its Deployment. */
  readonly replicaSet?: readonly [string, string]
  /** Of a Job: when it was made, milliseconds since the Unix epoch. */
  readonly madeAt?: number
}

const readCollection = async (
  { target, addOns, operator }: KubernetesReading,
  collection: Collection,
): Promise<readonly Screened[]> => {
  const count = counter(operator, collection.plural)
  const found = await target.kube.objects(collection.path, (raw): Screened => {
    count()
    // Answers of the API server have metadata of its API.
    const { metadata } = raw as { readonly metadata?: V1ObjectMeta }
    if (metadata?.deletionTimestamp !== undefined) return { cuts: { terminating: 1 } }
    const replicaSet = collection.plural === 'replicasets' ? ownedReplicaSet(metadata) : undefined
    const known = {
      ...(replicaSet === undefined ? {} : { replicaSet }),
      ...(collection.plural === 'jobs' ? { madeAt: timeOf(metadata) } : {}),
    }
    if (addOnObject(addOns, metadata)) return { ...known, cuts: { addOnObjects: 1 } }
    return { ...known, ...screened(collection.take(raw)) }
  })
  if (found.length > 0) tellRead(operator, collection.plural, found.length)
  return found
}

const readPods = async ({
  target,
  operator,
}: KubernetesReading): Promise<readonly { readonly pod: PodTaken; readonly screened: Screened }[]> => {
  const count = counter(operator, 'pods')
  const found = await target.kube.objects('/api/v1/pods', (raw) => {
    count()
    const { manifest, ...pod } = podTaken(raw as Parameters<typeof podTaken>[0])
    return { pod, screened: screened({ cuts: pod.cuts, ...(manifest === undefined ? {} : { manifest }) }) }
  })
  tellRead(operator, 'pods', found.length)
  return found
}

const screened = ({ manifest, cuts }: Taken): Screened => {
  if (manifest === undefined) return { cuts }
  const reason = refusalOf(manifest)
  return reason === undefined
    ? { manifest, cuts }
    : { cuts: {}, refused: { object: objectLine(manifest), reason } }
}

const tellRead = (operator: Operator, plural: string, count: number): void =>
  tell(operator, 'M063', { text: `Read ${plural}: ${count}`, data: { collection: plural, count } })

const each = 2_000

/** Tells how far a long collection is. */
const counter = (operator: Operator, plural: string): (() => void) => {
  let count = 0
  return () => {
    count += 1
    if (count % each === 0)
      tell(operator, 'M063', {
        text: `Reading ${plural}: ${count} so far`,
        data: { collection: plural, count },
      })
  }
}

const ownedReplicaSet = (metadata: V1ObjectMeta | undefined): readonly [string, string] | undefined => {
  const owner = metadata?.ownerReferences?.find(({ kind }) => kind === 'Deployment')
  return owner && [`${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`, owner.name]
}

const timeOf = (metadata: V1ObjectMeta | undefined): number =>
  new Date(metadata?.creationTimestamp ?? Number.NaN).getTime()

const runningJobs = (all: readonly Screened[], now: number): ReadonlyMap<string, number> =>
  new Map(
    all.flatMap(({ manifest, madeAt }) =>
      manifest === undefined || madeAt === undefined || Number.isNaN(madeAt)
        ? []
        : [[nameOf(manifest), Math.max(0, (now - madeAt) / 1000)]],
    ),
  )

const inOrder = (found: readonly Screened[]): readonly Manifest[] =>
  found
    .flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))

const nameOf = ({ metadata }: Manifest): string => `${metadata.namespace ?? ''}/${metadata.name}`
