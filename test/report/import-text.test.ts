import { describe, expect, test } from 'vitest'
import { importText } from '../../lib/report/import-text.ts'

const report = {
  cluster: 'photo-prod',
  file: '/worlds/photo-prod.yaml',
  bytes: 24_000,
  seconds: 2.34,
  read: 120,
  taken: { 'node groups': 2, Deployment: 5 },
  leftOut: [
    { count: 'not read' as const, why: 'Secrets are not read at all' },
    { count: 31, why: 'values of environment variables' },
  ],
}

describe('the text of an import', () => {
  test('says what was taken, what was left out, and how the copy is tried', () => {
    expect(importText(report).split('\n')).toEqual([
      'Imported photo-prod: /worlds/photo-prod.yaml (24 KiB), 120 objects read in 2.3 s.',
      'Took 2 node groups, 5 Deployment.',
      'In this world the one principal may do everything in Kubernetes: a rehearsal changes what you only read.',
      '',
      'Left out:',
      '  not read  Secrets are not read at all',
      '        31  values of environment variables',
      '',
      'Try it:    eks-runbook twin start --world /worlds/photo-prod.yaml',
    ])
  })

  test('counts a large file in MiB', () => {
    expect(importText({ ...report, bytes: 5_500_000 })).toContain('(5.2 MiB)')
  })
})
