import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect } from '../../lib/fleet/connect.ts'
import type { Target } from '../../lib/fleet/target.ts'
import { execute, resume, undo } from '../../lib/runbook/engine.ts'
import type { EngineOptions, RunOutcome } from '../../lib/runbook/engine-options.ts'
import { emptyMemory, memoryStore, type MemoryState } from '../../lib/runbook/memory-store.ts'
import type { Message } from '../../lib/runbook/operator.ts'
import { makePlan, type Plan, type PlanOptions } from '../../lib/runbook/plan.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import type { AnyRunbook } from '../../lib/runbook/runbook.ts'
import type { RunView } from '../../lib/runbook/run-view.ts'
import { listRuns, readRun } from '../../lib/runbook/runs.ts'
import type { Log, StateStore } from '../../lib/runbook/store.ts'
import { loadSchemas } from '../../lib/twin/aws/wire/schemas.ts'
import type { TwinRequest } from '../../lib/twin/http.ts'
import { inProcessSettings } from '../../lib/twin/in-process.ts'
import { inProcessTransport } from '../../lib/twin/kubernetes/api/in-process-transport.ts'
import { prepareTwin } from '../../lib/twin/prepare.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import type { TwinSnapshot } from '../../lib/twin/snapshot.ts'
import type { TaskHandlers } from '../../lib/twin/timeline.ts'
import { openTwin, type Twin } from '../../lib/twin/twin.ts'
import { createVirtualTime, type VirtualTime } from '../../lib/twin/virtual-time.ts'
import type { World } from '../../lib/twin/world.ts'

/** Read once: they never change, and reading them takes longer than opening a scene. */
const schemas = loadSchemas()

/** The world and what the tool has stored about it, at one moment. */
export interface Moment {
  readonly twin: TwinSnapshot
  readonly memory: MemoryState
}

/** A settled world and an empty store. `change` edits the world file first. */
export const settledWorld = async (
  file: string,
  change: (world: World) => World = (world) => world,
): Promise<Moment> => {
  await schemas
  const { snapshot, refused } = await prepareTwin(change(readWorld(file)))
  if (refused.length > 0) throw new Error(`The world was not taken whole: ${JSON.stringify(refused)}`)
  return { twin: snapshot, memory: emptyMemory() }
}

/** One process of the tool, on a copy of a moment. */
export interface Scene {
  readonly twin: Twin
  readonly time: VirtualTime
  readonly moment: () => Moment
  readonly target: Target
  readonly messages: readonly Message[]
  readonly plan: (inputs: object, asProven?: NonNullable<PlanOptions<Target>['asProven']>) => Promise<Plan>
  readonly execute: (plan: Plan) => Promise<RunOutcome>
  readonly resume: (run: string) => Promise<RunOutcome>
  readonly undo: (run: string) => Promise<RunOutcome>
  readonly runs: () => ReturnType<typeof listRuns>
  readonly view: (run: string) => Promise<RunView>
}

export interface SceneOptions {
  readonly runbook: AnyRunbook<Target>
  readonly cluster: string
  /** Told before and after each write to the store and each call that may change the world. */
  readonly tap?: (label: string) => void
  /** Told of each Kubernetes request, reads too. */
  readonly heard?: (request: TwinRequest) => void
  readonly signal?: AbortSignal
  /** What the engine gets besides. */
  readonly engine?: Partial<EngineOptions<Target>>
}

