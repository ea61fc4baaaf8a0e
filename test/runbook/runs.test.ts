import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { execute, resume } from '../../lib/runbook/engine.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { listRuns, lockName, readRun } from '../../lib/runbook/runs.ts'
import { simulate, type StepSpec } from './simulation.ts'

const scratch = mkdtempSync(join(tmpdir(), 'eks-runbook-runs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const plain: StepSpec = { takes: 0, troubles: [], pauses: false, undo: 'change' }
const refused: StepSpec = { ...plain, troubles: ['refused'] }
const everybodyGone = { isGone: () => true }

describe('runs', () => {
  test('are listed newest first with how far each came', async () => {
    const simulation = simulate([plain, refused])
    const plan = await simulation.plan()
    const first = await simulation.process((options) => execute(plan, options))
    await simulation.time.pass(60)
    const second = await simulation.process((options) => execute(plan, options))
    const runs = await listRuns(simulation.store)
    expect(runs.map(({ id }) => id)).toEqual([second?.run, first?.run])
    expect(runs[1]).toMatchObject({
      runbook: 'switch-all-on',
      cluster: 'web',
      state: 'stopped',
      steps: { done: 1, total: 2 },
      at: 'Switch b on',
      error: { code: 'R022' },
    })
    expect(runs[0]).toMatchObject({ state: 'done', steps: { done: 2, total: 2 } })
  })

  test('whose process was killed show as interrupted to who can tell', async () => {
    const simulation = simulate([plain, plain])
    const plan = await simulation.plan()
    await simulation.process((options) => execute(plan, options), { write: 5, when: 'after' })
    expect((await listRuns(simulation.store))[0]?.state).toBe('running')
    expect((await listRuns(simulation.store, everybodyGone))[0]?.state).toBe('interrupted')
  })

  test('with a damaged journal are listed as damaged and do not hide the others', async () => {
    const simulation = simulate([plain])
    const plan = await simulation.plan()
    const first = await simulation.process((options) => execute(plan, options))
    await simulation.process((options) => execute(plan, options))
    const log = simulation.state.logs.get(`runs/${first?.run}/journal.jsonl`)
    if (log) log.text = log.text.replace('"step-started"', '"step-stirred"')
    const runs = await listRuns(simulation.store)
    expect(runs.map(({ state }) => state).toSorted((a, b) => a.localeCompare(b))).toEqual(['damaged', 'done'])
    const resumed = simulation.process((options) => resume(first?.run ?? '', options))
    await expect(resumed).rejects.toMatchObject({ code: 'R040', message: /line 2 / })
  })

  test('tell who ran them, each action with its token, and how often they went on', async () => {
    const simulation = simulate([refused])
    const plan = await simulation.plan()
    const outcome = await simulation.process((options) => execute(plan, { ...options, by: 'arn:ann' }))
    await simulation.process((options) => resume(outcome?.run ?? '', { ...options, by: 'arn:bob' }))
    const view = await readRun(simulation.store, outcome?.run ?? '')
    expect(view).toMatchObject({ by: 'arn:bob', resumes: 1, state: 'done', plan: { digest: plan.digest } })
    expect(view.steps[0]?.actions.map(({ name, outcome: end }) => [name, end])).toEqual([
      ['sim:SwitchOn', 'refused'],
      ['sim:SwitchOn', 'done'],
    ])
    expect(view.steps[0]?.notes).toEqual({ switched: 'a' })
  })
})

describe('a run in a folder', () => {
  const inFolder = async (specs: readonly StepSpec[]) => {
    const folder = join(mkdtempSync(join(scratch, 'f-')), 'state')
    const store = folderStore(folder)
    const simulation = simulate(specs)
    const plan = await simulation.plan()
    const outcome = await simulation.process((options) => execute(plan, { ...options, store }))
    const run = outcome?.run ?? ''
    return { folder, store, simulation, run, file: join(folder, 'runs', run, 'journal.jsonl') }
  }

  test('is one journal file and one lock, and is gone on with from there', async () => {
    const { folder, store, simulation, run } = await inFolder([plain, refused])
    expect(readdirSync(join(folder, 'runs', run))).toEqual(['journal.jsonl'])
    const resumed = await simulation.process((options) => resume(run, { ...options, store }))
    expect(resumed?.state).toBe('done')
    expect(simulation.world.effects).toEqual(['on a', 'on b'])
    expect(readdirSync(join(folder, 'runs', run))).toEqual(['journal.jsonl'])
  })

  test('with a flipped byte is refused with the line, and its journal stays as it is', async () => {
    const { file, store, simulation, run } = await inFolder([plain, refused])
    const bytes = readFileSync(file)
    const at = bytes.indexOf('sim:SwitchOn')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const resumed = simulation.process((options) => resume(run, { ...options, store }))
    await expect(resumed).rejects.toMatchObject({ code: 'R040' })
    expect(readFileSync(file)).toEqual(bytes)
  })

  test('holds no line that a reader of JSON lines cannot read', async () => {
    const { file } = await inFolder([plain, refused])
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const events = lines.map(
      (line) => JSON.parse(line) as { seq: number; at: string; prev: string; hash: string },
    )
    expect(events.map(({ seq }) => seq)).toEqual(lines.map((_line, at) => at + 1))
    expect(events.slice(1).map(({ prev }) => prev)).toEqual(events.slice(0, -1).map(({ hash }) => hash))
  })
})

test('The lock of a cluster is one, whatever fleets call it, and each cluster has its own', () => {
  const arn = 'arn:aws:eks:eu-west-1:444455556666:cluster/photo_prod'
  const lock = (cluster: string, of: string) => lockName({ cluster, account: '1', region: 'here', arn: of })
  expect(['web', 'shop'].map((name) => lock(name, arn))).toEqual(
    ['a', 'b'].map(() => '444455556666.eu-west-1.photo_prod'),
  )
  const arns = [arn, arn.replace('west', 'east'), arn.replace('6:', '7:'), `${arn}2`, '']
  expect(new Set(arns.map((each) => lock('web', each))).size).toBe(5)
})
