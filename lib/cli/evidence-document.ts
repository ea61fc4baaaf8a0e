import { versionsOf, type KeptEvidence } from '../report/evidence-text.ts'
import type { EvidenceReport } from '../evidence/verify-evidence.ts'

/** One piece of evidence of `evidence list --output json`. */
export const keptDocument = ({ name, report }: KeptEvidence): object => {
  const { signed, ...standing } = reportDocument(report)
  return { name, ...standing, ...signed }
}

/** What was looked at, of `evidence verify --output json`. */
export const reportDocument = ({ valid, checks, signed, error }: EvidenceReport) => ({
  valid,
  checks,
  ...(error ? { error: { code: error.code, message: error.message, hint: error.hint } } : {}),
  ...(signed
    ? {
        signed: {
          run: signed.evidence.run,
          runbook: signed.evidence.runbook,
          cluster: signed.evidence.target.cluster,
          environment: signed.evidence.target.environment,
          versions: versionsOf(signed.evidence),
          endedAt: signed.evidence.endedAt,
          signer: signed.signer.name,
          keyId: signed.keyId,
        },
      }
    : {}),
})
