import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RunbookError } from '../../lib/runbook/errors.ts'
import {
  journalLine,
  nextLine,
  replay,
  writeJournal,
  type JournalOptions,
} from '../../lib/runbook/journal.ts'
import type { JournalEvent, JournalLine } from '../../lib/runbook/journal-event.ts'
import type { Json } from '../../lib/runbook/json.ts'
import { asJson, planDigest, type Plan } from '../../lib/runbook/plan.ts'
import { redact } from '../../lib/runbook/redact.ts'
import { memoryStore } from '../../lib/runbook/memory-store.ts'
import { asText } from '../../lib/runbook/store.ts'

const content = {
  runbook: 'switch',
  tool: '0.1.0',
  target: {
    cluster: 'web',
    account: '111111111111',
    region: 'eu-west-1',
    environment: 'staging',
    arn: 'arn',
  },
  inputs: {},
  facts: { name: 'ünïcode \u{1f6a2}' },
  steps: [],
}
const plan: Plan = {
  schema: 1,
  title: 'Switch',
  ...content,
  digest: planDigest(content),
  plannedBy: 'arn',
  plannedAt: '2026-11-22T10:00:00.000Z',
  findings: [],
}
const started: JournalEvent = {
  type: 'run-started',
  version: 1,
  run: 'r1',
  tool: '0.1.0',
  plan,
  by: 'arn',
  owner: { host: 'h', bootId: 'b', pid: 1, startTime: '1' },
}
const options: JournalOptions = {
  run: 'r1',
  clock: { now: () => Date.parse('2026-11-22T10:00:00Z'), sleep: async () => undefined },
  epoch: 1,
  redact: (event) => event,
}
const note = (key: string, value: Json): JournalEvent => ({
  type: 'note',
  step: 'a',
  scope: 'do',
  key,
  value,
})

/** A journal of these events as text, and its lines. */
const written = (events: readonly JournalEvent[], settings = options) => {
  const raws: string[] = []
  const lines: JournalLine[] = []
  for (const event of [started, ...events]) {
    const { line, raw } = nextLine(lines.at(-1), event, settings)
    raws.push(raw)
    lines.push(line)
  }
  return { text: asText(raws), raws, lines }
}

const refusal = (text: string): RunbookError | undefined => {
  try {
    replay('r1', text)
    return undefined
  } catch (error) {
    if (error instanceof RunbookError) return error
    throw error
  }
}

describe('a journal', () => {
  test('gives back what was appended', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.jsonValue())), (notes) => {
        const events = notes.map(([key, value]) => note(key, JSON.parse(JSON.stringify(value)) as Json))
        const { text, lines } = written(events)
        expect(replay('r1', text)).toEqual({ lines, text, torn: 0 })
      }),
    )
  })

  test('torn at any byte of its last two lines loses only the unterminated one', () => {
    const { text, raws, lines } = written([note('a', 'ü'), note('b', { c: ['\u{1f6a2}'] }), note('d', 1)])
    const bytes = Buffer.from(text)
    const start = Buffer.byteLength(asText(raws.slice(0, -2)))
    for (let end = start; end <= bytes.length; end += 1) {
      const torn = bytes.subarray(0, end).toString()
      const whole = torn.split('\n').length - 1
      const read = replay('r1', torn)
      expect(read.lines).toEqual(lines.slice(0, whole))
      expect(read.torn).toBe(torn.length - read.text.length)
    }
  })

  test('with any bit flipped anywhere is refused, or reads as a torn tail', () => {
    const { text, lines } = written([note('a', 'ü\u{fffd}'), note('b', 2)])
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 1)
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        const damaged = flipped.toString()
        const error = refusal(damaged)
        if (error) expect(error.code, error.message).toMatch(/^R04[02]$/)
        else {
          const read = replay('r1', damaged)
          expect(read.torn).toBeGreaterThan(0)
          expect(read.lines).toEqual(lines.slice(0, -1))
        }
      }
  })

  test.each([
    ['not JSON', 2, (raws: readonly string[]) => [raws[0], '{"seq":2', raws[2]]],
    ['its number', 2, (raws: readonly string[]) => [raws[0], raws[2]]],
    ['does not follow', 3, (raws: readonly string[]) => [raws[0], raws[1], foreign(raws[2])]],
    ['its hash', 2, (raws: readonly string[]) => [raws[0], raws[1]?.replace('"one"', '"two"'), raws[2]]],
    ['not a line', 2, (raws: readonly string[]) => [raws[0], '[]', raws[2]]],
    ['not JSON', 2, (raws: readonly string[]) => [raws[0], '', raws[1], raws[2]]],
  ])('damaged so that it has "%s" is refused with line %i', (why, line, damage) => {
    const { raws } = written([note('k', 'one'), note('k', 'three')])
    const error = refusal(asText(damage(raws).map((raw) => raw ?? '')))
    expect(error?.code).toBe('R040')
    expect(error?.message).toContain(`line ${line} `)
    expect(error?.message).toContain(why)
  })

  test('whose epoch goes back is refused', () => {
    const { lines, raws } = written([note('k', 1)], { ...options, epoch: 3 })
    const late = nextLine(lines.at(-1), note('k', 2), { ...options, epoch: 2 })
    expect(refusal(asText([...raws, late.raw]))?.message).toContain('epoch')
  })

  test('of a newer version is refused with R042', () => {
    const { raw } = nextLine(undefined, { ...started, version: 2 } as JournalEvent, options)
    expect(refusal(asText([raw]))?.code).toBe('R042')
  })
})

