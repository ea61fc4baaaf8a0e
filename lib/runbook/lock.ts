import type { Clock } from './clock.ts'
import { RunbookError } from './errors.ts'
import { stoppedByOperator } from './failure.ts'
import { asJson } from './plan.ts'
import { canonicalJson } from './json.ts'
import type { LockRecord, Owner } from './lock-record.ts'
import { tell } from './messages.ts'
import type { Operator } from './operator.ts'
import type { StateStore, Stored } from './store.ts'

export interface LockOptions {
  readonly store: StateStore
  /** Names the lock: account, Region and cluster. */
  readonly name: string
  readonly run: string
  readonly owner: Owner
  /** True only when that process is surely gone. */
  readonly isGone: (owner: Owner) => boolean
  readonly clock: Clock
  readonly operator: Operator
  readonly signal: AbortSignal
  readonly leaseSeconds: number
  readonly takeOver?: { readonly reason: string }
  /** True when a run is over, or never wrote a word: its lock was only forgotten. */
  readonly isOver: (run: string) => Promise<boolean>
}

/** A lock held. */
export interface Lock {
  readonly epoch: number
  /** The record that was there before; undefined when the lock was free. */
  readonly from: LockRecord | undefined
  /** Asks the store whether the lock is still held, and renews it after a third of the lease. Throws R023 when it was lost. */
  readonly verify: () => Promise<void>
  readonly release: () => Promise<void>
}

const lockKey = (name: string) => `locks/${name}`

/** The lock as it lies in the store; undefined when it was never taken. */
export const readLock = async (store: StateStore, name: string): Promise<LockRecord | undefined> => {
  const stored = await store.read(lockKey(name))
  return stored && parseLock(stored)
}

/** Written by us alone; what is not a lock record is damage. */
const parseLock = ({ text }: Stored): LockRecord => {
  try {
    return JSON.parse(text) as LockRecord
  } catch (error) {
    throw new RunbookError('R040', 'Cannot trust the lock: its record is not JSON', {
      hint: 'keep the state folder as it is and look at its folder locks',
      cause: error,
    })
  }
}

/**
 * Takes the lock of a cluster and keeps it by heartbeats until released. A run's own lock is retaken at once if its owner
 * is gone, else after a whole lease without a heartbeat; another run's likewise, but only with `takeOver`.
 * Throws R013 when a living owner or another run holds it.
 */
export const acquireLock = async (options: LockOptions): Promise<Lock> => {
  const { store, name, run, owner, leaseSeconds } = options
  const stored = await store.read(lockKey(name))
  const held = stored && parseLock(stored)
  const from = held && !held.released ? held : undefined
  if (stored && from) await mayTake(options, stored, from)
  const record: LockRecord = {
    cluster: name,
    run,
    owner,
    epoch: (held?.epoch ?? 0) + 1,
    beat: 0,
    leaseSeconds,
    released: false,
  }
  const version = stored
    ? await store.replace(lockKey(name), asLockText(record), stored.version)
    : await store.create(lockKey(name), asLockText(record))
  if (version === undefined) throw refused(name, 'another process was faster', 'eks-runbook runs')
  if (from) {
    const text = `Took the lock of ${name} from ${from.run}`
    tell(options.operator, 'M042', {
      text,
      data: { run: from.run, host: from.owner.host, pid: from.owner.pid },
    })
  }
  return keepLock(options, { record, version, from })
}

const asLockText = (record: LockRecord) => `${canonicalJson(asJson(record))}\n`

/** Resolves when the record may be replaced. */
const mayTake = async (options: LockOptions, stored: Stored, held: LockRecord): Promise<void> => {
  const { name, owner, isGone } = options
  const who = `process ${held.owner.pid} on ${held.owner.host}`
  const gone = isGone(held.owner)
  if (held.run !== options.run && !options.takeOver) {
    if (gone && (await options.isOver(held.run))) return
    const hint = gone
      ? `its process is gone; go on with: eks-runbook resume ${held.run}; or add: --take-over --reason "..."`
      : `wait for it; if it died on another host, add: --take-over --reason "..."`
    throw refused(name, `run ${held.run} holds it (${who})`, hint)
  }
  if (gone) return
  if (areSeenFromEachOther(held.owner, owner))
    throw refused(name, `run ${held.run} is alive (${who})`, `wait for it: eks-runbook show ${held.run}`)
  await watchLease(options, stored, held)
}

/** True when the one would know for sure that the other is gone: else only the lease tells. */
const areSeenFromEachOther = (one: Owner, other: Owner): boolean =>
  one.bootId !== '' &&
  (['host', 'bootId', 'machineId', 'pidNamespace'] as const).every((key) => one[key] === other[key])

/** Watches one whole lease. Compares versions, never clocks of two hosts. */
const watchLease = async (options: LockOptions, stored: Stored, held: LockRecord): Promise<void> => {
  const { clock, name, signal, store } = options
  const who = `process ${held.owner.pid} on ${held.owner.host}`
  const text = `Watching the lock of ${name} for ${held.leaseSeconds} s: ${who} may hold it`
  tell(options.operator, 'M041', { text, data: { run: held.run, seconds: held.leaseSeconds } })
  const looks = 4
  for (let look = 0; look < looks; look += 1) {
    await clock.sleep(held.leaseSeconds / looks, signal).catch(() => undefined)
    if (signal.aborted) throw stoppedWaiting(options, held)
    const now = await store.read(lockKey(name))
    if (now?.version !== stored.version)
      throw refused(name, `run ${held.run} is alive (${who})`, `wait for it: eks-runbook show ${held.run}`)
  }
}

