import { statSync } from 'node:fs'
import path from 'node:path'
import type { ComparedRun } from '../evidence/compare-runs.ts'
import { evidenceText } from '../evidence/evidence-store.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { openEvidence } from '../evidence/read-evidence.ts'
import { stepResults } from '../evidence/step-results.ts'
import { RunbookError } from '../runbook/errors.ts'
import type { Plan } from '../runbook/plan.ts'
import type { PlanShape } from '../runbook/plan-shape.ts'
import type { RunView } from '../runbook/run-view.ts'
import type { StateStore } from '../runbook/store.ts'
import type { Cli } from './cli.ts'
import { runView } from './engine-run.ts'
import { readEvidenceFile } from './evidence-file.ts'
import { readCliFleet } from './open-target.ts'
import { loadRunbook } from './runbook-files.ts'

interface Asked {
  /** Name of a run, or of evidence, or a file of evidence. */
  readonly name: string
  readonly store: StateStore
  /** `--fleet`: read only where a signature has to be verified. */
  readonly fleet: string | undefined
}

/**
 * A run by its journal, else by its evidence. Throws R008 where the name is that of neither, R040 for a damaged journal,
 * and for evidence what opening it throws: it must be as a signer of the fleet signed it.
 */
export const comparedRun = async (cli: Cli, asked: Asked): Promise<ComparedRun> => {
  const { name, store } = asked
  const file = path.resolve(cli.terminal.cwd, name)
  if (looksLikeFile(name) && isFile(file))
    return fromSealed(cli, asked, (await readEvidenceFile(cli, name)).text)
  try {
    return await fromRun(await runView(store, name))
  } catch (error) {
    if (!(error instanceof RunbookError) || error.code !== 'R008') throw error
    const sealed = await evidenceText(store, name)
    if (sealed === undefined) throw neither(name, error)
    return fromSealed(cli, { ...asked, kept: name }, sealed)
  }
}

/** Names of runs and of evidence have neither dots nor slashes. */
const looksLikeFile = (name: string): boolean => /[./\\]/.test(name)

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true

const neither = (name: string, cause: RunbookError): RunbookError =>
  new RunbookError(
    'R008',
    `Cannot compare ${JSON.stringify(name)}: expected a run or its evidence, found neither`,
    {
      hint: 'eks-runbook runs; eks-runbook evidence list',
      cause,
    },
  )

const fromSealed = (cli: Cli, asked: Asked & { readonly kept?: string }, sealed: string): ComparedRun => {
  const { signers } = readCliFleet(cli, asked.fleet).fleet.evidence
  const { kept } = asked
  const { evidence } = openEvidence(sealed, { signers, ...(kept === undefined ? {} : { name: kept }) })
  return fromEvidence(evidence)
}

const fromEvidence = (evidence: Evidence): ComparedRun => {
  const { run, runbook, target, state, startedAt, endedAt, inputs, shape, steps } = evidence
  return { run, from: 'evidence', runbook, target, state, startedAt, endedAt, inputs, shape, steps }
}

const fromRun = async (view: RunView): Promise<ComparedRun> => {
  const { id, runbook, target, plan, state, startedAt, endedAt } = view
  return {
    run: id,
    from: 'journal',
    runbook,
    target,
    state,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    inputs: plan.inputs,
    shape: await shapeOf(plan),
    steps: stepResults(view),
  }
}

/** Facts that another version surveyed may lack what this one reads, and a runbook may be gone: then nothing is said of it. */
const shapeOf = async (plan: Plan): Promise<PlanShape | undefined> => {
  try {
    return (await loadRunbook(plan.runbook)).shape(plan.facts)
  } catch {
    return undefined
  }
}
