import { RunbookError } from '../runbook/errors.ts'
import { canonicalJson, type Json } from '../runbook/json.ts'
import { envelopeText, preAuthEncoding } from './envelope.ts'
import { readKeyLine } from './public-key.ts'
import type { Signer } from './signer.ts'

/** What somebody stands up for. */
export interface SealedStatement {
  /** URI that says what the predicate is; `openSeal` asks for it. */
  readonly predicateType: string
  /** What it is about: a name and the sha256 in hex of the thing. */
  readonly subject: { readonly name: string; readonly sha256: string }
  readonly predicate: Json
}

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = 'https://in-toto.io/Statement/v1'

/**
 * Signs a statement: the text of a DSSE envelope around an in-toto statement, both canonical JSON; equal statements and
 * signatures give equal bytes. Throws R078 when the signature does not fit the signer's own public key.
 */
export const seal = async (statement: SealedStatement, signer: Signer): Promise<string> => {
  const payload = Buffer.from(canonicalJson(asStatement(statement)))
  const bytes = preAuthEncoding(payload)
  const signature = await signer.sign(bytes)
  const { verifies } = readKeyLine(signer.keyLine, 'this machine')
  if (verifies(bytes, signature)) return envelopeText(payload, { keyId: signer.keyId, signature })
  throw new RunbookError(
    'R078',
    `Cannot sign ${statement.subject.name}: expected a signature of the key ${signer.keyId}, found one of another key`,
    { hint: 'eks-runbook evidence key' },
  )
}

const asStatement = ({ predicateType, subject, predicate }: SealedStatement): Json => ({
  _type: statementType,
  subject: [{ name: subject.name, digest: { sha256: subject.sha256 } }],
  predicateType,
  predicate,
})
