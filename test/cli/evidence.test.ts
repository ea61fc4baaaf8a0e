import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Cli } from '../../lib/cli/cli.ts'
import { walk, type Walk } from '../../lib/cli/engine-run.ts'
import type { OpenTarget } from '../../lib/cli/open-target.ts'
import { machineKey } from '../../lib/cli/signing-key.ts'
import { toolDigest } from '../../lib/cli/tool-digest.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import type { EndState } from '../../lib/runbook/journal-event.ts'
import type { Clock } from '../../lib/runbook/clock.ts'
import { fleetWithSigner } from '../../lib/twin/fleet-signer.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import { outputDocuments } from '../../lib/report/schemas/outputs.ts'
import { freshSigner } from '../evidence/keys.ts'
import { cases } from '../runbooks/cases.ts'
import { openScene, settledWorld } from '../runbooks/scene.ts'
import { runInProcess } from './terminal-double.ts'

const root = mkdtempSync(path.join(tmpdir(), 'evidence-'))
afterAll(() => rmSync(root, { recursive: true }))
const home = path.join(root, 'home')
const fleetFile = path.join(root, 'fleet.yaml')
const worldFile = 'examples/worlds/small.yaml'

interface Proven {
  readonly walked: Pick<Walk, 'plan'> & { readonly opened: OpenTarget }
  /** The state folder after the run, nothing signed. */
  readonly state: string
  readonly run: string
  readonly now: number
}
const made: { proven?: Proven; signed?: Promise<string> } = {}
const proven = (): Proven => {
  if (made.proven) return made.proven
  throw new Error('there is no run')
}

const machine = () =>
  machineKey({
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    env: { XDG_CONFIG_HOME: home },
    cwd: root,
    interactive: false,
    lively: false,
  })

const writeFleet = (file: string, keyLine: string): string => {
  writeFileSync(file, stringify(fleetWithSigner(readWorld(worldFile).fleet, keyLine, [])))
  return file
}

beforeAll(async () => {
  const { runbook, cluster, inputs, change } = cases['upgrade-add-ons'] ?? {}
  if (!runbook || cluster === undefined) throw new Error('there is no such case')
  const world = await settledWorld(worldFile, change)
  const scene = await openScene(world, { runbook, cluster, engine: { toolDigest: toolDigest() } })
  const plan = await scene.plan(inputs ?? {})
  const outcome = await scene.execute(plan)
  expect(outcome.state).toBe('done')
  const state = path.join(root, 'state')
  const store = folderStore(state)
  for (const [key, { text }] of scene.moment().memory.logs)
    (await store.log(key).create(text.trimEnd().split('\n')))?.close()
  const opened = { target: scene.target, place: plan.target, caller: '' }
  made.proven = { walked: { plan, opened }, state, run: outcome.run, now: scene.time.clock.now() }
  writeFleet(fleetFile, machine().signer.keyLine)
})

const days = (count: number): number => count * 86_400_000
const clockAt = (now: number): Clock => ({ now: () => now, sleep: () => Promise.resolve() })

/** A state folder of its own, after the run. */
const freshState = (): string => {
  const state = mkdtempSync(path.join(root, 'copy-'))
  cpSync(proven().state, state, { recursive: true })
  return state
}

interface Surroundings {
  readonly state?: string
  readonly fleet?: string
  readonly now?: number
  readonly home?: string
}

const type = async (argv: readonly string[], around: Surroundings = {}) => {
  const env = {
    XDG_CONFIG_HOME: around.home ?? home,
    EKS_RUNBOOK_FLEET: around.fleet ?? fleetFile,
    EKS_RUNBOOK_STATE: around.state ?? proven().state,
  }
  const clock = clockAt(around.now ?? proven().now)
  return runInProcess(['evidence', ...argv], { env, cwd: root, clock })
}

/** A state folder with signed evidence, and that evidence in a file. */
const signed = async () => {
  made.signed ??= signOnce()
  const state = mkdtempSync(path.join(root, 'signed-'))
  cpSync(await made.signed, state, { recursive: true })
  const file = path.join(state, 'saved.json')
  const journal = path.join(state, 'runs', proven().run, 'journal.jsonl')
  return { state, file, journal, text: readFileSync(file, 'utf8') }
}

