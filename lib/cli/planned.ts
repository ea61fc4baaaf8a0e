import { existsSync } from 'node:fs'
import path from 'node:path'
import { isDigest, requirePlan } from '../runbook/plan-store.ts'
import type { Plan } from '../runbook/plan.ts'
import type { StateStore } from '../runbook/store.ts'
import type { Cli } from './cli.ts'
import { readPlan } from './plan-file.ts'

/** The plan of `--plan FILE` or, by its digest, one that the team keeps. Throws R006, R081. */
export const planned = async (cli: Cli, name: string, store: StateStore): Promise<Plan> =>
  isDigest(name) && !existsSync(path.resolve(cli.terminal.cwd, name))
    ? await requirePlan(store, name)
    : readPlan(cli, name)
