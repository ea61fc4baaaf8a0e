import { once } from 'node:events'
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { RunbookError } from '../runbook/errors.ts'
import { asRunbookError } from '../runbook/failure.ts'
import type { TokenCommand } from '../twin/scratch-folder.ts'
import { startTwinProcess } from '../twin/twin-process.ts'
import type { Cli } from './cli.ts'
import { launcherPath } from './package-root.ts'
import { errorLine } from './report-error.ts'
import { machineKey } from './signing-key.ts'
import { detachedMark, type TwinStart } from './twin-detached.ts'
import { twinAnswers, twinFileName, type TwinFile } from './twin-client.ts'
import { wallNow } from './wall-clock.ts'

/** Runs a twin in this process until it is stopped. `ready` is called with its endpoint. Throws R051, R007. */
export const runTwinHere = async (
  start: TwinStart,
  cli: Cli,
  ready: (endpoint: string) => void,
): Promise<void> => {
  if (await twinAnswers(start.folder))
    throw new RunbookError(
      'R051',
      `Cannot start a twin in ${start.folder}: expected none there, found one running`,
      {
        hint: 'eks-runbook twin stop, or give another folder with --state',
      },
    )
  const detached = cli.terminal.env[detachedMark] === '1' && process.send !== undefined
  if (detached) process.once('disconnect', leaveUnlessReady)
  const stop = new AbortController()
  const log = (line: string) => cli.terminal.stderr.write(`${line}\n`)
  cli.signal.addEventListener('abort', () => stop.abort(), { once: true })
  const twin = await startTwinProcess({
    ...start,
    wallNow,
    token: tokenCommand(),
    ...signerOf(cli, log),
    log,
    stop: () => stop.abort(),
  })
  const file: TwinFile = { pid: process.pid, ...twin.control, endpoint: twin.endpoint, env: { ...twin.env } }
  const twinFile = path.join(start.folder, twinFileName)
  writeFileSync(twinFile, JSON.stringify(file), { mode: 0o600 })
  ready(twin.endpoint)
  if (detached) tellParent(twin.endpoint)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  rmSync(twinFile, { force: true })
  await twin.close()
}

/** Runs on a twin sign with the key of this machine. A twin without it is of use still. */
const signerOf = ({ terminal }: Cli, log: (line: string) => void): { readonly signer?: string } => {
  try {
    return { signer: machineKey(terminal).signer.keyLine }
  } catch (error) {
    log(`The fleet of the twin trusts no signer: ${errorLine(asRunbookError(error))}`)
    return {}
  }
}

/** The parent is gone before the twin served: nobody knows of it, so it ends. */
const leaveUnlessReady = (): void => process.exit(1)

const tellParent = (endpoint: string): void => {
  process.off('disconnect', leaveUnlessReady)
  process.send?.({ endpoint, pid: process.pid })
}

/** As AWS documents it, `aws eks get-token`; this tool's own command where aws is missing. */
const tokenCommand = (): TokenCommand => {
  const aws = spawnSync('aws', ['--version'], { stdio: 'ignore', timeout: 10_000 })
  if (aws.status === 0)
    return {
      command: 'aws',
      args: ({ name, region }) => [
        '--region',
        region,
        'eks',
        'get-token',
        '--cluster-name',
        name,
        '--output',
        'json',
      ],
    }
  return {
    command: process.execPath,
    args: ({ name, region }) => [launcherPath(), 'kube-token', '--cluster', name, '--region', region],
  }
}