const signOnce = async (): Promise<string> => {
  const state = freshState()
  expect((await type(['sign', proven().run], { state })).code).toBe(0)
  const save = ['--save', path.join(state, 'saved.json')]
  expect((await type(['show', proven().run, ...save], { state })).code).toBe(0)
  return state
}

describe('evidence sign', () => {
  test('signs a run that is done, and says so the second time', async () => {
    const state = freshState()
    const { run } = proven()
    const first = await type(['sign', run], { state })
    expect([first.code, first.stdout]).toEqual([
      0,
      `Evidence of ${run} is signed by this-machine: ${state}/evidence/${run}.json\n`,
    ])
    const again = await type(['sign', run, '--output', 'json'], { state })
    expect(again.code).toBe(0)
    expect(outputDocuments['evidence-sign'].parse(JSON.parse(again.stdout))).toMatchObject({
      name: run,
      signed: 'already',
    })
  })

  test('tells of a key that the fleet does not trust', async () => {
    const around = { state: freshState(), home: path.join(root, 'stranger') }
    const { code, stdout } = await type(['sign', proven().run], around)
    expect([code, stdout]).toEqual([0, expect.stringContaining('does not trust yet')])
  })

  test('refuses a run that is not there', async () => {
    expect(await type(['sign', '2026-01-01-none'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^R008 /),
    })
  })

  test('keeps nothing when the key can be read by others', async () => {
    const around = { state: freshState(), home: path.join(root, 'careless') }
    await type(['key'], around)
    chmodSync(path.join(around.home, 'eks-runbook/signing-key.pem'), 0o644)
    expect(await type(['sign', proven().run], around)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^R078 .*chmod 600/),
    })
    expect((await type(['list'], around)).stdout).toMatch(/^No evidence yet/)
  })
})

describe('evidence list', () => {
  const listed = async (around: Surroundings) => {
    const { code, stdout } = await type(['list', '--output', 'json'], around)
    expect(code).toBe(0)
    return outputDocuments.evidence.parse(JSON.parse(stdout)).evidence
  }

  test('says what counts, of which cluster and how old it is', async () => {
    const { state } = await signed()
    const { run, now } = proven()
    expect(await listed({ state })).toMatchObject([
      { name: run, valid: true, runbook: 'upgrade-add-ons', cluster: 'small', signer: 'this-machine' },
    ])
    const { stdout } = await type(['list'], { state, now: now + days(3) })
    expect(stdout).toMatch(new RegExp(`${run} +yes +3 days +upgrade-add-ons +small`))
  })

  test.each<[string, string, (kept: { state: string; journal: string }) => Surroundings]>([
    ['is too old', 'R064', () => ({ now: proven().now + days(15) })],
    ['is from the future', 'R076', () => ({ now: proven().now - days(1) })],
    [
      'is signed by a stranger',
      'R063',
      () => ({ fleet: writeFleet(path.join(root, 'other.yaml'), freshSigner().keyLine) }),
    ],
    [
      'lost its journal',
      'R067',
      ({ journal }) => {
        rmSync(journal)
        return {}
      },
    ],
    [
      'has a shorter journal',
      'R067',
      ({ journal }) => {
        const text = readFileSync(journal, 'utf8')
        writeFileSync(journal, text.slice(0, text.trimEnd().lastIndexOf('\n') + 1))
        return {}
      },
    ],
  ])('says no, and why, of evidence that %s', async (_why, code, change) => {
    const kept = await signed()
    const around = change(kept)
    expect(await listed({ state: kept.state, ...around })).toMatchObject([{ valid: false, error: { code } }])
  })

  test('says no of a copy under another name', async () => {
    const { state } = await signed()
    const folder = path.join(state, 'evidence')
    cpSync(path.join(folder, `${proven().run}.json`), path.join(folder, '2026-01-01-copy.json'), {
      recursive: true,
    })
    expect(await listed({ state })).toMatchObject([
      { name: proven().run, valid: true },
      { name: '2026-01-01-copy', valid: false, error: { code: 'R066' } },
    ])
  })
})

