import type { EngineOptions } from './engine-options.ts'
import { RunbookError } from './errors.ts'
import { foldAll, foldLine, type Fold } from './fold.ts'
import { lostTo, nextLine, replay, writeJournal, type Journal, type JournalOptions } from './journal.ts'
import { journalVersion, type JournalEvent } from './journal-event.ts'
import type { Json } from './json.ts'
import { acquireLock, type Lock } from './lock.ts'
import { tell } from './messages.ts'
import { asJson, type Plan } from './plan.ts'
import { redact } from './redact.ts'
import type { RunView, StepView } from './run-view.ts'
import { journalOf, loadRun, lockName } from './runs.ts'

/** A run being written by this process, under its lock. */
export interface Session<T> {
  readonly options: EngineOptions<T>
  readonly view: RunView
  readonly fold: Fold
  /** Durable when it resolves. */
  readonly append: (event: JournalEvent) => Promise<void>
  /** Throws R023 when the lock is lost. */
  readonly verifyLock: () => Promise<void>
  /** Closes the journal and lets the lock go. */
  readonly close: () => Promise<void>
}

/** Takes the lock and begins the journal of a new run. Throws R013 when the cluster is locked, and as `claim` does. */
export const beginRun = async <T>(plan: Plan, options: EngineOptions<T>): Promise<Session<T>> => {
  for (let claim = options.claim; ; claim = undefined) {
    const run = await freeId(options)
    const lock = await lockFor(run, plan, options)
    const session = await released(lock, async () => {
      await claim?.(run)
      return await createJournal(run, { plan, options, lock })
    })
    if (session) return session
    await lock.release()
  }
}

/** `2026-11-22-a1b2`: sorts by day, can be read aloud. */
const freeId = async <T>({ clock, random, store }: EngineOptions<T>): Promise<string> => {
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  for (let digits = 4; ; digits = Math.min(digits + 1, 8)) {
    const run = `${day}-${Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')}`
    if ((await journalOf(store, run).read()) === undefined) return run
  }
}

const lockFor = <T>(run: string, plan: Plan, options: EngineOptions<T>): Promise<Lock> => {
  const { store, owner, isGone, clock, operator, signal, takeOver } = options
  return acquireLock({
    store,
    owner,
    isGone,
    clock,
    operator,
    signal,
    run,
    name: lockName(plan.target),
    leaseSeconds: options.leaseSeconds ?? 120,
    ...(takeOver ? { takeOver } : {}),
    isOver: (other) => isOver(options, other),
  })
}

const isOver = async <T>({ store }: EngineOptions<T>, run: string): Promise<boolean> => {
  const text = await journalOf(store, run).read()
  const lines = text === undefined ? [] : replay(run, text).lines
  return lines.length === 0 || foldAll(lines).view.state !== 'running'
}

/** Lets the lock go when the work fails. */
const released = async <R>(lock: Lock, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (error) {
    await lock.release().catch(() => undefined)
    throw error
  }
}

interface Beginning<T> {
  readonly plan: Plan
  readonly options: EngineOptions<T>
  readonly lock: Lock
}

/** Undefined when another process took the same name in the same moment. */
const createJournal = async <T>(
  run: string,
  { plan, options, lock }: Beginning<T>,
): Promise<Session<T> | undefined> => {
  const { tool, owner } = options
  const started: JournalEvent = {
    type: 'run-started',
    version: journalVersion,
    run,
    tool,
    plan,
    owner,
    by: options.by ?? '',
    ...(options.toolDigest === undefined ? {} : { toolDigest: options.toolDigest }),
    ...(options.clearance === undefined ? {} : { clearance: options.clearance }),
    ...(options.fleet === undefined ? {} : { fleet: options.fleet }),
  }
  const writing = journalOptions(run, options, lock)
  const first = nextLine(undefined, started, writing)
  const writer = await journalOf(options.store, run).create([first.raw])
  if (!writer) return undefined
  const journal = writeJournal(writer, first.line, writing)
  const session = sessionOf(options, { lock, journal, fold: foldAll([first.line]) })
  await tellOfLock(session, lock)
  return session
}

