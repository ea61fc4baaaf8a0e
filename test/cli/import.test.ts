import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importDocument } from '../../lib/report/schemas/import.ts'
import { readWorld } from '../../lib/twin/read-world.ts'
import { startTwin, type RunningTwin } from './running-twin.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'import-'))
const world = path.join(folder, 'small.yaml')
const started: { twin?: RunningTwin } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}
beforeAll(async () => {
  const small = readFileSync('examples/worlds/small.yaml', 'utf8')
  const reader = '      - { profile: reader, name: role/reader, accessPolicy: AmazonEKSViewPolicy }\n'
  writeFileSync(world, small.replace('    subnets:\n', `${reader}    subnets:\n`))
  started.twin = await startTwin('240', world)
})
afterAll(async () => {
  await started.twin?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const inState = (file: string) => path.join(twin().state, file)
const lastLine = (stderr: string): string => stderr.trimEnd().split('\n').at(-1) ?? ''

describe('eks-runbook import', () => {
  test('writes a world that reads back, for its owner alone, and tells what it left out', () => {
    const { code, stdout, stderr } = twin().type([
      'import',
      '--cluster',
      'small',
      '--save',
      'worlds/copy.yaml',
      '--output',
      'json',
      '--seed',
      '42',
    ])
    expect([code, lastLine(stderr)]).toEqual([0, expect.stringContaining('M063')])
    const report = importDocument.parse(JSON.parse(stdout))
    expect(report.seconds).toBeLessThan(60)
    expect(report).toMatchObject({ file: inState('worlds/copy.yaml'), taken: { Deployment: 2 } })
    expect(report.leftOut.map(({ what }) => what)).toContain('secrets')
    expect(statSync(report.file).mode & 0o777).toBe(0o600)
    expect(readFileSync(report.file, 'utf8')).toMatch(/^# Imported from arn:aws:eks:eu-west-1:/)
    expect(readWorld(report.file)).toMatchObject({ name: 'small', seed: 42 })
  })

  test.each([
    ['without --save', ['--cluster', 'small'], 2, /^R001 .*--save/],
    [
      'of a cluster that the fleet has not',
      ['--cluster', 'smoll', '--save', 'none.yaml'],
      2,
      /^R005 .*small/,
    ],
  ])('%s is refused and writes nothing', (_, argv, expected, line) => {
    const { code, stderr } = twin().type(['import', ...argv])
    expect([code, lastLine(stderr)]).toEqual([expected, expect.stringMatching(line)])
    expect(existsSync(inState('none.yaml'))).toBe(false)
  })

  test.each([
    ['holds something else', 'notes.yaml', /found a file that is none. Hint: .*--replace/],
    ['is a folder', '.', /found something that is no file/],
    ['is below a file', 'notes.yaml/copy.yaml', /found ENOTDIR/],
  ])('to a place that %s is refused before anything is read', (_, name, line) => {
    writeFileSync(inState('notes.yaml'), 'mine: true\n')
    const argv = ['import', '--cluster', 'small', '--save', name]
    const { code, stderr } = twin().type(argv, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })
    expect([code, lastLine(stderr)]).toEqual([1, expect.stringMatching(line)])
    expect(stderr).toMatch(/^R041/)
    expect(readFileSync(inState('notes.yaml'), 'utf8')).toBe('mine: true\n')
  })

  test('writes over an earlier import, and over any other file with --replace', () => {
    writeFileSync(
      inState('again.yaml'),
      '# Imported from arn:aws:eks:eu-west-1:111122223333:cluster/small at …',
    )
    writeFileSync(inState('other.yaml'), 'mine: true\n')
    const once = twin().type(['import', '--cluster', 'small', '--save', 'again.yaml'])
    const other = twin().type(['import', '--cluster', 'small', '--save', 'other.yaml', '--replace'])
    expect([once.code, other.code], `${once.stderr}${other.stderr}`).toEqual([0, 0])
    for (const file of ['again.yaml', 'other.yaml'])
      expect(readWorld(inState(file))).toMatchObject({ name: 'small' })
  })

  test('by somebody who may not read all of the cluster ends with 3 and the permission to ask for', () => {
    const fleet = readFileSync(twin().env['EKS_RUNBOOK_FLEET'] ?? '', 'utf8')
    writeFileSync(inState('readers.yaml'), fleet.replace('profile: staging', 'profile: reader'))
    const argv = ['import', '--cluster', 'small', '--save', 'none.yaml', '--fleet', 'readers.yaml']
    const { code, stderr } = twin().type(argv)
    expect([code, lastLine(stderr)]).toEqual([
      3,
      expect.stringMatching(
        /^R083 .*ask for the Kubernetes permission to list \w+.*import --cluster small --explain/,
      ),
    ])
    expect(existsSync(inState('none.yaml'))).toBe(false)
  })

  test('that AWS stops in the middle says how to go on, and writes nothing', async () => {
    await twin().here(
      'twin',
      'fault',
      'expired-credentials',
      '--operation',
      'ListNodegroups',
      '--times',
      '-1',
    )
    const { code, stderr } = twin().type(['import', '--cluster', 'small', '--save', 'none.yaml'])
    await twin().here('twin', 'fault', 'clear')
    expect([code, lastLine(stderr)]).toEqual([
      5,
      expect.stringMatching(/^R030 .*Hint: .*then: eks-runbook import --cluster small --save none\.yaml$/),
    ])
    expect(existsSync(inState('none.yaml'))).toBe(false)
  })

  test('--explain prints a policy and a ClusterRole without calling anybody', () => {
    const { code, stdout } = twin().type(['import', '--explain', '--output', 'json'], {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      policy: { Version: '2012-10-17' },
      clusterRole: { kind: 'ClusterRole' },
    })
  })
})
