import { readApprovals, useApproval } from '../evidence/approval-store.ts'
import { chooseApproval, type Approval, type ApprovalFile } from '../evidence/approval.ts'
import { gatedBy } from '../evidence/gated.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Clock } from '../runbook/clock.ts'
import { RunbookError } from '../runbook/errors.ts'
import { keepPlan, keptPlan } from '../runbook/plan-store.ts'
import type { Plan } from '../runbook/plan.ts'
import type { StateStore } from '../runbook/store.ts'

/** A run that is about to begin. */
export interface Intended {
  readonly plan: Plan
  readonly fleet: Fleet
  readonly store: StateStore
  /** ARN of who runs it. */
  readonly runner: string
  /** ARN of who planned it, as its file says. */
  readonly planner: string
  readonly clock: Clock
}

/** An approval that holds, not used up yet. */
export interface SecondPerson {
  readonly approval: Approval
  /**
   * Looks at it once more as it is now, then uses it up for the run of that name. Throws R073 when another was faster,
   * and what `chooseApproval` throws where it no longer holds.
   */
  readonly use: (run: string) => Promise<void>
}

/**
 * The approval of a second person where the fleet asks for one, for plans of gated clusters; undefined where it does
 * not. Throws R070 when there is none, and what `chooseApproval` throws. Writes nothing before `use`.
 */
export const secondPerson = async (intended: Intended): Promise<SecondPerson | undefined> => {
  const { plan, fleet, store, runner, planner, clock } = intended
  if (!fleet.settings.secondPerson || !gatedBy(fleet, plan.target)) return undefined
  const kept = await keptPlan(store, plan.digest)
  if (!kept) throw neverKept(intended)
  const choose = async (isMeant: (file: ApprovalFile) => boolean): Promise<Approval> =>
    chooseApproval((await readApprovals(store, plan.digest)).filter(isMeant), {
      plan,
      planners: [...new Set([kept.plannedBy, planner])],
      runner,
      signers: fleet.evidence.signers,
      ssoRoles: fleet.settings.ssoRoles,
      approvalHours: fleet.settings.approvalHours,
      now: clock.now(),
    })
  const approval = await choose(() => true)
  const use = async (run: string) => {
    const still = await choose(({ name }) => name === approval.nonce)
    await useApproval(store, still, { run, by: runner, at: new Date(clock.now()).toISOString() })
  }
  return { approval, use }
}

const neverKept = ({ plan, store }: Intended): RunbookError =>
  new RunbookError(
    'R070',
    `Cannot run ${plan.runbook} on ${plan.target.cluster}: expected a plan kept in ${store.place} and the approval of a second person, found neither`,
    {
      hint: `plan with this --state: eks-runbook plan ${plan.runbook} --save plan.json, then somebody else: eks-runbook approve ${plan.digest} --reason TEXT`,
    },
  )

/** Keeps the plan where somebody else may have to read it: of a gated cluster, and of all where the fleet asks for a second person. */
export const keepForTeam = async (
  plan: Plan,
  { fleet, store }: { readonly fleet: Fleet; readonly store: () => Promise<StateStore> },
): Promise<void> => {
  const isShared = fleet.settings.secondPerson || gatedBy(fleet, plan.target) !== undefined
  if (isShared && plan.steps.length > 0) await keepPlan(await store(), plan)
}
