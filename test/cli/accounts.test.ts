import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'accounts-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(
  path.join(folder, 'fleet.yaml'),
  `accounts: [{ id: '111122223333', alias: stage, regions: [eu-west-1] }]
environments: [staging]
clusters: [{ name: photo, account: stage, region: eu-west-1, environment: staging }]
`,
)

test('Without credentials an account is R030, and the check ends with 3', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.resolve('lib/cli/eks-runbook.cjs'), 'fleet', 'check', '--online', '--output', 'json'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        HOME: folder,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    },
  )
  expect([status, stderr]).toEqual([3, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    accounts: [{ alias: 'stage', ok: false, found: expect.stringContaining('R030') }],
  })
})
