import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { serveAws, type AwsServer } from '../../lib/twin/aws/http-server.ts'
import { seedSigningKey } from '../../lib/twin/aws/kms/keys.ts'
import { region } from '../../lib/twin/aws/regions.ts'
import { account, twinOfAws } from '../twin/aws/in-process.ts'

const root = mkdtempSync(path.join(tmpdir(), 'kms-signing-'))
const served: { server?: AwsServer; env?: { readonly [name: string]: string } } = {}
beforeAll(async () => {
  const { aws, endpoint, credentials } = await twinOfAws()
  seedSigningKey(aws, region(aws.state, account.id, account.region), 'alias/evidence')
  served.server = await serveAws(endpoint)
  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = credentials['staging'] ?? {}
  const config = path.join(root, 'aws-config')
  writeFileSync(
    config,
    `[profile signing]\nregion = eu-west-1\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`,
  )
  served.env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    AWS_CONFIG_FILE: config,
    AWS_ENDPOINT_URL: served.server.url,
  }
})
afterAll(async () => {
  await served.server?.close()
  rmSync(root, { recursive: true })
})

const fleetWith = (kmsKey: string): string => {
  const file = path.join(root, 'fleet.yaml')
  const cluster = { name: 'web', account: 'staging', region: 'eu-west-1', environment: 'staging' }
  writeFileSync(
    file,
    stringify({
      accounts: [{ id: account.id, alias: 'staging', regions: ['eu-west-1'], profile: 'signing' }],
      environments: ['staging'],
      clusters: [cluster],
      evidence: { kmsKey },
    }),
  )
  return file
}

const key = (fleet: string, more: { readonly [name: string]: string } = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const words = [path.resolve('lib/cli/eks-runbook.cjs'), 'evidence', 'key', '--fleet', fleet]
    const options = { env: { ...served.env, ...more }, cwd: root, timeout: 20_000 }
    const child = execFile(process.execPath, words, options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

describe('evidence.kmsKey', () => {
  const arn = (name: string, owner = account.id) => `arn:aws:kms:eu-west-1:${owner}:${name}`

  test('signs with the credentials of the account that owns it', async () => {
    const first = await key(fleetWith(arn('alias/evidence')))
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^ecdsa-p256:[A-Za-z0-9+/]+=*\n$/)])
    expect(first.stderr).toContain(`Its private half is ${arn('alias/evidence')}. Add to evidence.signers`)
  })

  test.each([
    ['KMS has no such key', arn('alias/none'), /^R078 .*expected an enabled KMS key .* found none/],
    ['the fleet has no such account', arn('alias/evidence', '999999999999'), /^R078 .*found 999999999999/],
  ])('is refused when %s', async (_why, name, line) => {
    expect(await key(fleetWith(name))).toMatchObject({ code: 1, stderr: expect.stringMatching(line) })
  })

  test('that does not answer says what to look at', async () => {
    const { code, stderr } = await key(fleetWith(arn('alias/evidence')), {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    })
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^R024 Cannot sign with arn:.*check the network, then: /),
    ])
  })
})
