import { connect } from '../../fleet/connect.ts'
import type { SmokeCheck } from '../../fleet/smoke-check.ts'
import type { Target } from '../../fleet/target.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { memoryStore } from '../../runbook/memory-store.ts'
import { seededRandom } from '../../runbook/random.ts'
import type { StateStore } from '../../runbook/store.ts'
import { loadSchemas } from '../../twin/aws/wire/schemas.ts'
import { faultState, type FaultState } from '../../twin/fault-board.ts'
import type { Fault } from '../../twin/faults.ts'
import { inProcessSettings } from '../../twin/in-process.ts'
import { inProcessTransport } from '../../twin/kubernetes/api/in-process-transport.ts'
import type { TwinSnapshot } from '../../twin/snapshot.ts'
import { openTwin, type Twin } from '../../twin/twin.ts'
import { createVirtualTime, type VirtualTime } from '../../twin/virtual-time.ts'
import { wallNow } from '../wall-clock.ts'
import { countRequests, type RequestCount } from './requests.ts'

/** A settled world that rehearsals begin from, with who acts in it. It is never changed: each stage is a copy. */
export interface Beginning {
  readonly snapshot: TwinSnapshot
  /** Name in EKS. */
  readonly cluster: string
  /** Id of its account; as the region: of the fleet. A cluster of that name elsewhere is another one. */
  readonly account: string
  readonly region: string
  readonly environment: string
  /** Profile of the world's principal who runs. */
  readonly profile: string
  /** Of the team, in fleet.yaml; those that reach beyond the cluster are not made. */
  readonly smoke: readonly SmokeCheck[]
}

/** A copy of the world with a tool of its own in it. Time there is virtual. */
export interface Stage {
  readonly twin: Twin
  readonly time: VirtualTime
  /** The twin's own state: to be read. */
  readonly snapshot: TwinSnapshot
  readonly target: Target
  /** ARN of who runs. */
  readonly caller: string
  readonly store: StateStore
  readonly requests: RequestCount
  /** The faults that were asked for, with how often each has struck, also after its end. */
  readonly injected: FaultState['faults']
}

export interface StageOptions {
  readonly seed: number
  /** Besides those of the world. */
  readonly faults: readonly Fault[]
}

/** Opens a copy of the beginning whose chance follows from the seed. Throws R082 when nobody can act in it. */
export const openStage = async (beginning: Beginning, options: StageOptions): Promise<Stage> => {
  const snapshot = copyOf(beginning.snapshot, options.seed)
  const time = createVirtualTime(snapshot.timeline)
  const twin = openTwin(snapshot, { time, wallNow, schemas: await loadSchemas() })
  const requests = countRequests()
  const { account, region, arn } = findCluster(beginning)
  const credentials = twin.credentials[beginning.profile]
  if (credentials === undefined) throw nobody(beginning)
  const connected = await connect({
    cluster: beginning.cluster,
    account,
    region,
    environment: beginning.environment,
    credentials,
    sdk: inProcessSettings(requests.aws((request) => twin.aws(request))),
    clock: time.clock,
    random: seededRandom(options.seed),
    smoke: { checks: beginning.smoke, programs: 'not-made' },
    kubeTransport: inProcessTransport(requests.kubernetes((request) => twin.kubernetes(arn, request))),
    load: 'all',
  })
  const injected = faultState(options.faults).faults
  snapshot.faults.faults.push(...injected)
  return {
    twin,
    time,
    snapshot,
    target: connected.target,
    caller: connected.caller,
    store: memoryStore(),
    requests,
    injected,
  }
}

const copyOf = (snapshot: TwinSnapshot, seed: number): TwinSnapshot => {
  const copy = structuredClone(snapshot)
  copy.random.seed = seed
  return copy
}

/** Where the world has the cluster. Throws R082 for one that it has not, also when it has one of that name elsewhere. */
export const findCluster = ({
  snapshot: { world },
  cluster,
  account,
  region,
}: Pick<Beginning, 'snapshot' | 'cluster' | 'account' | 'region'>): {
  readonly account: string
  readonly region: string
  readonly arn: string
} => {
  const isThere = world.accounts.some(
    (one) => one.id === account && one.region === region && one.clusters.some(({ name }) => name === cluster),
  )
  if (isThere) return { account, region, arn: `arn:aws:eks:${region}:${account}:cluster/${cluster}` }
  const found = world.accounts.flatMap((one) =>
    one.clusters.map(({ name }) => `${name} of ${one.id} ${one.region}`),
  )
  throw new RunbookError(
    'R082',
    `Cannot rehearse on ${cluster}: expected that cluster of ${account} ${region} in the world ${world.name}, found ${found.join(', ') || 'none'}`,
    {
      hint: `name a world that has it with --world FILE, or: eks-runbook import --cluster ${cluster} --save FILE`,
    },
  )
}

const nobody = ({ cluster, profile, snapshot }: Beginning): RunbookError =>
  new RunbookError(
    'R082',
    `Cannot rehearse on ${cluster}: expected a principal of profile ${profile} in the world ${snapshot.world.name}, found none`,
    { hint: 'add it to accounts[].principals of the world file' },
  )
