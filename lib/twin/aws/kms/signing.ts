import { createHash } from 'node:crypto'
import { AwsError, type AwsCall } from '../call.ts'
import type { KmsKeyState } from '../state.ts'
import type { HandlersOf } from '../wire/typed-handlers.ts'
import { keyArn, keyOf, usageOf } from './keys.ts'
import { publicKeyOf, signDigest } from './p256.ts'

/** Longest message KMS signs, in bytes: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const longestMessage = 4096
const algorithm = 'ECDSA_SHA_256'

/** Signing with a key of ECC_NIST_P256. The same key and message give the same signature, which those of KMS do not. */
export const kmsSigningHandlers = {
  'kms.GetPublicKey': ({ KeyId }, call) => {
    const key = usable(call, keyOf(call, 'GetPublicKey', KeyId))
    if (key.keySpec !== 'ECC_NIST_P256')
      throw new AwsError(
        'UnsupportedOperationException',
        `GetPublicKey is not supported for the key ${keyArn(call.region, key)} of spec ${key.keySpec}`,
      )
    return {
      KeyId: keyArn(call.region, key),
      PublicKey: publicKeyOf(key.privateKey),
      KeySpec: key.keySpec,
      CustomerMasterKeySpec: key.keySpec,
      KeyUsage: usageOf(key),
      SigningAlgorithms: [algorithm],
    }
  },
  'kms.Sign': ({ KeyId, Message, MessageType = 'RAW', SigningAlgorithm }, call) => {
    const key = usable(call, keyOf(call, 'Sign', KeyId))
    const arn = keyArn(call.region, key)
    if (usageOf(key) !== 'SIGN_VERIFY')
      throw new AwsError(
        'InvalidKeyUsageException',
        `${arn} key usage is ${usageOf(key)} which is not valid for Sign.`,
      )
    if (SigningAlgorithm !== algorithm)
      throw new AwsError(
        'InvalidKeyUsageException',
        `Algorithm ${SigningAlgorithm} is incompatible with key spec ${key.keySpec}.`,
      )
    const digest = digestOf(Message ?? new Uint8Array(), MessageType)
    return { KeyId: arn, Signature: signDigest(key.privateKey, digest), SigningAlgorithm }
  },
} satisfies HandlersOf<'kms', typeof import('@aws-sdk/client-kms')>

const usable = ({ region }: AwsCall, key: KmsKeyState): KmsKeyState => {
  if (key.enabled) return key
  throw new AwsError('DisabledException', `${keyArn(region, key)} is disabled.`)
}

const digestOf = (message: Uint8Array, type: string): Uint8Array => {
  if (message.length < 1 || message.length > longestMessage)
    throw invalid(
      `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length ` +
        (message.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${longestMessage}`),
    )
  if (type === 'RAW') return createHash('sha256').update(message).digest()
  if (type !== 'DIGEST') throw invalid(`MessageType ${type} is not supported for algorithm ${algorithm}.`)
  if (message.length !== 32) throw invalid(`Digest is invalid length for algorithm ${algorithm}.`)
  return message
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message)
