import { nameOf } from '../fleet/fleet.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Cli } from './cli.ts'
import { openTarget } from './open-target.ts'

/** Whether the credentials of an account of the fleet lead into that account. */
export interface AccountCheck {
  readonly alias: string
  readonly ok: boolean
  /** ARN of the caller, or why it could not be asked. */
  readonly found: string
}

/** Opens a cluster of each account that has one, which compares the caller's account with the fleet's. */
export const checkAccounts = async (cli: Cli, file: FleetFile): Promise<readonly AccountCheck[]> => {
  const checks: AccountCheck[] = []
  for (const { alias } of file.fleet.accounts) {
    const cluster = file.fleet.clusters.find(({ account }) => account === alias)
    if (cluster) checks.push({ alias, ...(await callerOf(cli, file, nameOf(cluster))) })
  }
  return checks
}

const callerOf = async (cli: Cli, file: FleetFile, cluster: string): Promise<Omit<AccountCheck, 'alias'>> => {
  try {
    return { ok: true, found: (await openTarget(cli, file, { name: cluster })).caller }
  } catch (error) {
    if (error instanceof RunbookError) return { ok: false, found: `${error.code} ${error.message}` }
    throw error
  }
}
