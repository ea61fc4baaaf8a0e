import { randomFrom } from '../runbook/random.ts'
import { followInstances } from './aws/auto-scaling/over-time.ts'
import { defaultDurations, type Aws, type Switches } from './aws/call.ts'
import { bridgeNodes } from './aws/eks/node-bridge.ts'
import { eksHandlers, eksTasks } from './aws/eks/services.ts'
import { awsHandlers, awsTasks } from './aws/services.ts'
import { createAwsEndpoint } from './aws/wire/endpoint.ts'
import type { Schemas } from './aws/wire/schemas.ts'
import { openClusters, type Clusters } from './clusters.ts'
import { strikeFrom } from './fault-board.ts'
import type { TwinRequest, TwinResponse } from './http.ts'
import { addOnManifests } from './kubernetes/add-ons/add-on-manifests.ts'
import type { Recorder } from './record.ts'
import type { TwinSnapshot } from './snapshot.ts'
import type { TaskHandlers, Timeline } from './timeline.ts'
import { variedTimeline } from './variation.ts'

/** The parts of a twin, wired over one snapshot. */
export interface TwinParts {
  /** What the AWS side shares. */
  readonly shared: Aws
  readonly aws: (request: TwinRequest) => Promise<TwinResponse>
  readonly clusters: Clusters
  readonly tasks: TaskHandlers
}

export interface PartsOptions {
  readonly timeline: Timeline
  /** Wall milliseconds: clients sign with them. */
  readonly wallNow: () => number
  /** From loadSchemas, for callers in process. */
  readonly schemas?: Schemas
}

const defaultSwitches: Switches = { nodesMustMatchControlPlane: false, insightsBlock: true }

/** Wires AWS and Kubernetes together over the snapshot, which they change in place. */
export const wireParts = (snapshot: TwinSnapshot, options: PartsOptions): TwinParts => {
  const { wallNow, schemas } = options
  const random = randomFrom(snapshot.random)
  const timeline = variedTimeline(options.timeline, { variation: snapshot.world.variation, random })
  const recorder: Recorder = (call) =>
    void snapshot.calls.push({ at: new Date(timeline.now()).toISOString(), ...call })
  const surroundings = {
    timeline,
    recorder,
    strike: strikeFrom(snapshot.faults),
    random,
  }
  const clusters = openClusters(snapshot, { ...surroundings, wallNow, aws: () => shared })
  const shared: Aws = {
    ...surroundings,
    state: snapshot.aws,
    durations: { ...defaultDurations, ...snapshot.world.durations },
    switches: { ...defaultSwitches, ...snapshot.world.switches },
    kubernetes: clusters.find,
    startKubernetes: clusters.start,
    stopKubernetes: clusters.stop,
    addOnManifests,
    instanceEvents: { running: [], terminated: [] },
  }
  followInstances(shared)
  bridgeNodes(shared)
  const handlers = { ...awsHandlers, ...eksHandlers }
  const endpoint = { aws: shared, handlers, recorder, wallNow, ...(schemas ? { schemas } : {}) }
  return {
    shared,
    aws: createAwsEndpoint(endpoint),
    clusters,
    tasks: { ...awsTasks(shared), ...eksTasks(shared), ...clusters.tasks },
  }
}
