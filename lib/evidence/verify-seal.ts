import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import { canonicalJson, parseForeignJson, type Json } from '../runbook/json.ts'
import { plainText } from '../runbook/plain-text.ts'
import { preAuthEncoding, readEnvelope, type Envelope, type Field } from './envelope.ts'
import { readKeyLine, type PublicKey } from './public-key.ts'
import { statementType } from './seal.ts'

/** A signer of `evidence.signers` in fleet.yaml. */
export interface TrustedSigner {
  readonly name: string
  /** `ed25519:…` or `ecdsa-p256:…`. */
  readonly key: string
  /** The only principal who signs with it. */
  readonly principal?: string | undefined
}

export interface SealOptions {
  readonly signers: readonly TrustedSigner[]
  readonly predicateType: string
  /** What it is, for messages: `evidence of 2026-11-22-a1`. Default: `the statement`. */
  readonly name?: string
}

/** Who may have signed. */
export type SignerEntry = Pick<TrustedSigner, 'name' | 'principal'>

/** A statement that is as a trusted signer signed it. */
export interface OpenSeal {
  readonly predicate: Json
  readonly subject: { readonly name: string; readonly sha256: string }
  /** All entries of the fleet for the key that signed: persons who share a key, each with the own principal. */
  readonly signers: readonly [SignerEntry, ...SignerEntry[]]
  /** sha256 in hex over the signer's public key in DER. */
  readonly keyId: string
}

/**
 * Opens what `seal` wrote, and nothing else: one byte more, less or other is refused. Throws R062 naming field and
 * bytes where the text is not canonical, not an envelope, not the signed one, or not of this type; R063 when no trusted
 * signer signed it; R004 when the fleet names a key that is none.
 */
export const openSeal = (text: string, options: SealOptions): OpenSeal => {
  const refuse = refusals(options.name ?? 'the statement')
  const envelope = readEnvelope(text)
  if ('misfit' in envelope) throw refuse.edited(envelope.misfit)
  const { signers, keyId } = findSigners(envelope, options.signers, refuse)
  const { subject, predicate } = readStatement(envelope.payload, options.predicateType, refuse)
  return { predicate, subject, signers, keyId }
}

interface Refusals {
  readonly edited: (why: string, cause?: unknown) => RunbookError
  readonly unknown: (keyId: string) => RunbookError
}

const refusals = (name: string): Refusals => {
  const what = plainText(name)
  return {
    edited: (why, cause) =>
      new RunbookError('R062', `Cannot trust ${what}: ${why}`, {
        hint: 'fetch the file again from where it was signed, then: eks-runbook evidence verify FILE',
        cause,
      }),
    unknown: (keyId) =>
      new RunbookError(
        'R063',
        `Cannot trust ${what}: expected the signature of a signer of fleet.yaml, found that of the unknown key ${keyId}`,
        {
          hint: 'add to evidence.signers of fleet.yaml the line of the machine that signed: eks-runbook evidence key',
        },
      ),
  }
}

const findSigners = (
  { payload, keyid, sig }: Envelope,
  signers: readonly TrustedSigner[],
  refuse: Refusals,
): Pick<OpenSeal, 'signers' | 'keyId'> => {
  const bytes = preAuthEncoding(Buffer.from(payload.text, 'base64'))
  const signature = Buffer.from(sig.text, 'base64')
  const keys = signers.map((signer) => ({ signer, key: readKeyLine(signer.key, signer.name) }))
  const [named, ...others] = keys.filter(({ key }) => key.keyId === keyid.text)
  const verifies = ({ key }: { readonly key: PublicKey }) => key.verifies(bytes, signature)
  if (named && verifies(named)) {
    const entry = ({ signer: { name, principal } }: typeof named): SignerEntry => ({
      name,
      ...(principal === undefined ? {} : { principal }),
    })
    return { signers: [entry(named), ...others.map(entry)], keyId: named.key.keyId }
  }
  if (named)
    throw refuse.edited(
      `${bytesOf(payload)}, or ${bytesOf(sig)}: expected what ${named.signer.name} signed, found other bytes`,
    )
  const signed = keys.find(verifies)
  if (signed === undefined) throw refuse.unknown(keyid.text)
  throw refuse.edited(
    `${bytesOf(keyid)}: expected ${signed.key.keyId}, the key of ${signed.signer.name} who signed it, found ${keyid.text}`,
  )
}

const bytesOf = ({ name, from, to }: Field): string => `${name}, bytes ${from}-${to}`

const statementShape = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([
    z.strictObject({
      name: z.string().min(1),
      digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    }),
  ]),
  predicateType: z.string(),
  predicate: z.json(),
})

const readStatement = (payload: Field, predicateType: string, refuse: Refusals) => {
  const where = bytesOf(payload)
  const data = parseCanonical(payload, (why) =>
    refuse.edited(`${where}: expected canonical JSON, found ${why}`),
  )
  const read = statementShape.safeParse(data)
  if (!read.success) {
    const issue = read.error.issues[0]
    const field = plainText(issue?.path.join('.') || 'the statement')
    throw refuse.edited(
      `${where}: expected an in-toto statement, found ${field}: ${issue?.message}`,
      read.error,
    )
  }
  if (read.data.predicateType !== predicateType) {
    const found = plainText(read.data.predicateType)
    throw refuse.edited(`${where}: expected predicateType ${predicateType}, found ${found}`)
  }
  const [{ name, digest }] = read.data.subject
  return { subject: { name, sha256: digest.sha256 }, predicate: read.data.predicate }
}

/** Two texts of the same data: only the one that is written here is taken. */
const parseCanonical = (payload: Field, refusal: (why: string) => RunbookError): Json => {
  const bytes = Buffer.from(payload.text, 'base64')
  const text = bytes.toString('utf8')
  const data = parseJson(text, refusal)
  if (bytes.equals(Buffer.from(canonicalJson(data)))) return data
  throw refusal('JSON in another form')
}

const parseJson = (text: string, refusal: (why: string) => RunbookError): Json => {
  try {
    return z.json().parse(parseForeignJson(text))
  } catch {
    throw refusal('no JSON')
  }
}
