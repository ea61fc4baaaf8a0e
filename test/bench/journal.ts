import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { foldAll } from '../../lib/runbook/fold.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { nextLine, replay, writeJournal, type JournalOptions } from '../../lib/runbook/journal.ts'
import type { JournalEvent, JournalLine } from '../../lib/runbook/journal-event.ts'
import { planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { asText } from '../../lib/runbook/store.ts'

const options: JournalOptions = {
  run: '2026-11-22-bench',
  clock: { now: () => Date.parse('2026-11-22T10:00:00Z'), sleep: async () => undefined },
  epoch: 1,
  redact: (event) => event,
}

const step = { id: 'drain', title: 'Drain web', undo: 'nothing', before: [], after: [] } as const
const content = {
  runbook: 'bench',
  tool: '0.1.0',
  target: { cluster: 'web', account: '1', region: 'r', environment: 'e', arn: 'arn' },
  inputs: {},
  facts: null,
  steps: [{ ...step, timeoutSeconds: 60, expectedSeconds: 5 }],
}
const plan: Plan = {
  schema: 1,
  title: 'Bench',
  ...content,
  digest: planDigest(content),
  plannedBy: 'arn',
  plannedAt: '2026-11-22T10:00:00.000Z',
  findings: [],
}

const started: JournalEvent = {
  type: 'run-started',
  version: 1,
  run: options.run,
  tool: '0.1.0',
  plan,
  by: '',
  owner: { host: 'h', bootId: 'b', pid: 1, startTime: '1' },
}

/** An intent and its result, as a drain writes them. */
const eviction = (at: number): JournalEvent => {
  const key = {
    step: 'drain',
    scope: 'do',
    key: `kubernetes:CreateEviction pod-${at >> 1}`,
    attempt: 1,
  } as const
  if (at % 2 === 1) return { type: 'result', ...key }
  const object = `pod shop/cart-${at} uid 5f2c8a31-1111-2222-3333-${String(at).padStart(12, '0')}`
  return {
    type: 'intent',
    ...key,
    token: 'a'.repeat(40),
    name: 'kubernetes:CreateEviction',
    object,
    seen: { phase: 'Running' },
  }
}

/** Milliseconds to read, verify and fold a journal of so many events. */
export const replayMilliseconds = (events: number): number => {
  const raws: string[] = []
  let last: JournalLine | undefined
  for (let at = 0; at < events; at += 1) {
    const { line, raw } = nextLine(last, at === 0 ? started : eviction(at - 1), options)
    last = line
    raws.push(raw)
  }
  const text = asText(raws)
  const before = performance.now()
  const { view } = foldAll(replay(options.run, text).lines)
  const took = performance.now() - before
  if (view.steps[0]?.actions.length !== Math.ceil((events - 1) / 2))
    throw new Error('the replay lost actions')
  return took
}

/** Microseconds for one synced line in a folder, each waited for. */
export const appendMicroseconds = async (events: number): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-runbook-bench-'))
  try {
    const first = nextLine(undefined, started, options)
    const writer = await folderStore(folder).log('runs/bench/journal.jsonl').create([first.raw])
    if (!writer) throw new Error('the journal is there already')
    const journal = writeJournal(writer, first.line, options)
    const before = performance.now()
    for (let at = 0; at < events; at += 1) await journal.append(eviction(at))
    const took = performance.now() - before
    journal.close()
    return (took * 1000) / events
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