describe('evidence show', () => {
  test('tells what was proven, by whom and how long each step took', async () => {
    const { state } = await signed()
    const { code, stdout } = await type(['show', proven().run], { state })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Signed +by this-machine with the key [0-9a-f]{64}$/m)
    expect(stdout).toMatch(/^ {2}add-on-version {2}add-on coredns/m)
    expect(stdout).toMatch(/^ {2}done {5}\S.*\(\d+[smh]/m)
  })

  test('gives the same of a file', async () => {
    const { state, file } = await signed()
    const [byName, byFile] = [
      await type(['show', proven().run], { state }),
      await type(['show', file], { state }),
    ]
    expect(byFile).toEqual(byName)
    const { stdout } = await type(['show', file, '--output', 'json'], { state })
    expect(outputDocuments['evidence-show'].parse(JSON.parse(stdout)).evidence.run).toBe(proven().run)
  })

  test.each([
    ['an unknown name', '2026-01-01-none'],
    ['a file that is not there', './none.json'],
  ])('refuses %s', async (_what, name) => {
    expect(await type(['show', name])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^R079 /) })
  })
})

describe('evidence verify', () => {
  test('says that a file holds, by signature, steps, age and journal', async () => {
    const { state, file } = await signed()
    const { code, stdout, stderr } = await type(['verify', file], { state })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`${file} holds`)
    for (const what of ['signature', 'steps', 'age', 'journal'])
      expect(stdout).toMatch(new RegExp(`^ {2}ok {7}${what} `, 'm'))
  })

  test('holds alone: without the state, with a key from the command line', async () => {
    const { file } = await signed()
    const alone = { state: path.join(root, 'nowhere'), fleet: path.join(root, 'no-fleet.yaml') }
    const { code, stdout } = await type(['verify', file, '--signer', machine().signer.keyLine], alone)
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ {2}- +journal +there is none here$/m)])
    expect(await type(['verify', file], alone)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^R004 /),
    })
  })

  test('holds it against a journal that is given', async () => {
    const { file, journal } = await signed()
    const alone = { state: path.join(root, 'nowhere') }
    expect((await type(['verify', file, '--journal', journal], alone)).code).toBe(0)
    const edited = path.join(root, 'edited.jsonl')
    writeFileSync(edited, readFileSync(journal, 'utf8').replace('coredns', 'corednx'))
    expect(await type(['verify', file, '--journal', edited], alone)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^R067 /),
    })
  })

  test('takes what a state folder keeps as it is, by the name it is kept under', async () => {
    const { state } = await signed()
    const kept = path.join(state, 'evidence', `${proven().run}.json`)
    expect((await type(['verify', kept], { state })).code).toBe(0)
    const renamed = path.join(state, '2026-01-01-else.json')
    writeFileSync(renamed, (await signed()).text)
    expect(await type(['verify', renamed], { state })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^R066 /),
    })
  })

  test('names the bytes that were edited and says what was looked at', async () => {
    const { state, file, text } = await signed()
    writeFileSync(file, text.replace('in-toto', 'in-tot\u001b'))
    const { code, stdout, stderr } = await type(['verify', file, '--output', 'json'], { state })
    const at = text.indexOf('in-toto') + 6
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`payloadType, bytes ${at}-${at}: expected "o"`),
    ])
    expect(stderr).not.toContain('\u001b')
    expect(outputDocuments['evidence-verify'].parse(JSON.parse(stdout))).toMatchObject({
      valid: false,
      error: { code: 'R062' },
      checks: [{ what: 'signature', outcome: 'refused' }],
    })
  })

  test.each<[string, string, () => Surroundings]>([
    ['too old', 'R064', () => ({ now: proven().now + days(15) })],
    ['from the future', 'R076', () => ({ now: proven().now - days(1) })],
    [
      'by a stranger',
      'R063',
      () => ({ fleet: writeFleet(path.join(root, 'strange.yaml'), freshSigner().keyLine) }),
    ],
  ])('refuses what is %s', async (_what, code, around) => {
    const { state, file } = await signed()
    expect(await type(['verify', file], { state, ...around() })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(new RegExp(`^${code} `)),
      stdout: expect.stringContaining('DOES NOT HOLD'),
    })
  })

  test('refuses what is no file', async () => {
    mkdirSync(path.join(root, 'folder'))
    for (const name of ['none.json', 'folder'])
      expect(await type(['verify', name])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^R079 /) })
  })
})