const stoppedWaiting = ({ name, run }: LockOptions, held: LockRecord): RunbookError =>
  held.run === run
    ? stoppedByOperator(run)
    : new RunbookError('R020', `Stopped waiting for the lock of ${name}, as the operator asked`, {
        hint: 'nothing was begun; give the same command again',
      })

const refused = (name: string, why: string, hint: string) =>
  new RunbookError('R013', `Cannot take the lock of ${name}: ${why}`, { hint })

interface Held {
  readonly record: LockRecord
  readonly version: string
  readonly from: LockRecord | undefined
}

interface Keeping {
  record: LockRecord
  version: string
  renewedAt: number
  lost: boolean
  queue: Promise<void>
}

const keepLock = (options: LockOptions, { record, version, from }: Held): Lock => {
  const { clock, leaseSeconds } = options
  const keeping: Keeping = { record, version, renewedAt: clock.now(), lost: false, queue: Promise.resolve() }
  const ended = new AbortController()
  let checking: Promise<void> | undefined
  void heartbeat({ clock, signal: ended.signal, everySeconds: leaseSeconds / 3 }, () =>
    inTurn(keeping, async () => (isDue(options, keeping) ? await renew(options, keeping) : undefined)),
  )
  return {
    epoch: record.epoch,
    from,
    verify: () =>
      (checking ??= inTurn(keeping, () => check(options, keeping)).finally(() => (checking = undefined))),
    release: async () => {
      ended.abort()
      await inTurn(keeping, () => letGo(options, keeping))
    },
  }
}

/** One after the other: two renewals at a time would take the lock from each other. */
const inTurn = (keeping: Keeping, work: () => Promise<void>): Promise<void> => {
  const turn = keeping.queue.then(work)
  keeping.queue = turn.catch(() => undefined)
  return turn
}

const isDue = ({ clock, leaseSeconds }: LockOptions, { renewedAt }: Keeping) =>
  clock.now() - renewedAt >= (leaseSeconds * 1000) / 3

const check = async (options: LockOptions, keeping: Keeping): Promise<void> => {
  if (isDue(options, keeping)) return await renew(options, keeping)
  keeping.lost ||= !(await adopt(options, keeping))
  if (keeping.lost) throw lostLock(options.name, options.run)
}

/** Whether the record in the store is ours. It is of another version than ours when a beat's answer was lost. */
const adopt = async ({ store, name }: LockOptions, keeping: Keeping): Promise<boolean> => {
  const stored = await store.read(lockKey(name))
  if (stored?.version === keeping.version) return true
  const found = stored && parseLock(stored)
  if (!found || found.released || holderOf(found) !== holderOf(keeping.record)) return false
  keeping.record = found
  keeping.version = stored.version
  return true
}

const holderOf = ({ run, epoch, owner }: LockRecord): string => canonicalJson(asJson({ run, epoch, owner }))

const renew = (options: LockOptions, keeping: Keeping) =>
  write(options, keeping, (record) => ({ ...record, beat: record.beat + 1 }))

type Rewrite = (record: LockRecord) => LockRecord

const write = async (options: LockOptions, keeping: Keeping, rewrite: Rewrite): Promise<void> => {
  const written =
    !keeping.lost &&
    ((await replace(options, keeping, rewrite)) ||
      ((await adopt(options, keeping)) && (await replace(options, keeping, rewrite))))
  keeping.lost = !written
  if (!written) throw lostLock(options.name, options.run)
}

const replace = async (
  { name, store, clock }: LockOptions,
  keeping: Keeping,
  rewrite: Rewrite,
): Promise<boolean> => {
  const record = rewrite(keeping.record)
  const version = await store.replace(lockKey(name), asLockText(record), keeping.version)
  if (version === undefined) return false
  keeping.record = record
  keeping.version = version
  keeping.renewedAt = clock.now()
  return true
}

/** A lock that is another's already needs no release. */
const letGo = async (options: LockOptions, keeping: Keeping): Promise<void> => {
  try {
    if (!keeping.lost) await write(options, keeping, (record) => ({ ...record, released: true }))
  } catch (error) {
    if (!(error instanceof RunbookError && error.code === 'R023')) throw error
  }
}

/** A beat that fails says nothing: the next `verify` finds out whether the lock is lost. */
const heartbeat = async (
  pace: { readonly clock: Clock; readonly signal: AbortSignal; readonly everySeconds: number },
  beat: () => Promise<void>,
): Promise<void> => {
  for (;;) {
    const slept = await pace.clock.sleep(pace.everySeconds, pace.signal).then(
      () => true,
      () => false,
    )
    if (!slept) return
    await beat().catch(() => undefined)
  }
}

const lostLock = (name: string, run: string) =>
  new RunbookError('R023', `Cannot go on with ${run}: another run has taken the lock of ${name}`, {
    hint: 'eks-runbook runs',
  })
