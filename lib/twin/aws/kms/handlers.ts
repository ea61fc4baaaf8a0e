import type { KeyMetadata } from '@aws-sdk/client-kms'
import { AwsError, type AwsCall } from '../call.ts'
import { nextUuid } from '../ids.ts'
import { pageOf } from '../pages.ts'
import type { KmsKeyState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { aliasArn, keyArn, keyOf, putKey, usageOf } from './keys.ts'

/** Keys of KMS and their aliases: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html */
export const kmsHandlers = {
  'kms.CreateKey': ({ KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage, Description = '' }, call) => {
    const key = putKey(call.aws, call.region, {
      id: nextUuid(call.aws),
      keySpec: specFor(KeySpec, KeyUsage),
      description: Description,
    })
    call.effect(`key ${key.id} created`)
    return { KeyMetadata: metadata(call, key) }
  },
  'kms.DescribeKey': ({ KeyId }, call) => ({
    KeyMetadata: metadata(call, keyOf(call, 'DescribeKey', KeyId)),
  }),
  'kms.ListKeys': ({ Limit = 100, Marker }, call) => {
    const keys = [...call.region.kmsKeys.values()].map((key) => ({
      KeyId: key.id,
      KeyArn: keyArn(call.region, key),
    }))
    const { items, next } = pageOf(keys, { token: Marker, size: Limit, code: 'InvalidMarkerException' })
    return { Keys: [...items], Truncated: next !== undefined, NextMarker: next }
  },
  'kms.EnableKey': ({ KeyId }, call) => switchKey(call, 'EnableKey', KeyId),
  'kms.DisableKey': ({ KeyId }, call) => switchKey(call, 'DisableKey', KeyId),
  'kms.CreateAlias': ({ AliasName = '', TargetKeyId }, call) => {
    if (!/^alias\/[\w/-]+$/.test(AliasName) || AliasName.startsWith('alias/aws/'))
      throw new AwsError('InvalidAliasNameException', `Invalid alias name ${AliasName}`)
    const key = keyOf(call, 'CreateAlias', TargetKeyId)
    if (call.region.kmsAliases.has(AliasName))
      throw new AwsError(
        'AlreadyExistsException',
        `An alias with the name ${aliasArn(call.region, AliasName)} already exists`,
      )
    call.region.kmsAliases.set(AliasName, key.id)
    call.effect(`${AliasName} of key ${key.id} created`)
    return {}
  },
  'kms.ListAliases': ({ KeyId, Limit = 50, Marker }, call) => {
    const only = KeyId === undefined ? undefined : keyOf(call, 'ListAliases', KeyId).id
    const aliases = [...call.region.kmsAliases]
      .filter(([, id]) => (only ?? id) === id)
      .map(([name, id]) => ({ AliasName: name, AliasArn: aliasArn(call.region, name), TargetKeyId: id }))
    const { items, next } = pageOf(aliases, { token: Marker, size: Limit, code: 'InvalidMarkerException' })
    return { Aliases: [...items], Truncated: next !== undefined, NextMarker: next }
  },
} satisfies HandlersOf<'kms', typeof import('@aws-sdk/client-kms')>

/** Only a symmetric key may leave its usage out: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
const specFor = (spec: string, usage: string | undefined): KmsKeyState['keySpec'] => {
  if (spec !== 'ECC_NIST_P256' && spec !== 'SYMMETRIC_DEFAULT')
    throw new AwsError('UnsupportedOperationException', `The twin makes no keys of ${spec}`)
  if (spec === 'ECC_NIST_P256' && usage === undefined)
    throw new AwsError(
      'ValidationException',
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  const fitting = spec === 'ECC_NIST_P256' ? 'SIGN_VERIFY' : 'ENCRYPT_DECRYPT'
  if ((usage ?? fitting) === fitting) return spec
  throw new AwsError('ValidationException', `KeyUsage ${usage} is not compatible with KeySpec ${spec}`)
}

const switchKey = (call: AwsCall, operation: 'EnableKey' | 'DisableKey', given: string | undefined) => {
  const key = keyOf(call, operation, given)
  const enabled = operation === 'EnableKey'
  call.region.kmsKeys.set(key.id, { ...key, enabled })
  call.effect(`key ${key.id} ${enabled ? 'enabled' : 'disabled'}`, key.enabled === enabled)
  return {}
}

const metadata = ({ region }: AwsCall, key: KmsKeyState): KeyMetadata => ({
  AWSAccountId: region.account,
  KeyId: key.id,
  Arn: keyArn(region, key),
  CreationDate: key.createdAt,
  Enabled: key.enabled,
  Description: key.description,
  KeyUsage: usageOf(key),
  KeyState: key.enabled ? 'Enabled' : 'Disabled',
  Origin: 'AWS_KMS',
  KeyManager: 'CUSTOMER',
  KeySpec: key.keySpec,
  CustomerMasterKeySpec: key.keySpec,
  ...(key.keySpec === 'ECC_NIST_P256'
    ? { SigningAlgorithms: ['ECDSA_SHA_256'] }
    : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
  MultiRegion: false,
})
