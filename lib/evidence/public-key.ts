import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto'
import { RunbookError } from '../runbook/errors.ts'

/** Which signatures there are: `ed25519` and ECDSA on P-256 with SHA-256, its signature in DER. */
export type KeyKind = 'ed25519' | 'ecdsa-p256'

/** A public key as a fleet names it. */
export interface PublicKey {
  /** `ed25519:` or `ecdsa-p256:` with the base64 of its SubjectPublicKeyInfo in DER. */
  readonly line: string
  /** sha256 in hex over that DER. */
  readonly keyId: string
  readonly verifies: (bytes: Uint8Array, signature: Uint8Array) => boolean
}

/** The line that names a public key. Undefined for a key that nothing is signed with. */
export const keyLineOf = (key: KeyObject): string | undefined => {
  const kind = kindOf(key)
  return kind === undefined ? undefined : `${kind}:${spkiOf(key).toString('base64')}`
}

/** Reads the line of a public key; only the bytes that `keyLineOf` writes. Throws R004, naming whose key it is. */
export const readKeyLine = (line: string, owner: string): PublicKey => {
  const key = parse(line)
  if (key === undefined || keyLineOf(key) !== line)
    throw new RunbookError(
      'R004',
      `Cannot use the key of signer ${owner}: expected ed25519: or ecdsa-p256: and a public key in base64, found ${JSON.stringify(line.slice(0, 40))}`,
      { hint: 'eks-runbook evidence key prints the line on the machine that signs' },
    )
  const digest = kindOf(key) === 'ed25519' ? null : 'sha256'
  return {
    line,
    keyId: hash('sha256', spkiOf(key)),
    verifies: (bytes, signature) => verify(digest, bytes, key, signature),
  }
}

const parse = (line: string): KeyObject | undefined => {
  const text = /^(?:ed25519|ecdsa-p256):([A-Za-z0-9+/]{1,400}={0,2})$/.exec(line)?.[1]
  if (text === undefined) return undefined
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

const kindOf = (key: KeyObject): KeyKind | undefined => {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ecdsa-p256' : undefined
}

const spkiOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' })
