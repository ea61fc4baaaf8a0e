import { hash } from 'node:crypto'
import type { Clock } from './clock.ts'
import { RunbookError } from './errors.ts'
import { journalVersion, type JournalEvent, type JournalLine } from './journal-event.ts'
import type { LogWriter } from './store.ts'

/** A journal that was read and found whole. */
export interface Replay {
  readonly lines: readonly JournalLine[]
  /** The text without a torn last line: what `Log.open` goes on from. */
  readonly text: string
  /** Characters of the torn last line; 0 when there was none. */
  readonly torn: number
}

/** A journal being written. */
export interface Journal {
  /**
   * Resolves when the event is durable; events given in the same tick share one write. Gives its line, after those of
   * earlier events whose append was thrown out but which are durable only now.
   * Throws R023 when another process writes the journal now, R041 when it cannot be written (and from then on always);
   * R024 and R030 when it is not known whether it was written: the next append first writes it again.
   */
  readonly append: (event: JournalEvent) => Promise<readonly JournalLine[]>
  readonly close: () => void
}

/**
 * Reads and verifies a journal: every line's number, hash and link to the line before.
 * An unterminated last line is left out and counted. Throws R040 with the line number for any other damage,
 * R042 when a newer version of the tool wrote it.
 */
export const replay = (run: string, text: string): Replay => {
  const lines: JournalLine[] = []
  let start = 0
  let prev = ''
  let epoch = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    const line = readLine(text.slice(start, end), { run, seq: lines.length + 1, prev, epoch })
    lines.push(line)
    prev = line.hash
    epoch = line.epoch
    start = end + 1
  }
  return { lines, text: text.slice(0, start), torn: text.length - start }
}

interface Expected {
  readonly run: string
  readonly seq: number
  readonly prev: string
  readonly epoch: number
}

const hashStart = '{"hash":"'
const hashEnd = hashStart.length + 64

const readLine = (raw: string, expected: Expected): JournalLine => {
  const line = parse(raw, expected)
  const found = hash('sha256', `{${raw.slice(hashEnd + 2)}`)
  if (line.seq !== expected.seq) throw damaged(expected, `its number is ${String(line.seq)}`)
  if (line.prev !== expected.prev) throw damaged(expected, 'it does not follow the line before (prev)')
  if (raw.slice(0, hashEnd + 2) !== `${hashStart}${found}",`)
    throw damaged(expected, 'its hash does not fit its content')
  if (line.epoch < expected.epoch) throw damaged(expected, 'its epoch is lower than that of the line before')
  refuseNewer(line, expected)
  return line
}

const parse = (raw: string, expected: Expected): JournalLine => {
  try {
    const data: unknown = JSON.parse(raw)
    if (data !== null && typeof data === 'object' && 'seq' in data && 'event' in data)
      return data as JournalLine
  } catch (error) {
    throw damaged(expected, 'it is not JSON', error)
  }
  throw damaged(expected, 'it is not a line of a journal')
}

const refuseNewer = ({ seq, event }: JournalLine, { run }: Expected): void => {
  if (seq !== 1) return
  if (event.type !== 'run-started') throw damaged({ run, seq, prev: '', epoch: 0 }, 'it does not start a run')
  if (event.version <= journalVersion) return
  throw new RunbookError(
    'R042',
    `Cannot read the journal of ${run}: its format is ${event.version}, expected at most ${journalVersion}`,
    { hint: `use version ${event.tool} of the tool or a later one` },
  )
}

const damaged = ({ run, seq }: Expected, why: string, cause?: unknown) =>
  new RunbookError('R040', `Cannot trust the journal of ${run}: line ${seq} is damaged: ${why}`, {
    hint: `keep the journal as it is and look at line ${seq}; start over with: eks-runbook plan`,
    cause,
  })

/** One line as it is written; the hash covers every byte after it. */
export const journalLine = (
  line: Omit<JournalLine, 'hash'>,
): { readonly raw: string; readonly hash: string } => {
  const { seq, at, epoch, prev, event } = line
  const rest = JSON.stringify({ seq, at, epoch, prev, event })
  const own = hash('sha256', rest)
  return { raw: `${hashStart}${own}",${rest.slice(1)}`, hash: own }
}

export interface JournalOptions {
  readonly run: string
  readonly clock: Clock
  /** Epoch of the lock held; each line carries it. */
  readonly epoch: number
  /** Takes secrets out of an event before it is written. */
  readonly redact: (event: JournalEvent) => JournalEvent
}

/** The next line of a journal, unwritten. */
export const nextLine = (
  last: Pick<JournalLine, 'seq' | 'hash'> | undefined,
  event: JournalEvent,
  options: JournalOptions,
): { readonly line: JournalLine; readonly raw: string } => {
  const content = {
    seq: (last?.seq ?? 0) + 1,
    at: new Date(options.clock.now()).toISOString(),
    epoch: options.epoch,
    prev: last?.hash ?? '',
    event: options.redact(event),
  }
  const { raw, hash: own } = journalLine(content)
  return { line: { hash: own, ...content }, raw }
}

interface Waiting {
  readonly line: JournalLine
  readonly raw: string
  readonly resolve: (lines: readonly JournalLine[]) => void
  readonly reject: (error: unknown) => void
}

/** Writes on after `last` (undefined: nothing was written yet). */
export const writeJournal = (
  writer: LogWriter,
  last: JournalLine | undefined,
  options: JournalOptions,
): Journal => {
  let newest = last
  let failure: unknown
  let flushing = false
  let waiting: Waiting[] = []
  const { pay, takeUntil } = payments(writer, options.run)
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const error = failure ?? (await pay(batch))
      if (!mayBeRepeated(error)) failure = error
      for (const { line, resolve, reject } of batch)
        if (error === undefined) resolve(takeUntil(line))
        else reject(error)
    }
    flushing = false
  }
  const append = async (event: JournalEvent): Promise<readonly JournalLine[]> => {
    if (failure !== undefined) throw failure
    const { line, raw } = nextLine(newest, event, options)
    newest = line
    return await new Promise((resolve, reject) => {
      waiting.push({ line, raw, resolve, reject })
      if (flushing) return
      flushing = true
      queueMicrotask(() => void flush())
    })
  }
  return { append, close: writer.close }
}

/** Writes batch after batch; one of unknown outcome is owed, and written again before the next. */
const payments = (writer: LogWriter, run: string) => {
  const owed: (readonly Waiting[])[] = []
  const durable: JournalLine[] = []
  const pay = async (newest: readonly Waiting[]): Promise<unknown> => {
    owed.push(newest)
    for (let batch = owed[0]; batch; batch = owed[0]) {
      const error = await commit(writer, batch, run)
      if (error !== undefined) return error
      durable.push(...batch.map(({ line }) => line))
      owed.shift()
    }
    return undefined
  }
  const takeUntil = (line: JournalLine) => durable.splice(0, durable.indexOf(line) + 1)
  return { pay, takeUntil }
}

const mayBeRepeated = (error: unknown): boolean =>
  error instanceof RunbookError && (error.code === 'R024' || error.code === 'R030')

/** What went wrong, or undefined. */
const commit = async (writer: LogWriter, batch: readonly Waiting[], run: string): Promise<unknown> => {
  try {
    if (await writer.append(batch.map(({ raw }) => raw))) return undefined
    return lostTo(run)
  } catch (error) {
    return error
  }
}

/** R023: another process writes this journal now. */
export const lostTo = (run: string): RunbookError =>
  new RunbookError('R023', `Cannot go on with ${run}: another process has taken over its journal`, {
    hint: 'eks-runbook runs',
  })
