import type { Aws } from '../call.ts'
import type { Credential } from '../state.ts'
import { isExpired } from './caller.ts'
import { isSignedWith, signatureOf, signedAt } from './signature.ts'

const tokenPrefix = 'k8s-aws-v1.'
const longestToken = 4096
/** A token is good so long after its X-Amz-Date, whatever X-Amz-Expires says. */
const validFor = 15 * 60 * 1000
const clockSkew = 5 * 60 * 1000

const allowedParameters = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
])

/**
 * The credential behind an EKS bearer token (`k8s-aws-v1.` and a presigned GetCallerIdentity, base64url); undefined: 401.
 * `now` is wall time in milliseconds. Rules: https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
 */
export const verifyPresignedIdentity = (
  aws: Aws,
  token: string,
  { clusterName, now }: { readonly clusterName: string; readonly now: number },
): Credential | undefined => {
  const url = urlOf(token)
  if (!url || !hasAllowedQuery(url)) return undefined
  const request = {
    method: 'GET',
    url: `${url.pathname}${url.search}`,
    headers: { host: url.host, 'x-k8s-aws-id': clusterName },
    body: new Uint8Array(),
  }
  const signature = signatureOf(request)
  const at = signature && signedAt(signature)
  if (!signature || at === undefined || signature.service !== 'sts') return undefined
  if (!signature.signedHeaders.includes('x-k8s-aws-id') || !signature.signedHeaders.includes('host'))
    return undefined
  if (now > at + validFor || now < at - clockSkew) return undefined
  const credential = aws.state.credentials.get(signature.accessKeyId)
  if (!credential || credential.sessionToken !== signature.sessionToken) return undefined
  return isSignedWith(credential.secretAccessKey, signature, { request }) && !isExpired(aws, credential)
    ? credential
    : undefined
}

const urlOf = (token: string): URL | undefined => {
  if (token.length > longestToken || !token.startsWith(tokenPrefix)) return undefined
  const text = Buffer.from(token.slice(tokenPrefix.length), 'base64url').toString()
  return URL.canParse(text) ? new URL(text) : undefined
}

const hasAllowedQuery = ({ pathname, searchParams }: URL): boolean => {
  const names = [...searchParams.keys()].map((name) => name.toLowerCase())
  const value = (name: string) => [...searchParams].find(([key]) => key.toLowerCase() === name)?.[1]
  const expires = Number(value('x-amz-expires') ?? Number.NaN)
  return (
    pathname === '/' &&
    new Set(names).size === names.length &&
    names.every((name) => allowedParameters.has(name)) &&
    value('action') === 'GetCallerIdentity' &&
    expires >= 0 &&
    expires <= 900
  )
}
