import { gatedBy } from '../evidence/gated.ts'
import type { EngineOptions } from '../runbook/engine-options.ts'
import type { Clearance } from '../runbook/journal-event.ts'
import { asJson } from '../runbook/plan.ts'
import { tell } from '../runbook/messages.ts'
import { redactText } from '../runbook/redact.ts'
import type { Target } from '../fleet/target.ts'
import { refuseWrongDigest, requireApproval, type Approval as Yes } from './approval.ts'
import { brokenRecord, pickUpHammer, unlessBroken, warnOfBrokenGlass, type Glass } from './break-glass.ts'
import type { Cli } from './cli.ts'
import type { Passed as Proven } from './gate.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import { secondPerson, type Intended, type SecondPerson } from './second-person.ts'

/** A run that may begin: what its journal says of the gate, and what has to be done right before it begins. */
export interface Cleared {
  readonly clearance?: Clearance
  readonly into: (engine: EngineOptions<Target>) => EngineOptions<Target>
}

/** What is asked before a run. */
export interface Clearing extends Omit<Intended, 'fleet'> {
  readonly fleet: FleetFile
  readonly yes: Yes
  /** What to type after `--plan` to mean this plan. */
  readonly called: string
  /** Why the glass is to be broken. */
  readonly emergency: string | undefined
}

/**
 * The order before a run, once its checks have passed: gate (exit 3), digest of `--approve` (R012), second person, yes
 * (R009). Throws R075 first when the caller may not break the glass. Writes nothing. The claim of the run looks at the
 * evidence and the approval once more, under the lock.
 */
export const clearRun = async (cli: Cli, clearing: Clearing): Promise<Cleared> => {
  const { plan, fleet, runner, emergency, yes } = clearing
  const glass =
    emergency === undefined ? undefined : pickUpHammer(fleet.fleet, { by: runner, reason: emergency })
  const gate = await unlessBroken(glass, () => provenBy(cli, clearing))
  refuseWrongDigest(yes)
  const second = await unlessBroken(glass, () => secondPerson({ ...clearing, fleet: fleet.fleet }))
  if (glass && glass.skipped.length > 0) warnOfBrokenGlass(cli, plan.target.cluster, glass)
  await requireApproval(cli, yes)
  const clearance = clearanceOf({ ...gate, second, glass })
  const still = async (run: string) => {
    await provenStill(cli, clearing, gate?.evidence)
    await second?.use(run)
  }
  return clearance === undefined
    ? { into: (engine) => engine }
    : { clearance, into: (engine) => ({ ...engine, clearance, claim: claimOf(engine, clearance, still) }) }
}

/** Nothing where no evidence is needed. */
const provenBy = async (cli: Cli, { plan, fleet, store, called }: Clearing): Promise<Proven> => {
  if (!gatedBy(fleet.fleet, plan.target)) return {}
  const { requireGate } = await import('./gate.ts')
  return await requireGate(cli, { plan, fleet, store, called })
}

/** The evidence that was shown, as it is once the yes was given: it may have expired or been undone meanwhile. */
const provenStill = async (
  cli: Cli,
  { plan, fleet, store, called, clock }: Clearing,
  evidence: string | undefined,
): Promise<void> => {
  if (evidence === undefined) return
  const { requireGate } = await import('./gate.ts')
  await requireGate(cli, { plan, fleet, store, called, began: { evidence, at: clock.now() } })
}

interface Passed extends Proven {
  readonly second: SecondPerson | undefined
  readonly glass: Glass | undefined
}

/** Undefined where there was no gate to pass. */
const clearanceOf = ({ evidence, rehearsal, second, glass }: Passed): Clearance | undefined => {
  const clearance: Clearance = {
    ...(evidence === undefined ? {} : { evidence }),
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(second ? { approval: approvalRecord(second) } : {}),
    ...(glass && glass.skipped.length > 0 ? { brokenGlass: brokenRecord(glass) } : {}),
  }
  return Object.keys(clearance).length === 0 ? undefined : clearance
}

const approvalRecord = ({ approval: { by, at, reason, nonce } }: SecondPerson) => ({
  by,
  at,
  reason: redactText(reason),
  name: nonce,
})

const claimOf =
  ({ operator }: EngineOptions<Target>, clearance: Clearance, still: (run: string) => Promise<void>) =>
  async (run: string): Promise<void> => {
    await still(run)
    tell(operator, 'M070', { text: clearanceText(clearance), data: { clearance: asJson(clearance) } })
  }

const clearanceText = ({ evidence, rehearsal, approval, brokenGlass }: Clearance): string => {
  const by = [
    ...(evidence === undefined ? [] : [`evidence ${evidence}`]),
    ...(rehearsal === undefined ? [] : [`rehearsal ${rehearsal}`]),
    ...(approval ? [`approval ${approval.name} by ${approval.by}`] : []),
  ].join(', ')
  const passed = by === '' ? '' : `The gate is passed by ${by}`
  if (!brokenGlass) return passed
  const broken = `THE GLASS IS BROKEN by ${brokenGlass.by} (${brokenGlass.skipped}): ${brokenGlass.reason}`
  return passed === '' ? broken : `${broken}. ${passed}`
}
