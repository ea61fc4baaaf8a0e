import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import { verifyPresignedIdentity } from '../../../lib/twin/aws/wire/presigned-identity.ts'
import { twinOfAws } from './in-process.ts'

const signedAt = Date.parse('2026-11-22T10:00:00Z')
const minute = 60_000

interface Change {
  readonly query?: { readonly [name: string]: string }
  readonly service?: string
  readonly expiresIn?: number
  readonly secret?: string
  readonly header?: string
  readonly path?: string
}

/** A token as `aws eks get-token` makes it, with one thing changed. */
const tokenFor = async (change: Change = {}) => {
  const { aws, client } = await twinOfAws()
  const credentials = { ...client.credentials, ...(change.secret && { secretAccessKey: change.secret }) }
  const signer = new SignatureV4({
    credentials,
    region: 'eu-west-1',
    service: change.service ?? 'sts',
    sha256: Sha256,
  })
  const hostname = 'sts.eu-west-1.amazonaws.com'
  const header = change.header ?? 'x-k8s-aws-id'
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: change.path ?? '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15', ...change.query },
      headers: { host: hostname, [header]: 'photo-staging' },
    },
    {
      expiresIn: change.expiresIn ?? 60,
      unhoistableHeaders: new Set([header]),
      signingDate: new Date(signedAt),
    },
  )
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  )
  const url = `https://${hostname}${change.path ?? '/'}?${query.join('&')}`
  const verify = (token: string, at: { clusterName?: string; now?: number } = {}) =>
    verifyPresignedIdentity(aws, token, { clusterName: 'photo-staging', now: signedAt + minute, ...at })?.arn
  return { url, token: encoded(url), verify, aws }
}

const encoded = (url: string) => `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`

const deployer = 'arn:aws:sts::111122223333:assumed-role/deployer/eks-runbooks'

describe('an EKS token', () => {
  test('names the caller that signed it', async () => {
    const { token, verify } = await tokenFor()
    expect(verify(token)).toBe(deployer)
  })

  test('is good for one cluster only', async () => {
    const { token, verify } = await tokenFor()
    expect(verify(token, { clusterName: 'photo-prod' })).toBeUndefined()
  })

  test('is good for 15 minutes, whatever it says of its end', async () => {
    const { token, verify } = await tokenFor({ expiresIn: 60 })
    expect(verify(token, { now: signedAt + 15 * minute })).toBe(deployer)
    expect(verify(token, { now: signedAt + 15 * minute + 1 })).toBeUndefined()
  })

  test('of a temporary credential ends with it', async () => {
    const { token, verify, aws } = await tokenFor()
    const [credential] = [...aws.state.credentials.values()].filter(({ arn }) => arn === deployer)
    if (!credential) throw new Error('The deployer has no credential')
    aws.state.credentials.set(credential.accessKeyId, { ...credential, expiresAt: aws.timeline.now() })
    expect(verify(token)).toBeUndefined()
  })

  test.each<[string, Change]>([
    ['signed with another secret', { secret: 'other' }],
    ['for another action', { query: { Action: 'GetSessionToken' } }],
    ['with a parameter that is not allowed', { query: { Extra: '1' } }],
    ['of another service', { service: 'eks' }],
    ['that lasts longer than 15 minutes', { expiresIn: 901 }],
    ['without the cluster among its signed headers', { header: 'x-other' }],
    ['for another path', { path: '/x' }],
  ])('%s is refused', async (_what, change) => {
    const { token, verify } = await tokenFor(change)
    expect(verify(token)).toBeUndefined()
  })

  test('that is no token at all is refused', async () => {
    const { url, token, verify } = await tokenFor()
    expect(verify('')).toBeUndefined()
    expect(verify('k8s-aws-v1.')).toBeUndefined()
    expect(verify(token.replace('k8s-aws-v1.', 'k8s-aws-v2.'))).toBeUndefined()
    expect(verify(encoded(`${url}&X-Amz-Date=20261122T100000Z`))).toBeUndefined()
    expect(verify(`${token}${'A'.repeat(4096)}`)).toBeUndefined()
  })
})
