import type { TwinRequest } from '../../http.ts'
import { AwsError, type Aws } from '../call.ts'
import type { Credential } from '../state.ts'
import { isSignedWith, signedAt, type Signature, type SigningKeys } from './signature.ts'
import type { Protocol } from './schemas.ts'

/** How far a request's date may be from the server's, in milliseconds. */
const freshFor = 15 * 60 * 1000

/** What a check of a caller needs besides the request. */
export interface CallerCheck {
  readonly aws: Aws
  readonly protocol: Protocol
  /** Wall time in milliseconds: clients sign with it. */
  readonly now: number
  readonly keys: SigningKeys
}

/**
 * The credential that signed the request. Throws AwsError, in the words of the protocol: unknown key, stale date, wrong
 * signature or session token, expired credential (by virtual time).
 */
export const callerOf = (
  { aws, protocol, now, keys }: CallerCheck,
  signature: Signature,
  request: TwinRequest,
): Credential => {
  const credential = aws.state.credentials.get(signature.accessKeyId)
  if (!credential || credential.sessionToken !== signature.sessionToken)
    throw refusal('unknown-key', protocol)
  const at = signedAt(signature)
  if (at === undefined || Math.abs(now - at) > validity(signature, request)) throw refusal('stale', protocol)
  if (!isSignedWith(credential.secretAccessKey, signature, { request, keys }))
    throw refusal('signature', protocol)
  if (isExpired(aws, credential)) throw refusal('expired', protocol)
  return credential
}

const validity = (signature: Signature, request: TwinRequest): number => {
  if (!signature.presigned) return freshFor
  const seconds = Number(new URLSearchParams(request.url.split('?')[1]).get('X-Amz-Expires'))
  return Math.max(seconds * 1000, freshFor)
}

/** True from the virtual moment at which a temporary credential ends. */
export const isExpired = (aws: Aws, { expiresAt }: Credential): boolean =>
  expiresAt !== undefined && aws.timeline.now() >= expiresAt

/** Why a caller is turned away. */
export type RefusalReason = 'unsigned' | 'unknown-key' | 'stale' | 'signature' | 'expired'

type Words = { readonly [reason in RefusalReason]: readonly [code: string, status: number] }

const json: Words = {
  unsigned: ['MissingAuthenticationTokenException', 403],
  'unknown-key': ['UnrecognizedClientException', 403],
  stale: ['InvalidSignatureException', 403],
  signature: ['InvalidSignatureException', 403],
  expired: ['ExpiredTokenException', 403],
}

/**
 * Codes by protocol: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and the pages of EC2 and S3. EC2 says
 * RequestExpired of an expired session as well: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const words: { readonly [protocol in Protocol]: Words } = {
  restJson1: json,
  awsJson1_1: json,
  awsQuery: {
    unsigned: ['MissingAuthenticationToken', 403],
    'unknown-key': ['InvalidClientTokenId', 403],
    stale: ['SignatureDoesNotMatch', 403],
    signature: ['SignatureDoesNotMatch', 403],
    expired: ['ExpiredToken', 403],
  },
  ec2Query: {
    unsigned: ['MissingAuthenticationToken', 403],
    'unknown-key': ['AuthFailure', 401],
    stale: ['RequestExpired', 400],
    signature: ['SignatureDoesNotMatch', 403],
    expired: ['RequestExpired', 400],
  },
  restXml: {
    unsigned: ['AccessDenied', 403],
    'unknown-key': ['InvalidAccessKeyId', 403],
    stale: ['RequestTimeTooSkewed', 403],
    signature: ['SignatureDoesNotMatch', 403],
    expired: ['ExpiredToken', 400],
  },
}

const texts: { readonly [reason in RefusalReason]: string } = {
  unsigned: 'Request is missing Authentication Token',
  'unknown-key': 'The security token included in the request is invalid.',
  stale:
    'Signature expired: the date of the request is more than 15 minutes away from the time of the service.',
  signature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  expired: 'The security token included in the request is expired',
}

/** The error that a service of this protocol answers. */
export const refusal = (reason: RefusalReason, protocol: Protocol): AwsError => {
  const [code, status] = words[protocol][reason]
  return new AwsError(code, texts[reason], status)
}