describe('evidence key', () => {
  test('prints the line for fleet.yaml alone on stdout', async () => {
    const { code, stdout, stderr } = await type(['key'])
    expect([code, stdout]).toEqual([0, `${machine().signer.keyLine}\n`])
    expect(stderr).toContain('trusts it as this-machine')
  })

  test('makes the key on first use, before there is a fleet', async () => {
    const env = { XDG_CONFIG_HOME: path.join(root, 'new-home') }
    const first = await runInProcess(['evidence', 'key', '--output', 'json'], { env, cwd: root + '/home' })
    expect(first.code).toBe(0)
    const document = outputDocuments['evidence-key'].parse(JSON.parse(first.stdout))
    expect(document).toMatchObject({ key: expect.stringMatching(/^ed25519:/) })
    expect(document).not.toHaveProperty('trustedAs')
    const second = await runInProcess(['evidence', 'key', '--output', 'json'], { env, cwd: root + '/home' })
    expect(second.stdout).toBe(first.stdout)
  })
})

describe('A run that ends done', () => {
  /** The end of `run`: the engine has just walked the run to this state. */
  const ended = async (around: Surroundings, how: { state: EndState; steps?: Walk['steps'] }) => {
    const out: string[] = []
    const err: string[] = []
    const codes: number[] = []
    const { walked, run, now } = proven()
    const { state = freshState() } = around
    const cli: Cli = {
      terminal: {
        stdout: { write: (text) => void out.push(text) },
        stderr: { write: (text) => void err.push(text) },
        env: { XDG_CONFIG_HOME: around.home ?? home },
        cwd: root,
        interactive: false,
        lively: false,
      },
      commands: [],
      signal: new AbortController().signal,
      clock: () => Promise.resolve(clockAt(now)),
      finish: (code) => void codes.push(code),
    }
    await walk(cli, {
      ...walked,
      steps: how.steps ?? walked.plan.steps,
      request: { output: 'json', fleet: fleetFile },
      store: folderStore(state),
      go: () => Promise.resolve({ run, state: how.state, exit: how.state === 'done' ? 0 : 4 }),
    })
    const told = err.join('').trim().split('\n').filter(Boolean)
    return {
      codes,
      document: outputDocuments.run.parse(JSON.parse(out.join(''))),
      told: told.map((line) => JSON.parse(line) as { code: string; text: string }),
      kept: (await type(['list', '--output', 'json'], { state })).stdout,
    }
  }

  test('is signed, and says under which name', async () => {
    const { codes, document, told, kept } = await ended({}, { state: 'done' })
    expect([codes, document]).toEqual([
      [0],
      { run: proven().run, state: 'done', exit: 0, evidence: proven().run },
    ])
    expect(told).toMatchObject([{ code: 'M074', text: expect.stringContaining('signed by this-machine') }])
    expect(JSON.parse(kept)).toMatchObject({ evidence: [{ name: proven().run, valid: true }] })
  })

  test('stays done when it cannot be signed, and says how to sign it later', async () => {
    const careless = path.join(root, 'careless-too')
    await type(['key'], { home: careless })
    chmodSync(path.join(careless, 'eks-runbook/signing-key.pem'), 0o644)
    const { codes, document, told, kept } = await ended({ home: careless }, { state: 'done' })
    expect([codes, document]).toEqual([[0], { run: proven().run, state: 'done', exit: 0 }])
    expect(told).toMatchObject([
      {
        code: 'M075',
        text: expect.stringMatching(
          new RegExp(`chmod 600 .*Then: eks-runbook evidence sign ${proven().run}$`),
        ),
      },
    ])
    expect(JSON.parse(kept)).toEqual({ evidence: [] })
  })

  test.each<[string, { state: EndState; steps?: Walk['steps'] }]>([
    ['one that stopped', { state: 'stopped' }],
    ['a repair', { state: 'done', steps: [] }],
  ])('is signed, but not %s', async (_what, how) => {
    const { document, told, kept } = await ended({}, how)
    expect(document).not.toHaveProperty('evidence')
    expect(told).toEqual([])
    expect(JSON.parse(kept)).toEqual({ evidence: [] })
  })
})
