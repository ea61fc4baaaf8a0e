import { RunbookError } from '../runbook/errors.ts'
import { loadRun } from '../runbook/runs.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { StateStore } from '../runbook/store.ts'
import type { JournalLine } from '../runbook/journal-event.ts'
import type { Plan } from '../runbook/plan.ts'
import type { Evidence } from './evidence.ts'
import { openEvidence, type SignedEvidence } from './read-evidence.ts'
import type { TrustedSigner } from './verify-seal.ts'

const keyOf = (name: string): string => `evidence/${name}.json`
const isName = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)

/** Names of the evidence that is kept, those of their runs, sorted. Throws R041 and its like, as the store does. */
export const listEvidence = async (store: StateStore): Promise<readonly string[]> =>
  (await store.list('evidence'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter(isName)

/** The sealed text; undefined when none is kept under that name. */
export const evidenceText = async (store: StateStore, name: string): Promise<string | undefined> =>
  isName(name) ? (await store.read(keyOf(name)))?.text : undefined

/** Evidence by its name. Throws R079 when there is none, and what `openEvidence` throws. */
export const readEvidence = async (
  store: StateStore,
  name: string,
  signers: readonly TrustedSigner[],
): Promise<SignedEvidence> => {
  const text = await requireEvidenceText(store, name)
  return openEvidence(text, { signers, name })
}

/** As `evidenceText`. Throws R079 when there is none. */
export const requireEvidenceText = async (store: StateStore, name: string): Promise<string> => {
  const text = await evidenceText(store, name)
  if (text === undefined) throw noSuchEvidence(name)
  return text
}

/**
 * True for what is wrong with one record or its journal (R040 to R042, R062 to R067, R079): the others may still be good,
 * so it is told as a value.
 */
export const isOfOneRecord = (error: unknown): error is RunbookError =>
  error instanceof RunbookError && /^R04[0-2]$|^R06[2-7]$|^R079$/.test(error.code)

/** Where it is kept, for people. */
export const placeOf = (store: StateStore, name: string): string =>
  `${store.place.replace(/\/$/, '')}/${keyOf(name)}`

/** R079. */
export const noSuchEvidence = (name: string): RunbookError =>
  new RunbookError('R079', `Cannot find the evidence ${JSON.stringify(plainText(name))}`, {
    hint: 'eks-runbook evidence list',
  })

/** Keeps it for good: false when there is some under that name already, which then stays as it is. */
export const keepEvidence = async (store: StateStore, name: string, text: string): Promise<boolean> =>
  (await store.create(keyOf(name), text)) !== undefined

/**
 * Holds evidence against the journal in the store, which must begin with exactly the lines that were signed. Throws R066
 * when that is the journal of another run, plan or cluster; R067 when it is missing, damaged, shorter or another one,
 * or the run was undone since.
 */
export const checkJournal = async (store: StateStore, evidence: Evidence): Promise<void> =>
  checkLines(await journalLines(store, evidence), evidence)

/** As `checkJournal`, of a journal that was read. */
export const checkLines = (lines: readonly JournalLine[], evidence: Evidence): void => {
  const [first] = lines
  if (first?.event.type === 'run-started') refuseCopy(evidence, first.event)
  const { lines: count, head } = evidence.journal
  if (lines.length < count) throw otherJournal(evidence, `${count} lines`, { found: `${lines.length}` })
  const last = lines[count - 1]
  if (last?.hash !== head)
    throw otherJournal(evidence, `line ${count} of hash ${head}`, { found: `${last?.hash}` })
  const after = lines.slice(count)
  const undo = after.find(({ event }) => event.type === 'run-continued' && event.way === 'undo')
  if (undo)
    throw otherJournal(evidence, 'a run that stands', { found: `line ${undo.seq}: it was undone since` })
}

const journalLines = async (store: StateStore, evidence: Evidence): Promise<readonly JournalLine[]> => {
  try {
    return (await loadRun(store, evidence.run)).replay.lines
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error
    if (error.code === 'R008')
      throw otherJournal(evidence, `it in ${store.place}`, { found: 'none', cause: error })
    if (error.code === 'R040')
      throw otherJournal(evidence, 'it whole', { found: error.message, cause: error })
    throw error
  }
}

const otherJournal = (
  { run }: Evidence,
  expected: string,
  { found, cause }: { readonly found: string; readonly cause?: unknown },
): RunbookError =>
  new RunbookError('R067', `Cannot trust the journal of ${run}: expected ${expected}, found ${found}`, {
    hint: 'run on staging again; keep the journal for whoever looks into it',
    cause,
  })

const refuseCopy = (evidence: Evidence, started: { readonly run: string; readonly plan: Plan }): void => {
  const pairs = [
    ['run', evidence.run, started.run],
    ['cluster', evidence.target.arn, started.plan.target.arn],
    ['plan', evidence.plan.digest, started.plan.digest],
  ] as const
  const other = pairs.find(([, expected, found]) => expected !== found)
  if (other === undefined) return
  const [what, expected, found] = other
  throw new RunbookError(
    'R066',
    `Cannot use the evidence of ${evidence.run}: expected the journal of ${what} ${expected}, found one of ${plainText(found)}`,
    { hint: 'eks-runbook evidence list' },
  )
}
