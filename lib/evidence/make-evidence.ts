import { RunbookError } from '../runbook/errors.ts'
import { foldAll } from '../runbook/fold.ts'
import type { JournalLine } from '../runbook/journal-event.ts'
import { asJson, stepsDigest, type Plan } from '../runbook/plan.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import type { RunView } from '../runbook/run-view.ts'
import type { Evidence, ToolIdentity } from './evidence.ts'
import { evidenceType } from './read-evidence.ts'
import type { SealedStatement } from './seal.ts'
import { stepResults } from './step-results.ts'

/** A journal up to where the run was done, and the run as it was then. */
export interface DoneRun {
  readonly view: RunView
  readonly journal: Evidence['journal']
}

/** What is not in the view of a run. */
export interface EvidenceParts {
  readonly journal: Evidence['journal']
  /** The shape of the plan, by the runbook that ran. */
  readonly shape: PlanShape
  /** The code that signs; it must be the one that ran. */
  readonly tool: ToolIdentity
  /** 32 hex digits by chance. */
  readonly nonce: string
}

/**
 * The run as it was when it was done, whatever was repaired since. Throws R068 for one that is not done or was undone
 * since, R040 for a journal that starts no run.
 */
export const doneRun = (lines: readonly JournalLine[]): DoneRun => {
  const now = foldAll(lines).view
  const end = lines.findLastIndex(({ event }) => event.type === 'run-ended' && event.state === 'done')
  const last = lines[end]
  if (now.undoing) throw proves(now, 'a run that stands', 'one that was being undone since')
  if (now.state !== 'done' || last === undefined) throw proves(now, 'a run that is done', `one ${now.state}`)
  const { view } = foldAll(lines.slice(0, end + 1))
  return { view, journal: { lines: end + 1, head: last.hash } }
}

/**
 * What a run proved. Pure. Throws R068 for a run that is not done, went through no step or left one out, R069 when other
 * code than `tool` ran any of it.
 */
export const makeEvidence = (view: RunView, { journal, shape, tool, nonce }: EvidenceParts): Evidence => {
  const { plan, clearance } = view
  if (view.state !== 'done') throw proves(view, 'a run that is done', `one ${view.state}`)
  refuseOtherTool(view, tool)
  const steps = stepResults(view)
  if (plan.steps.length === 0) throw proves(view, 'a run of steps', 'one of none')
  if (steps.length !== plan.steps.length)
    throw proves(view, `${plan.steps.length} steps that are done`, `${steps.length}`)
  return {
    schema: 1,
    run: view.id,
    nonce,
    runbook: view.runbook,
    tool,
    target: view.target,
    inputs: plan.inputs,
    plan: planned(plan),
    shape,
    steps,
    state: 'done',
    startedAt: view.startedAt,
    endedAt: view.endedAt ?? view.updatedAt,
    by: view.by,
    resumes: view.resumes,
    journal,
    ...(clearance?.brokenGlass === undefined ? {} : { brokeGlass: clearance.brokenGlass.reason }),
  }
}

const planned = (plan: Plan): Evidence['plan'] => ({
  digest: plan.digest,
  stepsDigest: stepsDigest(plan),
  plannedBy: plan.plannedBy,
  plannedAt: plan.plannedAt,
  findings: plan.findings.map(({ code, outcome, object }) => ({ code, outcome, object })),
})

const proves = ({ id }: RunView, expected: string, found: string): RunbookError =>
  new RunbookError('R068', `Cannot make evidence of ${id}: expected ${expected}, found ${found}`, {
    hint: `eks-runbook show ${id}`,
  })

/** The shape is made by the code at hand: only for a run of the same code does it say what ran. */
const refuseOtherTool = ({ id, toolDigests, tool: version }: RunView, tool: ToolIdentity): void => {
  const other = toolDigests.find((digest) => digest !== tool.digest)
  if (toolDigests.length > 0 && other === undefined) return
  const found = other === undefined ? 'none on record' : `${short(other)} of version ${plainText(version)}`
  throw new RunbookError(
    'R069',
    `Cannot make evidence of ${id}: expected the code ${short(tool.digest)} of version ${tool.version} in all of the run, found ${found}`,
    { hint: `sign with the version that ran it: eks-runbook evidence sign ${id}; or run on staging again` },
  )
}

const short = (digest: string): string => plainText(digest.slice(0, 12))

/** The statement to seal: about the journal, by the hash of its last line. */
export const evidenceStatement = (evidence: Evidence): SealedStatement => ({
  predicateType: evidenceType,
  subject: { name: evidence.run, sha256: evidence.journal.head },
  predicate: asJson(evidence),
})
