import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto'
import { RunbookError } from '../runbook/errors.ts'
import { keyLineOf, readKeyLine } from './public-key.ts'

/** Who signs. */
export interface Signer {
  /** `ed25519:` or `ecdsa-p256:` with the base64 of its SubjectPublicKeyInfo in DER: what a fleet trusts. */
  readonly keyLine: string
  /** sha256 in hex over that DER. */
  readonly keyId: string
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
}

/** Signs with a key at hand; `place` is where it was, for messages. Throws R078 unless it is ed25519 in PKCS #8. */
export const localSigner = (pem: string, place = 'the key'): Signer => {
  const key = readPrivateKey(pem)
  if (key?.asymmetricKeyType !== 'ed25519')
    throw unusable(place, `an ed25519 key in PKCS #8, found ${key?.asymmetricKeyType ?? 'no private key'}`)
  const publicKey = createPublicKey(key)
  return {
    ...named(publicKey),
    sign: (bytes) => Promise.resolve(sign(null, bytes, key)),
  }
}

const readPrivateKey = (pem: string): KeyObject | undefined => {
  if (!pem.startsWith('-----BEGIN PRIVATE KEY-----')) return undefined
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** What signing asks of KMS; see lib/aws/kms.ts. */
export interface KeyService {
  readonly describeKey: (id: string) => Promise<KeyDescription | undefined>
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: (id: string) => Promise<Uint8Array>
  /** Signs a sha256; the signature in DER. */
  readonly signDigest: (id: string, sha256: Uint8Array) => Promise<Uint8Array>
}

interface KeyDescription {
  readonly arn: string
  readonly keySpec: string
  readonly usage: string
  readonly enabled: boolean
}

/**
 * Signs with a key that never leaves KMS. `id` is the ARN of a key or an alias; what an alias means now is taken for
 * all signatures. Throws R078 for any key but one of ECC_NIST_P256 for SIGN_VERIFY that is enabled.
 * https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export const kmsSigner = async (kms: KeyService, id: string): Promise<Signer> => {
  const key = await kms.describeKey(id)
  const problem = problemOf(key)
  if (key === undefined || problem !== undefined)
    throw unusable(id, `an enabled KMS key ECC_NIST_P256 for SIGN_VERIFY, found ${problem}`)
  const spki = await kms.publicKey(key.arn)
  return {
    ...named(readSpki(spki, id)),
    sign: (bytes) => kms.signDigest(key.arn, hash('sha256', bytes, 'buffer')),
  }
}

const problemOf = (key: KeyDescription | undefined): string | undefined => {
  if (key === undefined) return 'none'
  if (key.usage !== 'SIGN_VERIFY') return `one for ${key.usage}`
  if (key.keySpec !== 'ECC_NIST_P256') return `one of ${key.keySpec}`
  return key.enabled ? undefined : 'one that is disabled'
}

const readSpki = (spki: Uint8Array, id: string): KeyObject => {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch (error) {
    throw unusable(id, `its public key, found ${spki.length} bytes that are none`, error)
  }
}

const named = (key: KeyObject): Pick<Signer, 'keyLine' | 'keyId'> => {
  const line = keyLineOf(key)
  if (line === undefined) throw unusable('the key', 'a key ed25519 or ecdsa-p256, found another kind')
  return { keyLine: line, keyId: readKeyLine(line, 'this machine').keyId }
}

const unusable = (place: string, expectedAndFound: string, cause?: unknown) =>
  new RunbookError('R078', `Cannot sign with ${place}: expected ${expectedAndFound}`, {
    hint: 'eks-runbook evidence key names the key in use; evidence.kmsKey of fleet.yaml or EKS_RUNBOOK_SIGNING_KEY chooses another',
    cause,
  })
