import path from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { TwinStart } from '../twin-detached.ts'
import { writeJson, writeText, type Cli, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { packageRoot } from '../package-root.ts'
import { twinFolder } from '../state-folder.ts'

interface Options extends CommonOptions {
  readonly world?: string
  readonly port: number
  readonly speed: number
  readonly detach?: boolean
}

/** Virtual seconds a wall second: a control plane update of ten minutes takes two and a half seconds. */
const defaultSpeed = 240

/** `eks-runbook twin start` */
const twinStart: MakeCommand = (cli) =>
  newCommand('start', 'Start a local AWS and Kubernetes from a world file.', {
    example: 'eks-runbook twin start --detach\neval "$(eks-runbook twin env)"\nkubectl get nodes',
  })
    .option('--world <file>', 'world file (default: the photo app that comes with this tool)')
    .option('--port <port>', 'port of the AWS side on 127.0.0.1 (default: any free one)', portNumber, 0)
    .option('--speed <factor>', 'virtual seconds a wall second', speedNumber, defaultSpeed)
    .option('--detach', 'leave it running and return when it is ready')
    .action(async (options: Options) => {
      const start: TwinStart = {
        world: options.world === undefined ? exampleWorld() : path.resolve(cli.terminal.cwd, options.world),
        port: options.port,
        speed: options.speed,
        folder: twinFolder(options.state, cli.terminal),
      }
      if (options.detach === true) await detach(cli, options, start)
      else await stay(cli, options, start)
    })

export default twinStart

const exampleWorld = (): string => path.join(packageRoot(), 'examples/worlds/photo-app.yaml')

const detach = async (cli: Cli, options: Options, start: TwinStart): Promise<void> => {
  const { startDetachedTwin } = await import('../twin-detached.ts')
  const { endpoint, pid } = await startDetachedTwin(start, cli.terminal)
  if (options.output === 'json') return writeJson(cli, { endpoint, pid, folder: start.folder })
  writeText(
    cli,
    `The twin runs at ${endpoint} (process ${pid}). Point clients to it: eval "$(eks-runbook twin env)"`,
  )
}

const stay = async (cli: Cli, options: Options, start: TwinStart): Promise<void> => {
  const { runTwinHere } = await import('../twin-foreground.ts')
  await runTwinHere(start, cli, (endpoint) => {
    if (options.output === 'json') writeJson(cli, { endpoint, pid: process.pid, folder: start.folder })
    else
      writeText(
        cli,
        `The twin runs at ${endpoint}; Ctrl-C ends it. In another shell: eval "$(eks-runbook twin env)"`,
      )
  })
}

const portNumber = (text: string): number => {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('expected a port from 0 to 65535')
}

const speedNumber = (text: string): number => {
  const speed = Number(text)
  if (speed > 0 && speed <= 100_000) return speed
  throw new InvalidArgumentError('expected a number above 0 and at most 100000')
}
