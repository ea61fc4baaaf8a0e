import { RunbookError } from './errors.ts'
import { foldAll, type Fold } from './fold.ts'
import { replay, type Replay } from './journal.ts'
import { readLock } from './lock.ts'
import type { Owner } from './lock-record.ts'
import type { PlanTarget } from './plan.ts'
import { withReview, type OpenReview } from './review.ts'
import type { RunState, RunView } from './run-view.ts'
import type { Log, StateStore } from './store.ts'

/** One line of `eks-runbook runs`. */
export interface RunSummary {
  readonly id: string
  readonly runbook: string
  readonly cluster: string
  readonly environment: string
  /** `damaged`: its journal cannot be trusted; see `error`. */
  readonly state: RunState | 'damaged'
  readonly startedAt: string
  readonly endedAt?: string
  readonly steps: { readonly done: number; readonly total: number }
  /** Title of the step it is at or stopped at. */
  readonly at?: string
  /** Of a run that broke the glass: whether somebody else has looked at it. */
  readonly review?: 'open' | 'closed'
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

/** What it takes to tell how a run stands beyond its journal. */
export interface RunReading {
  /** With it, a run whose process is gone shows as `interrupted` instead of `running`. */
  readonly isGone: (owner: Owner) => boolean
  /** With it, a review can be closed. */
  readonly openReview?: OpenReview
}

/** The journal of a run. Throws R008 for what cannot be the name of a run. */
export const journalOf = (store: StateStore, run: string): Log => {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(run)) throw noSuchRun(run)
  return store.log(`runs/${run}/journal.jsonl`)
}

/**
 * Names the lock of a cluster by its account, Region and own name as its ARN has them, whatever a fleet calls it; by
 * those of the plan where that is no ARN.
 */
export const lockName = ({ arn, ...target }: Omit<PlanTarget, 'environment'>): string => {
  const [, region, account, name] = /^arn:[^:]+:[^:]+:([^:]+):([^:]+):[^/]+\/(.+)$/.exec(arn) ?? []
  const parts =
    region && account && name ? [account, region, name] : [target.account, target.region, target.cluster]
  return parts.map((part) => part.replace(/[^A-Za-z0-9_-]/g, '_')).join('.')
}

/**
 * One run by folding its journal. Throws R008 when there is none, R040 when it is damaged, R042 when it is too new.
 */
export const readRun = async (store: StateStore, run: string, reading?: RunReading): Promise<RunView> => {
  const { view } = (await loadRun(store, run)).fold
  return await withReview(store, await withLiveness(store, view, reading), reading?.openReview)
}

/** A run with what is needed to write on. */
export const loadRun = async (
  store: StateStore,
  run: string,
): Promise<{ readonly fold: Fold; readonly replay: Replay; readonly log: Log }> => {
  const log = journalOf(store, run)
  const text = await log.read()
  const read = text === undefined ? undefined : replay(run, text)
  if (read === undefined || read.lines.length === 0) throw noSuchRun(run)
  return { fold: foldAll(read.lines), replay: read, log }
}

const noSuchRun = (run: string) =>
  new RunbookError('R008', `Cannot find the run ${JSON.stringify(run)}`, { hint: 'eks-runbook runs' })

/** All runs, newest first. One that is damaged is listed as such; one that never wrote a line is left out. */
export const listRuns = async (store: StateStore, reading?: RunReading): Promise<readonly RunSummary[]> => {
  const runs: RunSummary[] = []
  for (const run of await store.list('runs')) {
    const summary = await summarize(store, run, reading)
    if (summary) runs.push(summary)
  }
  return runs.toSorted((a, b) => compare(b.startedAt, a.startedAt) || compare(b.id, a.id))
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

const summarize = async (
  store: StateStore,
  run: string,
  reading: RunReading | undefined,
): Promise<RunSummary | undefined> => {
  try {
    return asSummary(await readRun(store, run, reading))
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error
    if (error.code === 'R008') return undefined
    if (error.code !== 'R040' && error.code !== 'R042') throw error
    const { code, message, hint } = error
    const unknown = { runbook: '', cluster: '', environment: '', startedAt: run.slice(0, 10) }
    return {
      id: run,
      ...unknown,
      state: 'damaged',
      steps: { done: 0, total: 0 },
      error: { code, message, hint },
    }
  }
}

const asSummary = (view: RunView): RunSummary => {
  const at = view.steps.find(({ state }) => state === 'running' || state === 'failed' || state === 'undoing')
  return {
    id: view.id,
    runbook: view.runbook,
    cluster: view.target.cluster,
    environment: view.target.environment,
    state: view.state,
    startedAt: view.startedAt,
    ...(view.endedAt === undefined ? {} : { endedAt: view.endedAt }),
    steps: {
      done: view.steps.filter(({ state }) => state === 'done' || state === 'already').length,
      total: view.steps.length,
    },
    ...(at ? { at: at.title } : {}),
    ...(view.review ? { review: view.review.state } : {}),
    ...(view.error ? { error: view.error } : {}),
  }
}

const withLiveness = async (
  store: StateStore,
  view: RunView,
  reading: RunReading | undefined,
): Promise<RunView> => {
  if (view.state !== 'running' || !reading) return view
  const lock = await readLock(store, lockName(view.target))
  const isHeld = lock !== undefined && !lock.released && lock.run === view.id && !reading.isGone(lock.owner)
  return isHeld ? view : { ...view, state: 'interrupted' }
}
