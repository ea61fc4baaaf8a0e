import { nameOf, type Fleet, type FleetCluster } from '../fleet/fleet.ts'
import type { Plan } from '../runbook/plan.ts'
import type { Evidence, ToolIdentity } from './evidence.ts'
import { isArnOf } from './gated.ts'
import { refusal, type Refusal } from './gate-refusal.ts'

/** How far a clock may be ahead, in milliseconds. */
const skew = 5 * 60_000
const day = 86_400_000

/** What a run is judged by besides what it did. */
export interface RunCase {
  readonly plan: Plan
  readonly fleet: Fleet
  readonly tool: ToolIdentity
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

interface ProvenRun {
  readonly name: string
  readonly evidence: Evidence
  readonly staging: readonly FleetCluster[]
}

/** What stands against the run behind evidence: where, when, how it went and with which tool. Most telling first. */
export const runRefusals = (proven: ProvenRun, given: RunCase): readonly Refusal[] => [
  ...place(proven, given),
  ...clock(proven, given),
  ...completeness(proven, given),
  ...sameTool(proven, given),
]

/** R065. */
const place = ({ name, evidence, staging }: ProvenRun, { plan, fleet }: RunCase): readonly Refusal[] => {
  const { arn } = evidence.target
  const sameCluster = arn === plan.target.arn
  if (!sameCluster && staging.some((each) => isArnOf(arn, each, fleet))) return []
  const found = sameCluster ? 'that of the same cluster' : `that of ${arn}`
  const names = staging.map(nameOf).join(' or ')
  const hint = `eks-runbook evidence list, or run on ${names} first`
  return [refusal('R065', plan, `evidence ${name} to be of ${names}, found ${found}`, hint)]
}

/** R064, R076. The age counts from the start: what the first steps proved is as old as they are. */
const clock = ({ name, evidence }: ProvenRun, { plan, fleet, now }: RunCase): readonly Refusal[] => {
  const { startedAt, endedAt } = evidence
  const { maxAgeDays } = fleet.evidence
  const rerun = `run ${evidence.runbook} on ${evidence.target.cluster} again`
  if (Date.parse(endedAt) - now > skew)
    return [
      refusal(
        'R076',
        plan,
        `evidence ${name} to have ended by now, found ${endedAt}`,
        'set the clocks by NTP, then try again',
      ),
    ]
  if (now - Date.parse(startedAt) <= maxAgeDays * day && Date.parse(startedAt) <= Date.parse(endedAt))
    return []
  return [
    refusal(
      'R064',
      plan,
      `evidence ${name} to be of a run begun at most ${maxAgeDays} days ago, found ${startedAt} to ${endedAt}`,
      `eks-runbook evidence list, or ${rerun}`,
    ),
  ]
}

/** R068. A step that found its state there already was not proven. */
const completeness = ({ name, evidence }: ProvenRun, { plan }: RunCase): readonly Refusal[] => {
  const skipped = evidence.steps.find(({ outcome, looksOnly }) => outcome === 'already' && !looksOnly)
  const found =
    (evidence.state === 'done' ? undefined : `state ${String(evidence.state)}`) ??
    (evidence.brokeGlass === undefined ? undefined : 'one that broke the glass') ??
    (skipped && `step "${skipped.title}" already done before the run`) ??
    (evidence.steps.length === 0 ? 'no step at all' : undefined)
  if (found === undefined) return []
  const hint = `eks-runbook show ${evidence.run}, then run on ${evidence.target.cluster} again from where it starts`
  return [refusal('R068', plan, `evidence ${name} of a run that did every step, found ${found}`, hint)]
}

/** R069. */
const sameTool = ({ name, evidence }: ProvenRun, { plan, tool }: RunCase): readonly Refusal[] => {
  const proven = evidence.tool
  if (proven.version === tool.version && proven.digest === tool.digest) return []
  const why = `evidence ${name} of tool ${identity(tool)}, found ${identity(proven)}`
  const rerun = `run ${evidence.runbook} on ${evidence.target.cluster} again with this one`
  const build = proven.version === tool.version ? `the build ${proven.digest.slice(0, 12)}` : proven.version
  const hint = `use ${build}, or ${rerun}`
  return [refusal('R069', plan, why, hint)]
}

const identity = ({ version, digest }: ToolIdentity): string => `${version} (${digest.slice(0, 12)})`