export const openScene = async (from: Moment, options: SceneOptions): Promise<Scene> => {
  const { twin: snapshot, memory } = structuredClone(from)
  const time = createVirtualTime(snapshot.timeline)
  const busy = { tasks: 0 }
  const twin = openTwin(snapshot, {
    time: { timeline: time.timeline, handle: (handlers) => time.handle(counted(handlers, busy)) },
    wallNow: () => Date.now(),
    schemas: await schemas,
  })
  const moment = () => structuredClone({ twin: snapshot, memory })
  const tap = async (label: string) => {
    if (!options.tap) return
    while (busy.tasks > 0) await nextTurn()
    options.tap(label)
  }
  const target = await openTarget(snapshot, { twin, time, tap, options })
  const messages: Message[] = []
  const engine: EngineOptions<Target> = {
    target,
    runbook: options.runbook,
    store: tappedStore(memoryStore(memory), tap),
    clock: time.clock,
    random: seededRandom(11),
    operator: { tell: (message) => void messages.push(message), confirm: async () => true },
    signal: options.signal ?? new AbortController().signal,
    owner: { host: 'ops-host', bootId: 'boot', pid: 1, startTime: '1' },
    isGone: () => true,
    tool: '0.0.0-test',
    ...options.engine,
  }
  return {
    twin,
    time,
    moment,
    target,
    messages,
    plan: (inputs, asProven) =>
      time.run(
        makePlan({
          ...engine,
          inputs,
          ...(asProven ? { asProven } : {}),
          plannedBy: 'arn:aws:iam::111122223333:role/deployer',
          place: {
            cluster: target.cluster,
            account: target.account,
            region: target.region,
            environment: target.environment,
            arn: target.arn,
          },
        }),
      ),
    execute: (plan) => time.run(execute(plan, engine)),
    resume: (run) => time.run(resume(run, engine)),
    undo: (run) => time.run(undo(run, engine)),
    runs: () => listRuns(engine.store),
    view: (run) => readRun(engine.store, run),
  }
}

type Tap = (label: string) => Promise<void>

interface Surroundings {
  readonly twin: Twin
  readonly time: VirtualTime
  readonly tap: Tap
  readonly options: SceneOptions
}

const openTarget = async (
  snapshot: TwinSnapshot,
  { twin, time, tap, options }: Surroundings,
): Promise<Target> => {
  const account = snapshot.world.accounts.find(({ clusters }) =>
    clusters.some(({ name }) => name === options.cluster),
  )
  const credential = twin.credentials[account?.principals[0]?.profile ?? '']
  if (!account || !credential) throw new Error(`The world has no cluster ${options.cluster} with a principal`)
  const arn = `arn:aws:eks:${account.region}:${account.id}:cluster/${options.cluster}`
  const handle = async (request: TwinRequest) => {
    options.heard?.(request)
    return tapped(request, tap, async () => twin.kubernetes(arn, request))
  }
  // Outside of virtual time: the first process loads the SDK clients from files.
  const { target } = await connect({
    cluster: options.cluster,
    account: account.id,
    region: account.region,
    environment: 'staging',
    credentials: credential,
    sdk: inProcessSettings((request) => tapped(request, tap, () => twin.aws(request))),
    clock: time.clock,
    random: seededRandom(3),
    kubeTransport: inProcessTransport(handle),
    load: 'all',
  })
  return target
}

/** Reads leave the world as it is: only calls that may change it are moments worth dying at. */
const mayChange = ({ method, url, headers, body }: TwinRequest): boolean => {
  if (method === 'GET' || method === 'HEAD') return false
  const said = `${url} ${headers['x-amz-target'] ?? ''} ${method === 'POST' ? new TextDecoder().decode(body.subarray(0, 200)) : ''}`
  return !/Action=(Describe|Get|List)|\.(Describe|Get|List)|\/insights(\?| |$)/.test(said)
}

const tapped = async <R>(request: TwinRequest, tap: Tap, call: () => Promise<R>): Promise<R> => {
  if (!mayChange(request)) return call()
  const label = `${request.method} ${request.url.split('?')[0]}`
  await tap(`before ${label}`)
  const answer = await call()
  await tap(`after ${label}`)
  return answer
}

const tappedStore = (store: StateStore, tap: Tap): StateStore => ({
  ...store,
  log: (key) => tappedLog(store.log(key), tap),
})

const tappedLog = (log: Log, tap: Tap): Log => {
  const writer = (opened: Awaited<ReturnType<Log['create']>>) =>
    opened && {
      ...opened,
      append: async (lines: readonly string[]) => {
        await tap('before journal write')
        const written = await opened.append(lines)
        await tap('after journal write')
        return written
      },
    }
  return {
    read: log.read,
    create: async (lines) => writer(await log.create(lines)),
    open: async (keep) => writer(await log.open(keep)),
  }
}

const counted = (handlers: TaskHandlers, busy: { tasks: number }): TaskHandlers =>
  Object.fromEntries(
    Object.entries(handlers).map(([kind, handler]) => [
      kind,
      async (data) => {
        busy.tasks += 1
        try {
          await handler(data)
        } finally {
          busy.tasks -= 1
        }
      },
    ]),
  )