/** The same line with another, well-hashed, link to the line before. */
const foreign = (raw = ''): string => {
  const { seq, at, epoch, event } = JSON.parse(raw) as JournalLine
  return journalLine({ seq, at, epoch, event, prev: '0'.repeat(64) }).raw
}

describe('writing', () => {
  test('puts events of the same tick into one write and keeps their order', async () => {
    const batches: (readonly string[])[] = []
    const append = async (lines: readonly string[]) => batches.push(lines) > 0
    const journal = writeJournal({ append, close: () => undefined }, undefined, options)
    const appends = [started, note('a', 1), note('b', 2)].map((event) => journal.append(event))
    const lines = (await Promise.all(appends)).flat()
    await journal.append(note('c', 3))
    expect(batches.map(({ length }) => length)).toEqual([3, 1])
    expect(replay('r1', asText(batches.flat())).lines.slice(0, 3)).toEqual(lines)
  })

  test('resolves no sooner than the write', async () => {
    const write = Promise.withResolvers<boolean>()
    const journal = writeJournal({ append: () => write.promise, close: () => undefined }, undefined, options)
    let resolved = false
    const appended = journal.append(started).then(() => (resolved = true))
    await new Promise(setImmediate)
    expect(resolved).toBe(false)
    write.resolve(true)
    await appended
    expect(resolved).toBe(true)
  })

  test('repeats a write of unknown outcome, alone, before the next one, and hands its lines over with it', async () => {
    const batches: (readonly string[])[] = []
    const answers = ['R024', 'R030', 'written', 'written'] as const
    const append = async (lines: readonly string[]) => {
      const answer = answers[batches.push(lines) - 1] ?? 'written'
      if (answer !== 'written') throw new RunbookError(answer, 'No answer', { hint: 'wait' })
      return true
    }
    const journal = writeJournal({ append, close: () => undefined }, undefined, options)
    const both = await Promise.allSettled([journal.append(started), journal.append(note('a', 1))])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(journal.append(note('b', 2))).rejects.toMatchObject({ code: 'R030' })
    const lines = await journal.append(note('c', 3))
    expect(batches.map(({ length }) => length)).toEqual([2, 2, 2, 1, 1])
    expect(batches.slice(0, 3)).toEqual([batches[0], batches[0], batches[0]])
    expect(replay('r1', asText(batches.slice(2).flat())).lines).toEqual(lines)
  })

  test('fails for ever once the place cannot be written', async () => {
    let writes = 0
    const append = async () => {
      writes += 1
      throw new RunbookError('R041', 'The disk is full', { hint: 'free space' })
    }
    const journal = writeJournal({ append, close: () => undefined }, undefined, options)
    for (const event of [started, note('a', 1)])
      await expect(journal.append(event)).rejects.toMatchObject({ code: 'R041' })
    expect(writes).toBe(1)
  })

  test('fails with R023 once another writer has taken over, and for ever after', async () => {
    const log = memoryStore().log('j')
    const first = nextLine(undefined, started, options)
    const writer = await log.create([first.raw])
    if (!writer) throw new Error('not created')
    const journal = writeJournal(writer, first.line, options)
    await log.open(asText([first.raw]))
    for (const key of ['a', 'b'])
      await expect(journal.append(note(key, 1))).rejects.toMatchObject({ code: 'R023' })
    expect(await log.read()).toBe(asText([first.raw]))
  })

  test('lets no secret through', async () => {
    const canary = 'kanarienvogel0123456789'
    const secrets: Json = {
      kubeconfig: { 'certificate-authority-data': canary, token: canary },
      headers: { Authorization: `Bearer ${canary}` },
      text: `Authorization: Bearer ${canary}`,
      url: `https://sts.eu-west-1.amazonaws.com/?X-Amz-Credential=${canary}&X-Amz-Signature=${canary}&X-Amz-Security-Token=${canary}`,
      bearer: `k8s-aws-v1.${canary}`,
      session: { TokenValue: canary, StreamUrl: canary },
      answer: `{"TokenValue":"${canary}","StreamUrl":"wss://x/${canary}"}`,
      object: { kind: 'Secret', data: { any: canary }, stringData: { other: canary } },
      password: canary,
      dbPassword: canary,
      nested: [{ secret_access_key: canary, sessionToken: canary }],
      env: `aws_secret_access_key = ${canary}`,
    }
    const { text } = written([note('k', secrets)], {
      ...options,
      redact: (event) => redact(asJson(event)) as unknown as JournalEvent,
    })
    expect(text).not.toContain(canary)
    expect(redact('key AKIAIOSFODNN7EXAMPLE')).toBe('key [redacted]')
  })

  test('leaves alone what only sounds like a secret', () => {
    const harmless: Json = {
      token: 'a'.repeat(40),
      secretName: 'tls',
      object: 'arn:aws:eks:eu-west-1:1:cluster/web',
    }
    expect(redact(harmless)).toEqual(harmless)
  })
})
