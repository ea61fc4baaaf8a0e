import { z } from 'zod'
import { evidenceShape } from '../../evidence/read-evidence.ts'

const error = z.object({ code: z.string(), message: z.string(), hint: z.string() })
const check = z.object({
  what: z.enum(['signature', 'steps', 'age', 'journal']),
  outcome: z.enum(['ok', 'refused', 'not made']),
  found: z.string(),
})
const keyId = z.string().describe('sha256 in hex over the public key in DER')

const about = {
  run: z.string(),
  runbook: z.string(),
  cluster: z.string(),
  environment: z.string(),
  versions: z.string().describe('Way of the control plane, such as 1.32 > 1.33; empty where it stays'),
  endedAt: z.string().describe('ISO 8601'),
  signer: z.string().describe('Name in evidence.signers of fleet.yaml'),
  keyId,
}
const standing = {
  valid: z.boolean(),
  checks: z.array(check),
  error: error.optional().describe('Why it does not count'),
}

/** `evidence list --output json`. */
export const evidenceListDocument = z.object({
  evidence: z
    .array(z.object({ name: z.string(), ...standing, ...z.object(about).partial().shape }))
    .describe('Newest first; what cannot be trusted has a name and an error only'),
})

/** `evidence verify --output json`. */
export const evidenceVerifyDocument = z.object({
  file: z.string(),
  ...standing,
  signed: z.object(about).optional().describe('Left out where the signature does not hold'),
})

/** `evidence show --output json`. */
export const evidenceShowDocument = z.object({
  evidence: evidenceShape,
  signer: z.object({ name: z.string(), principal: z.string().optional() }),
  keyId,
})

/** `evidence sign --output json`. */
export const evidenceSignDocument = z.object({
  name: z.string(),
  place: z.string().describe('Where it is kept'),
  signed: z.enum(['now', 'already']),
  key: z
    .object({ place: z.string(), line: z.string(), trustedAs: z.string().optional() })
    .optional()
    .describe('The key that signed now'),
})

/** `evidence key --output json`. */
export const evidenceKeyDocument = z.object({
  key: z.string().describe('Public key, as evidence.signers of fleet.yaml takes it'),
  keyId,
  place: z.string().describe('File or ARN of its private half'),
  trustedAs: z.string().optional().describe('Name by which fleet.yaml trusts it'),
})
