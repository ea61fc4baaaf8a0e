import { homedir } from 'node:os'
import path from 'node:path'
import type { Terminal } from './terminal.ts'

/** Where runs and locks are kept: `--state`, else EKS_RUNBOOK_STATE, else the XDG state home. An absolute path, or `s3://bucket/prefix`. */
export const stateLocation = (option: string | undefined, { env, cwd }: Terminal): string => {
  const chosen = option ?? (env['EKS_RUNBOOK_STATE'] || undefined)
  if (chosen?.startsWith('s3://')) return chosen
  if (chosen !== undefined) return path.resolve(cwd, chosen)
  const stateHome = env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local/state')
  return path.join(stateHome, 'eks-runbook')
}

/** The folder of this machine's twin: beside the state, also when that is in S3. */
export const twinFolder = (option: string | undefined, terminal: Terminal): string => {
  const location = stateLocation(option, terminal)
  const local = location.startsWith('s3://')
    ? stateLocation(undefined, { ...terminal, env: { ...terminal.env, EKS_RUNBOOK_STATE: undefined } })
    : location
  return path.join(local, 'twin')
}
