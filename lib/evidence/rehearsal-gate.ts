import { nameOf } from '../fleet/fleet.ts'
import { stepsDigest } from '../runbook/plan.ts'
import { rehearseCommand } from './closing-command.ts'
import type { ToolIdentity } from './evidence.ts'
import { isArnOf } from './gated.ts'
import { refusal, type Refusal } from './gate-refusal.ts'
import type { RunCase } from './proven-run.ts'

/** Where the world of a rehearsal came from, and its sha256 in hex. */
export interface RehearsedWorld {
  readonly origin: 'import' | 'file'
  readonly name: string
  readonly sha256: string
}

/** What the gate asks of a rehearsal. */
export interface RehearsalRecord {
  readonly id: string
  /** ARN of the cluster. */
  readonly cluster: string
  readonly stepsDigest: string
  readonly runbook: string
  readonly tool: ToolIdentity
  readonly world: RehearsedWorld
  /** ISO 8601. */
  readonly at: string
  readonly ended: { readonly done: number; readonly of: number }
}

/** What a rehearsal is judged by besides what it says. */
export interface RehearsalCase extends RunCase {
  readonly rehearsals: readonly RehearsalRecord[]
}

/** What the gate finds where the fleet asks for a rehearsal. */
export interface AskedRehearsal {
  readonly refusals: readonly Refusal[]
  /** The newest that counts. */
  readonly found?: RehearsalRecord
}

/**
 * R077 unless a rehearsal of just these steps of this runbook, on this cluster, by this code of the tool, ended done not
 * longer ago than the fleet says.
 */
export const askRehearsal = (given: RehearsalCase): AskedRehearsal => {
  const { plan, fleet, now, rehearsals, tool } = given
  const days = fleet.evidence.rehearsalDays
  if (days === undefined) return { refusals: [] }
  const fitting = rehearsals
    .filter((record) => isOfPlan(record, given) && isWithin(record.at, now, days))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  const found = fitting.find((record) => isSame(record.tool, tool))
  if (found) return { refusals: [], found }
  const [other] = fitting
  const what = other ? `${other.id} of tool ${identity(other.tool)}` : 'none'
  const why = `a rehearsal of just these steps by tool ${identity(tool)} that ended done within ${days} days, found ${what}`
  return { refusals: [refusal('R077', plan, why, rehearseCommand(plan))] }
}

const isOfPlan = (record: RehearsalRecord, { plan, fleet }: RehearsalCase): boolean => {
  const own = fleet.clusters.find((each) => nameOf(each) === plan.target.cluster)
  const { cluster, runbook, ended } = record
  return (
    own !== undefined &&
    isArnOf(cluster, own, fleet) &&
    runbook === plan.runbook &&
    record.stepsDigest === stepsDigest(plan) &&
    ended.done === ended.of
  )
}

const isSame = (a: ToolIdentity, b: ToolIdentity): boolean => a.version === b.version && a.digest === b.digest

const identity = ({ version, digest }: ToolIdentity): string => `${version} (${digest.slice(0, 12)})`

const isWithin = (at: string, now: number, days: number): boolean => {
  const age = now - Date.parse(at)
  return age <= days * 86_400_000 && age >= -300_000
}
