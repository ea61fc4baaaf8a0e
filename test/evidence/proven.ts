import {
  evidenceStatement,
  doneRun,
  makeEvidence,
  type EvidenceParts,
} from '../../lib/evidence/make-evidence.ts'
import type { Evidence } from '../../lib/evidence/evidence.ts'
import { keepEvidence } from '../../lib/evidence/evidence-store.ts'
import { seal } from '../../lib/evidence/seal.ts'
import type { Signer } from '../../lib/evidence/signer.ts'
import { execute } from '../../lib/runbook/engine.ts'
import { listRuns, loadRun } from '../../lib/runbook/runs.ts'
import type { StateStore } from '../../lib/runbook/store.ts'
import { simulate, type Simulation, type StepSpec } from '../runbook/simulation.ts'

export const tool = { version: '0.1.0', digest: 'd'.repeat(64) }
export const nonce = '0'.repeat(31) + '1'
export const shape: EvidenceParts['shape'] = {
  must: [{ rule: 'control-plane', object: 'hop 1', value: '1.33', names: [] }],
  may: [{ rule: 'nodes', object: 'all', value: '4', names: ['web'] }],
}

export const plain: StepSpec = { takes: 90, troubles: [], pauses: false, undo: 'change' }

/** A run of these steps, walked by one process. */
export const walked = async (
  steps: readonly StepSpec[],
  more: Parameters<Simulation['process']>[2] = { toolDigest: tool.digest },
): Promise<Simulation & { readonly run: string }> => {
  const simulation = simulate(steps)
  const plan = await simulation.plan()
  await simulation.process((options) => execute(plan, options), undefined, more)
  const run = (await listRuns(simulation.store))[0]?.id
  if (run === undefined) throw new Error('there is no run')
  return { ...simulation, run }
}

export const evidenceOf = async (store: StateStore, run: string): Promise<Evidence> => {
  const { view, journal } = doneRun((await loadRun(store, run)).replay.lines)
  return makeEvidence(view, { journal, shape, tool, nonce })
}

/** Signs the evidence of a run and keeps it, under another name where one is given. */
export const keep = async (
  store: StateStore,
  run: string,
  { signer, name = run }: { readonly signer: Signer; readonly name?: string },
): Promise<Evidence> => {
  const evidence = await evidenceOf(store, run)
  await keepEvidence(store, name, await seal(evidenceStatement(evidence), signer))
  return evidence
}
