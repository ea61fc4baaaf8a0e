import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readWorld } from '../../lib/twin/read-world.ts'
import { startTwin, type RunningTwin } from './running-twin.ts'

const started: { twin?: RunningTwin } = {}
const twin = (): RunningTwin => {
  if (started.twin) return started.twin
  throw new Error('no twin')
}
beforeAll(async () => {
  started.twin = await startTwin()
})
afterAll(() => started.twin?.stop())

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
    const report = JSON.parse(stdout) as { file: string; taken: object; leftOut: { what: string }[] }
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
