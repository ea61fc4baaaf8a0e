import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isGone, thisProcess } from '../../lib/cli/owner.ts'
import { outputSchemas } from '../../lib/report/schemas/outputs.ts'
import { runDocument, runsDocument } from '../../lib/report/schemas/runs.ts'
import { execute } from '../../lib/runbook/engine.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { makePlan, type Plan } from '../../lib/runbook/plan.ts'
import { seededRandom } from '../../lib/runbook/random.ts'
import { runbook, type Change } from '../../lib/runbook/runbook.ts'
import { createVirtualTime } from '../../lib/twin/virtual-time.ts'
import { runInProcess } from './terminal-double.ts'

const state = mkdtempSync(path.join(tmpdir(), 'runs-'))
afterAll(() => rmSync(state, { recursive: true }))

/** A lamp that is switched on in two steps: enough for a journal. */
const lamp = () => {
  const on = new Set<string>()
  const change = (name: string): Change<null> => ({
    reached: async () => (on.has(name) ? 'reached' : { waitingFor: name }),
    apply: ({ act }) => act({ name: 'lamp:Switch', object: name }, async () => void on.add(name)),
    timeoutSeconds: 60,
    expectedSeconds: 1,
  })
  return runbook<null, { cluster: string }, { names: string[] }>({
    id: 'light-lamp',
    title: 'Light a lamp',
    about: 'Lights a lamp.',
    inputs: z.object({ cluster: z.string() }),
    survey: async () => ({ names: ['plug', 'bulb'] }),
    checks: () => [],
    steps: ({ names }) =>
      names.map((name) => ({
        id: name,
        title: `Switch \u001b[31m${name}`,
        change: change(name),
        undo: { irreversible: `the ${name} has no switch` },
      })),
    shape: () => ({ must: [], may: [] }),
    restorers: {},
    example: { inputs: { cluster: 'photo' }, facts: { names: [] } },
  })
}

const made: { plan: Plan; run: string }[] = []
beforeAll(async () => {
  const time = createVirtualTime(Date.parse('2026-09-23T07:00:00Z'))
  const base = {
    runbook: lamp(),
    target: null,
    clock: time.clock,
    signal: new AbortController().signal,
    operator: { tell: () => undefined, confirm: async () => false },
    tool: '0.1.0',
  }
  const place = {
    cluster: 'photo',
    account: '111122223333',
    region: 'eu-west-1',
    environment: 'staging',
    arn: '',
  }
  for (let count = 0; count < 2; count += 1) {
    const plan = await time.run(makePlan({ ...base, place, inputs: { cluster: 'photo' }, plannedBy: 'arn' }))
    const options = {
      ...base,
      runbook: lamp(),
      store: folderStore(state),
      random: seededRandom(count + 1),
      owner: thisProcess(),
      isGone,
    }
    const { run } = await time.run(execute(plan, options))
    made.push({ plan, run })
    await time.pass(3600)
  }
})

const run = (...argv: readonly string[]) => runInProcess([...argv, '--state', state])

test('runs lists the newest first, as its schema says', async () => {
  const { code, stdout } = await run('runs', '--output', 'json')
  expect(code).toBe(0)
  const document = runsDocument.parse(JSON.parse(stdout))
  expect(document.runs.map(({ id, state: now }) => [id, now])).toEqual([
    [made[1]?.run, 'done'],
    [made[0]?.run, 'done'],
  ])
})

test('runs of an empty state folder are none', async () => {
  const { code, stdout } = await runInProcess(['runs', '--state', path.join(state, 'nothing')])
  expect([code, stdout]).toEqual([0, 'No runs yet.\n'])
})

test('show and report tell the run in every form', async () => {
  const id = made[0]?.run ?? ''
  expect((await run('show', id)).stdout).toContain('done, 2 of 2 steps done')
  expect((await run('report', id)).stdout).toContain('lamp:Switch bulb: done')
  expect((await run('report', id, '--format', 'markdown')).stdout).toContain('| 2 | Switch bulb | done |')
  const { stdout } = await run('report', id, '--format', 'json')
  expect(runDocument.parse(JSON.parse(stdout)).steps).toHaveLength(2)
})

