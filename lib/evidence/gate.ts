import { nameOf, type Fleet, type FleetCluster } from '../fleet/fleet.ts'
import type { RunbookError } from '../runbook/errors.ts'
import type { Plan } from '../runbook/plan.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import { closingCommand, onStaging, type Closing } from './closing-command.ts'
import type { Evidence, ToolIdentity } from './evidence.ts'
import { gatedBy, isArnOf, pairHint } from './gated.ts'
import { refusal, refusalOfError, type Refusal } from './gate-refusal.ts'
import { runRefusals } from './proven-run.ts'
import { askRehearsal, type RehearsalRecord, type RehearsedWorld } from './rehearsal-gate.ts'
import { allowed, unproven, type AllowedDifference, type ShapeDifference } from './shape-difference.ts'

/** Evidence by the name it is kept under: opened, or why it cannot be trusted. */
export type Candidate =
  | { readonly name: string; readonly evidence: Evidence }
  | { readonly name: string; readonly error: RunbookError }

/** What the gate judges by. */
export interface GateCase {
  readonly plan: Plan
  readonly shape: PlanShape
  readonly fleet: Fleet
  /** The tool that is about to run. */
  readonly tool: ToolIdentity
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  readonly candidates: readonly Candidate[]
  readonly rehearsals: readonly RehearsalRecord[]
  /** File for the plan that a command makes anew. Default: `plan.json`. */
  readonly file?: string
}

/** A difference with the command that closes it. */
export type OpenDifference = ShapeDifference & { readonly command: string }

/** One piece of evidence, judged. */
export interface CandidateReport {
  readonly name: string
  /** Name of its cluster; empty where it could not be opened. */
  readonly cluster: string
  /** ISO 8601; empty where it could not be opened. */
  readonly endedAt: string
  /** Titles of steps that stopped with an error before they were done, with its codes. */
  readonly failures: readonly { readonly step: string; readonly codes: readonly string[] }[]
  readonly refusals: readonly Refusal[]
  readonly differences: readonly OpenDifference[]
  readonly allowed: readonly AllowedDifference[]
}

/** What the gate says of a plan. Plain data. */
export interface GateReport {
  /** False: the cluster needs no evidence. */
  readonly gated: boolean
  readonly cluster: string
  /** Clusters whose evidence counts. */
  readonly staging: readonly string[]
  readonly maxAgeDays: number
  /** The command that proves the plan; empty where nothing is asked. */
  readonly prove: string
  /** What stands against the plan whatever the evidence: no pair, nothing proven, no rehearsal. */
  readonly refusals: readonly Refusal[]
  /** Nearest to passing first. */
  readonly candidates: readonly CandidateReport[]
  /** Name of the evidence by which the plan passes. */
  readonly passes?: string
  /** Name of the rehearsal, where one is asked for and there. */
  readonly rehearsal?: string
  readonly rehearsedOn?: RehearsedWorld
}

/** Holds a plan against all evidence there is. Pure. */
export const judge = (given: GateCase): GateReport => {
  const { plan, fleet } = given
  const cluster = plan.target.cluster
  const { maxAgeDays } = fleet.evidence
  const gated = gatedBy(fleet, plan.target)
  const common = { cluster, maxAgeDays }
  if (gated === undefined)
    return { ...common, gated: false, staging: [], prove: '', refusals: [], candidates: [] }
  const [first] = gated.staging
  if (first === undefined) {
    const why = 'a staging cluster that stands for it in pairs of fleet.yaml, found none'
    const refusals = [refusal('R060', plan, why, pairHint(fleet, cluster))]
    return { ...common, gated: true, staging: [], prove: '', refusals, candidates: [] }
  }
  const candidates = given.candidates
    .map((each) => candidateReport(each, given, gated.staging))
    .toSorted(byNearness)
  const asked = askRehearsal(given)
  const prove = onStaging({ ...plan, staging: named(first) })
  const passing = candidates.find(({ refusals }) => refusals.length === 0)
  const nothing = candidates.some(isOfRunbook) ? [] : [nothingProven(plan, gated.staging, prove)]
  const refusals = [...nothing, ...asked.refusals]
  return {
    ...common,
    gated: true,
    staging: gated.staging.map(nameOf),
    prove,
    refusals,
    candidates,
    ...(passing && refusals.length === 0 ? { passes: passing.name } : {}),
    ...(asked.found ? { rehearsal: asked.found.id, rehearsedOn: asked.found.world } : {}),
  }
}

