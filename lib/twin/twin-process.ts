import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import { fleetWithSigner, type TwinPerson } from './fleet-signer.ts'
import { serveControls, type ControlServer, type TwinControls } from './control-server.ts'
import { createLiveTimeline, type LiveTimeline } from './live-timeline.ts'
import { prepareTwin } from './prepare.ts'
import { readWorld } from './read-world.ts'
import {
  writeScratchFolder,
  type TokenCommand,
  type TwinAddress,
  type TwinProfile,
} from './scratch-folder.ts'
import { openTwin, type Twin } from './twin.ts'
import type { World } from './world.ts'

export interface TwinProcessOptions {
  /** World file. */
  readonly world: string
  /** Port of the AWS side on 127.0.0.1; 0: any free one. */
  readonly port: number
  /** Virtual seconds a wall second. */
  readonly speed: number
  /** Where the scratch files go. */
  readonly folder: string
  readonly token: TokenCommand
  /** Public key line of this machine: whose signatures the fleet counts where the world names no signer. */
  readonly signer?: string
  readonly wallNow: () => number
  readonly log: (line: string) => void
  /** Called when somebody asks the twin to stop. */
  readonly stop: () => void
}

/** A twin that serves real clients. */
export interface TwinProcess {
  /** `http://127.0.0.1:PORT` of the AWS side. */
  readonly endpoint: string
  /** What points real clients to it. */
  readonly env: { readonly [name: string]: string }
  readonly control: { readonly port: number; readonly secret: string }
  readonly close: () => Promise<void>
}

/** Starts a twin by the wall clock, writes its scratch folder and serves its controls. Throws R007, R051. */
export const startTwinProcess = async (options: TwinProcessOptions): Promise<TwinProcess> => {
  const world = readWorld(options.world)
  const { snapshot, refused } = await prepareTwin(world)
  for (const { cluster, object, message } of refused)
    options.log(plainText(`${cluster} does not take ${object}: ${message}`))
  const live = createLiveTimeline({
    start: snapshot.timeline,
    speed: options.speed,
    onError: (error) => options.log(`A task of the twin failed: ${String(error)}`),
  })
  const twin = openTwin(snapshot, { time: live, wallNow: options.wallNow })
  const listening = await twin.listen({ port: options.port }).catch((cause: unknown) => {
    throw cannotListen(options.port, cause)
  })
  const control = await serveControls(controlsOf({ world, live, twin, options }))
  const env = writeScratchFolder(
    options.folder,
    addressOf(world, live, { twin, endpoint: listening.endpoint, signer: options.signer }),
    options.token,
  )
  const close = () => closeAll(live, control, listening.close)
  return { endpoint: listening.endpoint, env, control: { port: control.port, secret: control.secret }, close }
}

interface Parts {
  readonly world: World
  readonly live: LiveTimeline
  readonly twin: Twin
  readonly options: TwinProcessOptions
}

const controlsOf = ({ world, live, twin, options }: Parts): TwinControls => ({
  status: () => ({
    world: world.name,
    now: new Date(live.timeline.now()).toISOString(),
    speed: options.speed,
    calls: twin.calls.length,
    clusters: clustersOf(world).map(({ name }) => name),
  }),
  calls: () => twin.calls,
  addFault: twin.addFault,
  faults: twin.faults,
  clearFaults: twin.clearFaults,
  publish: twin.publish,
  catalogue: twin.catalogue,
  stop: options.stop,
})

const addressOf = (
  world: World,
  live: LiveTimeline,
  {
    twin,
    endpoint,
    signer,
  }: { readonly twin: Twin; readonly endpoint: string; readonly signer: string | undefined },
): TwinAddress => {
  const [first, ...others] = profilesOf(world, twin)
  if (!first)
    throw new RunbookError('R007', `Cannot use the world ${world.name}: expected a principal, found none`, {
      hint: 'give an account at least one principal',
    })
  const clusters = clustersOf(world).map((cluster) => ({
    ...cluster,
    ...twin.kubernetesAddress(cluster.arn),
  }))
  return {
    endpoint,
    profiles: [first, ...others],
    clusters,
    fleet: signer === undefined ? world.fleet : fleetWithSigner(world.fleet, signer, peopleOf(world)),
    mapping: live.mapping,
    authority: clusters
      .map(({ certificateAuthority }) => Buffer.from(certificateAuthority, 'base64').toString())
      .join('\n'),
  }
}

const profilesOf = (world: World, twin: Twin): readonly TwinProfile[] =>
  world.accounts.flatMap(({ region, principals }) =>
    principals.flatMap(({ profile }) => {
      const credential = twin.credentials[profile]
      return credential ? [{ ...credential, name: profile, region }] : []
    }),
  )

const peopleOf = ({ accounts }: World): readonly TwinPerson[] =>
  accounts.flatMap(({ id, principals }) =>
    principals.map(({ profile, name }) => ({ profile, arn: `arn:aws:iam::${id}:${name}` })),
  )

const clustersOf = ({ accounts }: World) =>
  accounts.flatMap(({ id, region, clusters }) =>
    clusters.map(({ name }) => ({
      name,
      account: id,
      region,
      arn: `arn:aws:eks:${region}:${id}:cluster/${name}`,
    })),
  )

const closeAll = async (
  live: LiveTimeline,
  control: ControlServer,
  closeListening: () => Promise<void>,
): Promise<void> => {
  live.stop()
  control.close()
  await closeListening()
}

const cannotListen = (port: number, cause: unknown): RunbookError => {
  const found = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new RunbookError('R051', `Cannot start the twin: expected port ${port} to be free, found ${found}`, {
    hint: 'give another one with --port, or leave it out',
    cause,
  })
}
