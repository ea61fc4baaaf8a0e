import { AwsError, type AwsCall } from './call.ts'
import { account } from './regions.ts'
import { hexOf } from './ids.ts'
import type { Credential } from './state.ts'
import type { HandlersOf } from './wire/typed-handlers.ts'

const defaultSessionSeconds = 3600

/** STS: who calls, and temporary credentials of a role (their end is in virtual time). */
export const stsHandlers = {
  'sts.GetCallerIdentity': (_input, call) => ({
    Account: call.account.id,
    Arn: call.principal,
    UserId: userId(call.principal),
  }),
  'sts.AssumeRole': (
    { RoleArn = '', RoleSessionName = '', DurationSeconds = defaultSessionSeconds },
    call,
  ) => {
    const [, id = '', roleName = ''] =
      /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(RoleArn) ?? []
    if (DurationSeconds < 900 || DurationSeconds > 43_200)
      throw new AwsError('ValidationError', 'DurationSeconds must be between 900 and 43200')
    if (!account(call.aws.state, id).roles.has(roleName))
      throw new AwsError(
        'AccessDenied',
        `User: ${call.principal} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
        403,
      )
    const arn = `arn:aws:sts::${id}:assumed-role/${roleName}/${RoleSessionName}`
    const credential = temporaryCredential(call, { account: id, arn, seconds: DurationSeconds })
    call.effect(`session ${RoleSessionName} of role ${roleName} begun`)
    return {
      Credentials: {
        AccessKeyId: credential.accessKeyId,
        SecretAccessKey: credential.secretAccessKey,
        SessionToken: credential.sessionToken,
        Expiration: new Date(credential.expiresAt ?? 0),
      },
      AssumedRoleUser: { Arn: arn, AssumedRoleId: userId(arn) },
    }
  },
} satisfies HandlersOf<'sts', typeof import('@aws-sdk/client-sts')>

const temporaryCredential = (
  { aws }: AwsCall,
  session: { readonly account: string; readonly arn: string; readonly seconds: number },
): Credential => {
  aws.state.ids += 1
  const credential = {
    ...keysFor(`${session.arn}/${aws.state.ids}`, 'ASIA'),
    sessionToken: Buffer.from(hexOf(`session/${session.arn}/${aws.state.ids}`)).toString('base64'),
    account: session.account,
    arn: session.arn,
    expiresAt: aws.timeline.now() + session.seconds * 1000,
  }
  aws.state.credentials.set(credential.accessKeyId, credential)
  return credential
}

/** An access key and its secret in AWS's format, made from `source` alone. Prefix: AKIA long-lived, ASIA temporary. */
export const keysFor = (
  source: string,
  prefix: 'AKIA' | 'ASIA',
): Pick<Credential, 'accessKeyId' | 'secretAccessKey'> => ({
  accessKeyId: prefix + base32(hexOf(`key/${source}`)).slice(0, 16),
  secretAccessKey: Buffer.from(hexOf(`secret/${source}`), 'hex')
    .toString('base64')
    .slice(0, 40),
})

const base32 = (hex: string): string =>
  [...Buffer.from(hex, 'hex')].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte % 32)).join('')

/** `AROA…:session` for a role session, `AIDA…` for a user. */
const userId = (arn: string): string => {
  const [kind = '', name = '', session] = arn.split(':').at(-1)?.split('/') ?? []
  const id = base32(hexOf(`${arn.split(':')[4]}/${kind}/${name}`)).slice(0, 17)
  return kind === 'assumed-role' ? `AROA${id}:${session ?? ''}` : `AIDA${id}`
}