/** The one refusal to tell: that of the evidence nearest to passing, else what stands against the plan anyway. */
export const bestRefusal = (report: GateReport): Refusal | undefined => {
  if (!report.gated || report.passes !== undefined) return undefined
  const nearest = report.candidates.find(isOfRunbook)
  return nearest?.refusals[0] ?? report.refusals[0]
}

/** Evidence of another runbook says nothing about this one, nor does what is no record; what could not be trusted may be of it. */
const isOfRunbook = ({ differences, refusals }: CandidateReport): boolean =>
  !differences.some(({ rule }) => rule === 'runbook') &&
  !refusals.some(({ code }) => code === 'R041' || code === 'R079')

const nothingProven = (plan: Plan, staging: readonly FleetCluster[], prove: string): Refusal =>
  refusal('R060', plan, `evidence of ${staging.map(nameOf).join(' or ')}, found none`, prove)

const named = (cluster: FleetCluster) => ({ onCommandLine: nameOf(cluster), inEks: cluster.name })

const candidateReport = (
  candidate: Candidate,
  given: GateCase,
  staging: readonly FleetCluster[],
): CandidateReport => {
  const { name } = candidate
  if ('error' in candidate)
    return {
      name,
      cluster: '',
      endedAt: '',
      failures: [],
      refusals: [refusalOfError(candidate.error)],
      differences: [],
      allowed: [],
    }
  const { evidence } = candidate
  const { plan, fleet } = given
  const own = staging.find((each) => isArnOf(evidence.target.arn, each, fleet))
  const proved = own ?? staging[0]
  const differences = unproven(given, evidence).map((difference) => ({
    ...difference,
    command: proved ? closingCommand(difference, closingOf(given, { name, evidence, proved })) : '',
  }))
  return {
    name,
    cluster: evidence.target.cluster,
    endedAt: evidence.endedAt,
    failures: failuresOf(evidence),
    refusals: [...runRefusals({ name, evidence, staging }, given), ...differenceRefusal(plan, differences)],
    differences,
    allowed: allowed(given, evidence),
  }
}

const failuresOf = ({ steps }: Evidence): CandidateReport['failures'] =>
  steps.flatMap(({ title, failures }) => (failures ? [{ step: title, codes: failures }] : []))

/** R061. */
const differenceRefusal = (plan: Plan, differences: readonly OpenDifference[]): readonly Refusal[] => {
  const [first, ...others] = differences
  if (!first) return []
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return [refusal('R061', plan, `${differenceText(first)}${more}`, first.command)]
}

const differenceText = ({ rule, object, expected, found }: ShapeDifference): string =>
  expected === ''
    ? `${object} to be proven (${rule}), found ${found}, which never was`
    : `${object} as proven (${rule}: ${expected}), found ${found}`

interface Proved {
  readonly name: string
  readonly evidence: Evidence
  readonly proved: FleetCluster
}

const closingOf = (
  { plan, fleet, file = 'plan.json' }: GateCase,
  { name, evidence, proved }: Proved,
): Closing => {
  const own = fleet.clusters.find((each) => nameOf(each) === plan.target.cluster)
  return {
    runbook: plan.runbook,
    inputs: plan.inputs,
    file,
    production: { onCommandLine: plan.target.cluster, inEks: own?.name ?? plan.target.cluster },
    staging: named(proved),
    evidence: { name, runbook: evidence.runbook, inputs: evidence.inputs },
  }
}

/** Evidence of the paired cluster first, then what could not be opened, then the rest; fewer refusals, fewer differences, newer. */
const byNearness = (a: CandidateReport, b: CandidateReport): number =>
  strangeness(a) - strangeness(b) ||
  a.refusals.length - b.refusals.length ||
  a.differences.length - b.differences.length ||
  b.endedAt.localeCompare(a.endedAt)

const strangeness = (report: CandidateReport): number => {
  if (!isOfRunbook(report)) return 3
  if (report.refusals.some(({ code }) => code === 'R065')) return 2
  return report.cluster === '' ? 1 : 0
}