test.each([['show'], ['report']])(
  '%s prints what docs/schemas/report.json says and nothing else',
  async (command) => {
    const closed = z.fromJSONSchema(outputSchemas()['report'] as Parameters<typeof z.fromJSONSchema>[0])
    const { stdout } = await run(command, made[0]?.run ?? '', '--output', 'json')
    const printed: unknown = JSON.parse(stdout)
    expect(closed.safeParse(printed).error).toBeUndefined()
    expect(closed.safeParse({ ...(printed as object), unheardOf: 1 }).success).toBe(false)
  },
)

test('Files of the state are 0600 in folders 0700', () => {
  const folder = path.join(state, 'runs', made[0]?.run ?? '')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(path.join(folder, 'journal.jsonl')).mode & 0o777).toBe(0o600)
})

describe('undo', () => {
  test('without a yes shows what it would do and ends with 5', async () => {
    const id = made[0]?.run ?? ''
    const { code, stdout, stderr } = await run('undo', id)
    expect(code).toBe(5)
    expect(stdout).toContain('stops before "Switch bulb": the bulb has no switch')
    expect(stderr).toMatch(
      new RegExp(`^R009 .*Hint: eks-runbook undo ${id} --approve ${made[0]?.plan.digest}`),
    )
  })

  test('with a wrong digest ends with 3', async () => {
    const { code, stderr } = await run('undo', made[0]?.run ?? '', '--approve', 'abc')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^R012 .*found abc/)
  })
})

describe('What cannot be trusted is refused:', () => {
  test('a run that does not exist, with 2', async () => {
    for (const command of ['show', 'report', 'resume', 'undo', 'repair']) {
      const { code, stderr } = await run(command, '2020-01-01-none')
      expect([command, code, stderr.slice(0, 4)]).toEqual([command, 2, 'R008'])
    }
  })

  test('the name of a run that leaves the folder, with 2', async () => {
    const { code, stderr } = await run('show', '../../etc')
    expect([code, stderr.slice(0, 4)]).toEqual([2, 'R008'])
  })

  test('a journal with a flipped byte, with 1, its line and the rest left as they are', async () => {
    const id = made[1]?.run ?? ''
    const file = path.join(state, 'runs', id, 'journal.jsonl')
    const text = readFileSync(file, 'utf8')
    const [first = '', second = '', ...rest] = text.split('\n')
    const flipped = [first, second.replace('2026', '2027'), ...rest].join('\n')
    writeFileSync(file, flipped)
    const shown = await run('show', id)
    expect([shown.code, shown.stderr.slice(0, 4)]).toEqual([1, 'R040'])
    expect(shown.stderr).toMatch(/line 2/)
    const resumed = await run('resume', id)
    expect([resumed.code, resumed.stderr.slice(0, 4)]).toEqual([1, 'R040'])
    expect(readFileSync(file, 'utf8')).toBe(flipped)
    expect((await run('runs')).stdout).toContain('damaged')
    writeFileSync(file, text)
  })

  test('a plan file that was edited, with 2', async () => {
    const file = path.join(state, 'plan.json')
    writeFileSync(file, JSON.stringify({ ...made[0]?.plan, inputs: { cluster: 'photo-prod' } }))
    const { code, stderr } = await run('run', '--plan', file, '--approve', made[0]?.plan.digest ?? '')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^R006 .*edited/)
  })

  test.each([
    ['no file', 'none.json', 'ENOENT'],
    ['not JSON', 'journal.txt', 'not JSON'],
  ])('a plan file that is %s, with 2', async (_, name, found) => {
    writeFileSync(path.join(state, 'journal.txt'), 'steps:')
    const { code, stderr } = await run('run', '--plan', path.join(state, name))
    expect([code, stderr.slice(0, 4)]).toEqual([2, 'R006'])
    expect(stderr).toContain(found)
  })

  test('a state folder that is a file, with 1', async () => {
    const { code, stderr } = await runInProcess(['runs', '--state', path.join(state, 'journal.txt', 'x')])
    expect([code, stderr.slice(0, 4)]).toEqual([1, 'R041'])
  })

  test('--take-over without a reason, with 2', async () => {
    const { code, stderr } = await run('resume', made[0]?.run ?? '', '--take-over')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^R001 .*--reason/)])
  })
})

test('Nothing that a run was called can move the cursor', async () => {
  const id = made[0]?.run ?? ''
  for (const argv of [['show', id], ['report', id], ['undo', id], ['runs']])
    expect((await run(...argv)).stdout).not.toContain('\u001b')
})
