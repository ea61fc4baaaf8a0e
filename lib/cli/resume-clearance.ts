import { readApprovals, userOf } from '../evidence/approval-store.ts'
import { chooseApproval, usedUp } from '../evidence/approval.ts'
import { gatedBy } from '../evidence/gated.ts'
import { covers, principalOf } from '../evidence/principal.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import { RunbookError, type RunbookErrorCode } from '../runbook/errors.ts'
import type { BrokenGlass, Clearance } from '../runbook/journal-event.ts'
import { plainText } from '../runbook/plain-text.ts'
import { keptPlan } from '../runbook/plan-store.ts'
import type { RunView } from '../runbook/run-view.ts'
import type { StateStore } from '../runbook/store.ts'
import { brokenRecord, unlessBroken, warnOfBrokenGlass, type Glass } from './break-glass.ts'
import type { Cli } from './cli.ts'
import { requireGate } from './gate.ts'

/** A run that is about to go on. */
export interface Resuming {
  readonly run: RunView
  readonly fleet: FleetFile
  readonly store: StateStore
  /** ARN of who goes on with it. */
  readonly by: string
}

/**
 * Asks `requireClearance`. What it refuses is passed by a broken glass, which is shown: what to journal of it then, and
 * nothing where there was nothing to break.
 */
export const clearedToGoOn = async (
  cli: Cli,
  resuming: Resuming,
  glass: Glass | undefined,
): Promise<BrokenGlass | undefined> => {
  await unlessBroken(glass, () => requireClearance(cli, resuming))
  if (!glass || glass.skipped.length === 0) return undefined
  warnOfBrokenGlass(cli, resuming.run.target.cluster, glass)
  return brokenRecord(glass)
}

/**
 * Holds what the journal says of the gate against what is in the state, as of the beginning of the run: a journal is a
 * text that whoever writes to the state can write. Nothing is asked where the cluster is not gated. Throws what the
 * gate throws for the evidence that the run names (R060 where it names none), R070 to R076 where the approval that it
 * names does not stand for this run, R075 where the glass was broken by, or goes on in the hands of, somebody who may not.
 */
export const requireClearance = async (cli: Cli, resuming: Resuming): Promise<void> => {
  const { run, fleet } = resuming
  if (!gatedBy(fleet.fleet, run.target)) return
  const { brokenGlass, evidence } = run.clearance ?? {}
  if (brokenGlass) return [brokenGlass.by, resuming.by].forEach((by) => refuseHammer(resuming, by))
  const { store } = resuming
  await requireGate(cli, { plan: run.plan, fleet, store, began: { evidence, at: Date.parse(run.startedAt) } })
  if (fleet.fleet.settings.secondPerson) await requireApprovalOf(resuming, run.clearance?.approval)
}

const refuseHammer = ({ run, fleet }: Resuming, by: string): void => {
  const { breakGlass, ssoRoles } = fleet.fleet.settings
  if (breakGlass.some((named) => covers(named, by))) return
  throw refused(run, {
    code: 'R075',
    expected: 'a principal of settings.breakGlass behind the broken glass',
    found: plainText(principalOf(by, ssoRoles)) || 'nobody',
    hint: `one of them: eks-runbook resume ${run.id}`,
  })
}

const requireApprovalOf = async (
  { run, fleet, store }: Resuming,
  named: Clearance['approval'],
): Promise<void> => {
  const { plan } = run
  const { settings, evidence } = fleet.fleet
  const files = await readApprovals(store, plan.digest)
  const [starter = ''] = run.callers
  const approval = chooseApproval(
    files.filter(({ name }) => name === named?.name).map((file) => ({ ...file, used: false })),
    {
      ...settings,
      plan,
      planners: await plannersOf(run, store),
      runner: starter,
      signers: evidence.signers,
      now: Date.parse(run.startedAt),
    },
  )
  if ((await userOf(store, approval)) !== run.id) throw usedUp(approval)
}

const plannersOf = async ({ plan }: RunView, store: StateStore): Promise<readonly string[]> => {
  const kept = await keptPlan(store, plan.digest)
  return [...new Set([plan.plannedBy, ...(kept ? [kept.plannedBy] : [])])]
}

interface Told {
  readonly code: RunbookErrorCode
  readonly expected: string
  readonly found: string
  readonly hint: string
}

const refused = ({ id, target }: RunView, { code, expected, found, hint }: Told): RunbookError =>
  new RunbookError(code, `Cannot resume ${id} on ${target.cluster}: expected ${expected}, found ${found}`, {
    hint,
  })
