import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import { AwsError } from './aws/call.ts'
import { region as regionOf } from './aws/regions.ts'
import { seedAccount } from './aws/seed-account.ts'
import { seedCluster } from './aws/eks/seed-cluster.ts'
import { emptyAws, type Credential } from './aws/state.ts'
import { faultState } from './fault-board.ts'
import type { KubeObject } from './kubernetes/cluster-twin.ts'
import { applyManifests } from './kubernetes/emulated-cluster.ts'
import { wireParts, type TwinParts } from './parts.ts'
import type { TwinSnapshot } from './snapshot.ts'
import { emptyTimeline } from './task-queue.ts'
import { createVirtualTime } from './virtual-time.ts'
import type { World, WorldAccount } from './world.ts'

/** Virtual seconds before the start in which clusters settle: images pulled, pods Ready, budgets counted. */
const settlingSeconds = 900

/** What a manifest of the world came to that the API server would not take. */
export interface RefusedManifest {
  readonly cluster: string
  readonly object: string
  readonly message: string
}

/**
 * Builds the world and lets it settle in virtual time, until its start. The same world gives the same snapshot.
 * `refused` lists manifests that a real API server of that version would refuse; the rest is loaded. Throws R007 for a cluster that EKS
 * would not make.
 */
export const prepareTwin = async (
  world: World,
): Promise<{ readonly snapshot: TwinSnapshot; readonly refused: readonly RefusedManifest[] }> => {
  const start = Date.parse(world.start)
  const snapshot: TwinSnapshot = {
    world,
    aws: emptyAws({ seed: world.seed, catalogue: world.catalogue }),
    kubernetes: new Map(),
    credentials: {},
    random: { seed: world.seed },
    faults: faultState([]),
    calls: [],
    timeline: emptyTimeline(start - settlingSeconds * 1000),
  }
  const time = createVirtualTime(snapshot.timeline)
  const parts = wireParts(snapshot, { timeline: time.timeline, wallNow: () => start })
  time.handle(parts.tasks)
  const seeded = await time.run(seedAccounts(parts, world.accounts))
  await time.pass(settlingSeconds)
  if (world.faults.some(({ kind }) => kind === 'budget-never-allows'))
    for (const arn of snapshot.kubernetes.keys()) parts.clusters.get(arn).recountBudgets()
  const settled = {
    ...snapshot,
    credentials: seeded.credentials,
    faults: faultState(world.faults),
    calls: [],
  }
  return { snapshot: settled, refused: seeded.refused }
}

const seedAccounts = async (parts: TwinParts, accounts: readonly WorldAccount[]) => {
  const refused: RefusedManifest[] = []
  let credentials: { readonly [profile: string]: Credential } = {}
  for (const account of accounts) {
    credentials = { ...credentials, ...seedAccount(parts.shared, account) }
    const region = regionOf(parts.shared.state, account.id, account.region)
    for (const cluster of account.clusters) {
      await seedCluster(parts.shared, region, { ...cluster, principals: account.principals }).catch(
        (error: unknown) => {
          throw error instanceof AwsError ? notTaken(cluster.name, error) : error
        },
      )
      const arn = `arn:aws:eks:${account.region}:${account.id}:cluster/${cluster.name}`
      for (const { object, message } of applyManifests(parts.clusters.get(arn), cluster.manifests))
        refused.push({ cluster: cluster.name, object: nameOf(object), message })
    }
  }
  return { credentials, refused }
}

const notTaken = (cluster: string, { message }: AwsError): RunbookError =>
  new RunbookError(
    'R007',
    `Cannot make cluster ${plainText(cluster)} of the world: expected what EKS would take, found: ${plainText(message)}`,
    { hint: 'mend the cluster in the world file, then: eks-runbook twin start --world FILE' },
  )

const nameOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
