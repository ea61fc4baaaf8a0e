import { checkJournal, isOfOneRecord, listEvidence, readEvidence } from '../evidence/evidence-store.ts'
import { bestRefusal, judge, type Candidate, type GateReport } from '../evidence/gate.ts'
import type { ToolIdentity } from '../evidence/evidence.ts'
import { gatedBy } from '../evidence/gated.ts'
import { listRehearsals } from '../evidence/rehearsal.ts'
import type { FleetFile } from '../fleet/read-fleet.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Plan } from '../runbook/plan.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import { isDigest } from '../runbook/plan-store.ts'
import type { StateStore } from '../runbook/store.ts'
import type { Cli } from './cli.ts'
import { packageVersion } from './package-root.ts'
import { loadRunbook } from './runbook-files.ts'
import { toolDigest } from './tool-digest.ts'

/** A plan and where to look for what it needs. */
export interface GateRequest {
  readonly plan: Plan
  readonly fleet: FleetFile
  readonly store: StateStore
  /** What to type after `--plan` to mean this plan. Default: its digest. */
  readonly called?: string
  /** The file it was read from. */
  readonly file?: string
  /** A run of it that began already. */
  readonly began?: Began
}

/** A run is judged as of its beginning, with the tool of then, and by the evidence that it named alone. */
export interface Began {
  readonly evidence: string | undefined
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/**
 * Holds a plan against all evidence and rehearsals of the store; writes nothing, asks no AWS. Throws R006 for a plan
 * whose facts are not those of this version, and what the store throws.
 */
export const askGate = async (cli: Cli, request: GateRequest): Promise<GateReport> => {
  const { plan, fleet, store, file, began } = request
  const rules = fleet.fleet.evidence
  const gated = gatedBy(fleet.fleet, plan.target) !== undefined
  const rehearsals =
    gated && rules.rehearsalDays !== undefined ? await listRehearsals(store, rules.signers) : []
  const candidates = gated ? await candidatesOf(request) : []
  return judge({
    plan,
    shape: await shapeOf(plan),
    fleet: fleet.fleet,
    tool: (began && toolOf(candidates)) ?? { version: packageVersion(), digest: gated ? toolDigest() : '' },
    now: began?.at ?? (await cli.clock()).now(),
    candidates,
    ...(file === undefined ? {} : { file }),
    rehearsals: rehearsals.flatMap((kept) => ('rehearsal' in kept ? [kept.rehearsal] : [])),
  })
}

/** What the gate was passed by; nothing where the cluster needs none. */
export interface Passed {
  readonly evidence?: string
  readonly rehearsal?: string
}

/** Throws the refusal of the evidence nearest to passing: R060 to R069, R076, R077. */
export const requireGate = async (cli: Cli, request: GateRequest): Promise<Passed> => {
  const { called } = request
  const file = called === undefined || isDigest(called) ? {} : { file: called }
  const report = await askGate(cli, { ...file, ...request })
  const refusal = bestRefusal(report)
  if (refusal === undefined)
    return {
      ...(report.passes === undefined ? {} : { evidence: report.passes }),
      ...(report.rehearsal === undefined ? {} : { rehearsal: report.rehearsal }),
    }
  const explain = `eks-runbook gate explain --plan ${called ?? request.plan.digest}`
  throw new RunbookError(refusal.code, refusal.message, { hint: `${explain} (${refusal.hint})` })
}

const toolOf = ([candidate]: readonly Candidate[]): ToolIdentity | undefined =>
  candidate && 'evidence' in candidate ? candidate.evidence.tool : undefined

const shapeOf = async (plan: Plan): Promise<PlanShape> => {
  const { shape } = await loadRunbook(plan.runbook)
  try {
    return shape(plan.facts)
  } catch (cause) {
    throw new RunbookError(
      'R006',
      `Cannot use the plan: expected facts of ${plan.runbook} of this version, found those of ${plan.tool}`,
      { hint: `make it again: eks-runbook plan ${plan.runbook} --save plan.json`, cause },
    )
  }
}

type Signers = FleetFile['fleet']['evidence']['signers']

const candidatesOf = async ({ plan, fleet, store, began }: GateRequest): Promise<readonly Candidate[]> => {
  const { signers } = fleet.fleet.evidence
  const names = began ? [began.evidence].filter((name) => name !== undefined) : await listEvidence(store)
  return await Promise.all(names.map((name) => openCandidate(store, { name, plan, signers })))
}

interface Opening {
  readonly name: string
  readonly plan: Plan
  readonly signers: Signers
}

/** The journal is read only where the evidence is of the plan's runbook. */
const openCandidate = async (store: StateStore, { name, plan, signers }: Opening): Promise<Candidate> => {
  try {
    const { evidence } = await readEvidence(store, name, signers)
    if (evidence.runbook === plan.runbook) await checkJournal(store, evidence)
    return { name, evidence }
  } catch (error) {
    if (isOfOneRecord(error)) return { name, error }
    throw error
  }
}
