import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Credential } from '../../../../lib/twin/aws/state.ts'

/** A bearer token for a cluster, as `aws eks get-token` makes it. */
export const presignToken = async (credential: Credential, clusterName: string): Promise<string> => {
  const signer = new SignatureV4({
    service: 'sts',
    region: 'eu-west-1',
    credentials: { ...credential },
    sha256: Sha256,
  })
  const hostname = 'sts.eu-west-1.amazonaws.com'
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': clusterName },
    },
    { expiresIn: 60, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
  )
  const query = new URLSearchParams(
    Object.entries(signed.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
  )
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query.toString()}`).toString('base64url')}`
}
