import { defaultDurations, type Aws, type Handlers } from '../../../lib/twin/aws/call.ts'
import { seedAccount } from '../../../lib/twin/aws/seed-account.ts'
import { awsHandlers, awsTasks } from '../../../lib/twin/aws/services.ts'
import { followInstances } from '../../../lib/twin/aws/auto-scaling/over-time.ts'
import { emptyAws } from '../../../lib/twin/aws/state.ts'
import { createAwsEndpoint } from '../../../lib/twin/aws/wire/endpoint.ts'
import { loadSchemas } from '../../../lib/twin/aws/wire/schemas.ts'
import { faultState, strikeFrom } from '../../../lib/twin/fault-board.ts'
import type { Fault } from '../../../lib/twin/faults.ts'
import { inProcessSettings } from '../../../lib/twin/in-process.ts'
import type { CallRecord } from '../../../lib/twin/record.ts'
import { createVirtualTime } from '../../../lib/twin/virtual-time.ts'
import type { WorldAccount } from '../../../lib/twin/world.ts'
import { seededRandom } from '../../../lib/runbook/random.ts'

export const account: WorldAccount = {
  id: '111122223333',
  region: 'eu-west-1',
  principals: [
    { profile: 'staging', name: 'role/deployer', accessPolicy: 'AmazonEKSClusterAdminPolicy' },
    { profile: 'ann', name: 'user/ann' },
  ],
  subnets: [
    { id: 'subnet-0a1000000000000a1', zone: 'eu-west-1a', cidr: '10.10.0.0/20', freeAddresses: 100 },
    { id: 'subnet-0a1000000000000b1', zone: 'eu-west-1b', cidr: '10.10.16.0/20', freeAddresses: 100 },
    { id: 'subnet-0a1000000000000c1', zone: 'eu-west-1c', cidr: '10.10.32.0/20', freeAddresses: 3 },
  ],
  clusters: [],
  buckets: ['photo-staging-runbooks'],
  kmsKeys: [],
  quotas: { 'ec2/L-1216C47A': 256, 'eks/L-1194D53C': 'denied' },
}

/** An emulated AWS in process, with what a test wants to look at. */
export const twinOfAws = async (
  options: {
    readonly faults?: readonly Fault[]
    readonly handlers?: Handlers
    /** How far the endpoint's clock is ahead of the SDK's, which signs with the real one. */
    readonly clockAheadMinutes?: number
  } = {},
) => {
  const time = createVirtualTime(Date.parse('2026-09-23T07:00:00Z'))
  const faults = faultState(options.faults ?? [])
  const aws: Aws = {
    state: emptyAws(),
    timeline: time.timeline,
    random: seededRandom(1),
    strike: strikeFrom(faults),
    durations: defaultDurations,
    switches: { nodesMustMatchControlPlane: false, insightsBlock: false },
    kubernetes: () => undefined,
    startKubernetes: () => Promise.reject(new Error('This test has no Kubernetes')),
    stopKubernetes: () => Promise.resolve(),
    addOnManifests: () => undefined,
    instanceEvents: { running: [], terminated: [] },
  }
  followInstances(aws)
  time.handle(awsTasks(aws))
  const credentials = seedAccount(aws, account)
  const calls: Omit<CallRecord, 'at'>[] = []
  const endpoint = createAwsEndpoint({
    aws,
    handlers: { ...awsHandlers, ...options.handlers },
    recorder: (call) => void calls.push(call),
    wallNow: () => Date.now() + (options.clockAheadMinutes ?? 0) * 60_000,
    schemas: await loadSchemas(),
  })
  const staging = credentials['staging']
  if (!staging) throw new Error('The account has no profile staging')
  const client = {
    ...inProcessSettings(endpoint),
    region: account.region,
    credentials: { ...staging },
  }
  return { aws, time, faults, calls, endpoint, credentials, client }
}
