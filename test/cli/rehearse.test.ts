import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listRehearsals } from '../../lib/evidence/rehearsal.ts'
import upgradeCluster from '../../runbooks/upgrade-cluster.ts'
import { planThere, prepare } from '../../lib/cli/rehearse/begin.ts'
import { machineKey } from '../../lib/cli/signing-key.ts'
import { rehearsalDocument } from '../../lib/report/schemas/rehearsal.ts'
import { folderStore } from '../../lib/runbook/folder-store.ts'
import { findCluster, readFleet } from '../../lib/fleet/read-fleet.ts'
import { stepsDigest, type Plan } from '../../lib/runbook/plan.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import { runInProcess } from './terminal-double.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'rehearse-'))
const world = path.resolve('examples/worlds/small.yaml')
const env = { HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config') }
const state = path.join(folder, 'state')
const inputs = ['--node-group', 'web', '--ami-type', 'AL2023_x86_64_STANDARD', '--soak', '0']
const swap = ['swap-node-group', '--cluster', 'small', ...inputs]

beforeAll(() => {
  const fleet = readWorld(world).fleet as { clusters: { world?: string }[] }
  for (const cluster of fleet.clusters) cluster.world = '../worlds/small.yaml'
  mkdirSync(path.join(folder, 'fleet'))
  mkdirSync(path.join(folder, 'worlds'))
  writeFileSync(path.join(folder, 'fleet/fleet.yaml'), JSON.stringify(fleet))
  copyFileSync(world, path.join(folder, 'worlds/small.yaml'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const commonOptions = ['--fleet', path.join(folder, 'fleet/fleet.yaml'), '--state', state]

/** An upgrade of the small world, as it would be planned on the cluster. */
const plannedThere = async (): Promise<Plan> => {
  const found = { world: readWorld(world), from: 'a test', imported: false }
  const place = findCluster(
    readFleet({ option: path.join(folder, 'fleet/fleet.yaml'), env, cwd: folder }),
    'small',
  )
  const { beginning } = await prepare(found, place)
  return await planThere(beginning, {
    runbook: upgradeCluster,
    inputs: { cluster: 'small', to: '1.33', soak: 0 },
    place,
    seed: 1,
    signal: new AbortController().signal,
    operator: { tell: () => undefined, confirm: async () => true },
  })
}

const rehearse = (...more: readonly string[]) =>
  runInProcess(
    ['rehearse', ...swap, '--fleet', path.join(folder, 'fleet/fleet.yaml'), '--state', state, ...more],
    { env, cwd: folder },
  )

describe('rehearse', () => {
  test('takes the world that the fleet names, says how long it takes, and keeps a signed record', async () => {
    const { code, stdout, stderr } = await rehearse('--times', '1', '--seed', '7', '--output', 'json')
    expect(code, stderr).toBe(0)
    const result = rehearsalDocument.parse(JSON.parse(stdout))
    expect(result.world).toBe('worlds/small.yaml')
    expect(result.runs.map(({ seed, ended }) => [seed, ended])).toEqual([[7, 'done']])
    expect(result.predicted?.p90).toBeGreaterThan(60)
    const signers = [{ name: 'this-machine', key: machineKey(terminalOf()).signer.keyLine }]
    const [kept] = await listRehearsals(folderStore(state), signers)
    expect(kept).toMatchObject({
      name: result.record,
      rehearsal: {
        runbook: 'swap-node-group',
        cluster: 'arn:aws:eks:eu-west-1:111122223333:cluster/small',
        stepsDigest: result.stepsDigest,
        ended: { done: 1, of: 1 },
        seeds: [7],
        world: {
          origin: 'file',
          name: 'worlds/small.yaml',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
        faults: 'none',
      },
    })
    const [foreign] = await listRehearsals(folderStore(state), [])
    expect(foreign).toMatchObject({ error: { code: 'R063' } })
  })

  test('tells people the answer first: duration, nodes, pods, budgets, and what it rests on', async () => {
    const { code, stdout } = await rehearse('--times', '1')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Result +1 of 1 runs ended done/m)
    expect(stdout).toMatch(/^Duration +\d+m\d\ds \(p50\), \d+m\d\ds \(p90\)$/m)
    expect(stdout).toMatch(/^Nodes +2 more at once/m)
    expect(stdout).toMatch(/^Budgets +.*shop\/cart/m)
    expect(stdout).toContain("durations of AWS are the twin's")
  })

  test('keeps no record of harsh faults, and says in Markdown what happened', async () => {
    const before = readdirSync(path.join(state, 'rehearsals')).length
    const { stdout } = await rehearse('--times', '1', '--faults', 'harsh', '--output', 'markdown')
    expect(stdout).toContain('faults: harsh')
    expect(stdout).toContain('## Assumed')
    expect(readdirSync(path.join(state, 'rehearsals'))).toHaveLength(before)
  })

  test('of a cluster that the world has not ends with R082 and the way out', async () => {
    const other = path.resolve('examples/worlds/photo-app.yaml')
    const { code, stderr } = await rehearse('--world', other)
    expect(code).toBe(1)
    expect(stderr).toContain('R082')
    expect(stderr).toContain('eks-runbook import --cluster small')
  })

  test.each([
    ['another account', ['111122223333', '999988887777']],
    ['another region', ['eu-west-1', 'us-east-1']],
  ])(
    'of a world that has a cluster of that name in %s ends with R082 and keeps nothing',
    async (_, [from = '', to = '']) => {
      const before = readdirSync(path.join(state, 'rehearsals')).length
      writeFileSync(path.join(folder, 'other.yaml'), readFileSync(world, 'utf8').replaceAll(from, to))
      const { code, stderr } = await rehearse('--world', 'other.yaml', '--times', '1')
      expect(code).toBe(1)
      expect(stderr).toMatch(new RegExp(`R082 .*111122223333 eu-west-1.*small of .*${to}`))
      expect(readdirSync(path.join(state, 'rehearsals'))).toHaveLength(before)
    },
  )

  test('of a plan takes its inputs, and rehearses its steps or none', async () => {
    const plan = await plannedThere()
    writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan))
    const here = (...more: readonly string[]) =>
      runInProcess(['rehearse', '--plan', 'plan.json', '--times', '1', ...commonOptions, ...more], {
        env,
        cwd: folder,
      })
    const { code, stdout, stderr } = await here('--output', 'json')
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ runbook: 'upgrade-cluster', stepsDigest: stepsDigest(plan) })
    writeFileSync(
      path.join(folder, 'other.yaml'),
      readFileSync(world, 'utf8').replace('name: web\n', 'name: front\n'),
    )
    const other = await here('--world', 'other.yaml')
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('R082')])
  })

  test.each([
    ['neither a runbook nor a plan', [], 2, 'R001'],
    ['both a runbook and a plan', [...swap, '--plan', 'plan.json'], 2, 'R001'],
    ['evidence that there is not', [...swap, '--as-proven', '2026-01-01-none'], 2, 'R079'],
  ])('of %s is refused', async (_, words, expected, line) => {
    const { code, stderr } = await runInProcess(['rehearse', ...words, ...commonOptions], {
      env,
      cwd: folder,
    })
    expect([code, stderr]).toEqual([expected, expect.stringContaining(line)])
  })

  test('of a world file that is none ends with R007', async () => {
    writeFileSync(path.join(folder, 'broken.yaml'), 'name: [')
    const { code, stderr } = await rehearse('--world', 'broken.yaml')
    expect(code).toBe(2)
    expect(stderr).toContain('R007')
  })

  test('refuses a number of runs that is none', async () => {
    const { code, stderr } = await rehearse('--times', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('R001')
  })
})

const terminalOf = () => ({
  stdout: { write: () => undefined },
  stderr: { write: () => undefined },
  env,
  cwd: folder,
  interactive: false,
  lively: false,
})