const journalOptions = <T>(run: string, options: EngineOptions<T>, lock: Lock): JournalOptions => ({
  run,
  clock: options.clock,
  epoch: lock.epoch,
  redact: (event) => redactEvent(event, options.redact),
})

/** What the digest covers stays as it is: the plan was found free of secrets when it was made. */
const redactEvent = (event: JournalEvent, more: (value: Json) => Json = (value) => value): JournalEvent => {
  const clean = (data: object) => more(redact(asJson(data)))
  if (event.type !== 'run-started') return clean(event) as unknown as JournalEvent
  const findings = clean(event.plan.findings) as unknown as Plan['findings']
  return { ...event, plan: { ...event.plan, findings } }
}

const tellOfLock = async <T>({ append, options }: Session<T>, { from }: Lock): Promise<void> => {
  if (!from) return
  const reason = options.takeOver?.reason ?? 'its process is gone'
  await append({ type: 'lock-taken', from: { run: from.run, owner: from.owner }, reason })
}

/**
 * Takes the run's own lock and goes on with its journal. `isSettled` true: there is nothing to go on with, and nothing
 * is written. Throws R008, R013, R040, R042.
 */
export const continueRun = async <T>(
  run: string,
  options: EngineOptions<T>,
  way: { readonly name: 'resume' | 'undo' | 'repair'; readonly isSettled: (view: RunView) => boolean },
): Promise<Session<T> | RunView> => {
  const { plan } = (await loadRun(options.store, run)).fold.view
  refuseOtherRunbook(plan, options)
  const lock = await lockFor(run, plan, options)
  return await released(lock, async () => {
    const { fold, replay: read, log } = await loadRun(options.store, run)
    if (way.isSettled(fold.view)) {
      await lock.release()
      return fold.view
    }
    const writer = await log.open(read.text)
    if (!writer) throw lostTo(run)
    const journal = writeJournal(writer, read.lines.at(-1), journalOptions(run, options, lock))
    const session = sessionOf(options, { lock, journal, fold })
    if (read.torn > 0) await tellOfTornLine(session, { line: read.lines.length + 1, characters: read.torn })
    await tellOfLock(session, lock)
    const { tool, owner } = options
    const code = options.toolDigest === undefined ? {} : { toolDigest: options.toolDigest }
    await session.append({ type: 'run-continued', way: way.name, tool, owner, by: options.by ?? '', ...code })
    return session
  })
}

const refuseOtherRunbook = <T>(plan: Plan, { runbook }: EngineOptions<T>): void => {
  if (plan.runbook === runbook.id) return
  throw new RunbookError('R015', `Cannot go on with a run of ${plan.runbook} by ${runbook.id}`, {
    hint: 'eks-runbook runs',
  })
}

const tellOfTornLine = async <T>(
  { append, options }: Session<T>,
  torn: { readonly line: number; readonly characters: number },
): Promise<void> => {
  const text = `Line ${torn.line} of the journal was torn by a crash (${torn.characters} characters) and is dropped`
  tell(options.operator, 'M040', { text, data: torn })
  await append({ type: 'torn-line-dropped', ...torn })
}

const sessionOf = <T>(
  options: EngineOptions<T>,
  { lock, journal, fold }: { readonly lock: Lock; readonly journal: Journal; readonly fold: Fold },
): Session<T> => ({
  options,
  fold,
  view: fold.view,
  append: async (event) => {
    for (const line of await journal.append(event)) foldLine(fold, line)
  },
  verifyLock: lock.verify,
  close: async () => {
    journal.close()
    await lock.release()
  },
})

/** What the journal says of a step of the plan. */
export const stepView = <T>({ fold }: Session<T>, id: string): StepView => {
  const view = fold.steps.get(id)
  if (view) return view
  throw new RunbookError('R099', `The plan has no step ${id}`, { hint: 'report it with the output' })
}
