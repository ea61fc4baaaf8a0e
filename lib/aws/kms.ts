import type { KMS } from '@aws-sdk/client-kms'
import { awsClient, type AwsSettings } from './connection.ts'
import { awsErrorName } from './errors.ts'

/** A key of KMS. */
export interface KmsKey {
  readonly arn: string
  /** Such as `ECC_NIST_P256`. */
  readonly keySpec: string
  /** `SIGN_VERIFY`, `ENCRYPT_DECRYPT` and the like. */
  readonly usage: string
  readonly enabled: boolean
}

/** `id`: key id, ARN, alias (`alias/evidence`) or ARN of an alias. */
export interface Kms {
  /** Undefined where there is no such key. */
  readonly describeKey: (id: string) => Promise<KmsKey | undefined>
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: (id: string) => Promise<Uint8Array>
  /**
   * Signs a SHA-256 digest (32 bytes) with ECDSA_SHA_256; the DER of r and s, which node:crypto verifies as it is.
   * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
   */
  readonly signDigest: (id: string, sha256: Uint8Array) => Promise<Uint8Array>
}

export const connectKms = (settings: AwsSettings): Kms => {
  const { call } = awsClient<KMS>(settings, 'kms', async (sdk) => {
    const { KMS: Client } = await import('@aws-sdk/client-kms')
    return new Client(sdk)
  })
  return {
    describeKey: async (id) => {
      try {
        const { KeyMetadata } = await call('DescribeKey', (kms) => kms.describeKey({ KeyId: id }))
        const { Arn = '', KeySpec = '', KeyUsage = '', Enabled = false } = KeyMetadata ?? {}
        return { arn: Arn, keySpec: KeySpec, usage: KeyUsage, enabled: Enabled }
      } catch (error) {
        if (awsErrorName(error) === 'NotFoundException') return undefined
        throw error
      }
    },
    publicKey: async (id) => {
      const { PublicKey } = await call('GetPublicKey', (kms) => kms.getPublicKey({ KeyId: id }))
      return PublicKey ?? new Uint8Array()
    },
    signDigest: async (id, sha256) => {
      const { Signature } = await call('Sign', (kms) =>
        kms.sign({
          KeyId: id,
          Message: sha256,
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      )
      return Signature ?? new Uint8Array()
    },
  }
}
