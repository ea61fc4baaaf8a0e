import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import { plainText } from '../runbook/plain-text.ts'
import type { Evidence } from './evidence.ts'
import { covers } from './principal.ts'
import { openSeal, type OpenSeal, type SignerEntry, type TrustedSigner } from './verify-seal.ts'

/** What signed evidence says it is. */
export const evidenceType = 'urn:eks-runbook:evidence:v1'

/** Evidence that is as a trusted signer signed it. */
export interface SignedEvidence {
  readonly evidence: Evidence
  readonly signer: SignerEntry
  /** sha256 in hex over the signer's public key in DER. */
  readonly keyId: string
}

const text = z.string()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const outcome = z.enum(['pass', 'warn', 'block', 'unknown'])
const finding = { code: text, outcome, object: text }
const shapeItems = z.array(z.strictObject({ rule: text, object: text, value: text, names: z.array(text) }))

const step = z.strictObject({
  id: text.min(1),
  counterpart: text.min(1),
  title: text,
  outcome: z.enum(['done', 'already']),
  failures: z.array(text).min(1).exactOptional(),
  looksOnly: z.boolean(),
  seconds: z.number().nonnegative(),
  expectedSeconds: z.number().nonnegative(),
  findings: z.array(z.strictObject({ when: z.enum(['before', 'after']), ...finding })),
})

/** The shape of evidence; its JSON Schema is printed from it. */
export const evidenceShape = z.strictObject({
  schema: z.literal(1),
  run: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  runbook: text.min(1),
  tool: z.strictObject({ version: text.min(1), digest: sha256 }),
  target: z.strictObject({ cluster: text.min(1), account: text, region: text, environment: text, arn: text }),
  inputs: z.record(text, z.json()),
  plan: z.strictObject({
    digest: sha256,
    stepsDigest: sha256,
    plannedBy: text,
    plannedAt: z.iso.datetime(),
    findings: z.array(z.strictObject(finding)),
  }),
  shape: z.strictObject({ must: shapeItems, may: shapeItems }),
  steps: z.array(step).min(1),
  state: z.literal('done'),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  by: text,
  resumes: z.int().nonnegative(),
  journal: z.strictObject({ lines: z.int().positive(), head: sha256 }),
  brokeGlass: text.exactOptional(),
})

/**
 * Opens signed evidence. Throws what `openSeal` throws, R062 when what was signed is no evidence, R063 when the key may
 * sign for another principal only, R066 when it is kept under another name than its run's.
 */
export const openEvidence = (
  sealed: string,
  options: {
    readonly signers: readonly TrustedSigner[]
    /** The name it is kept under, where it is kept. */
    readonly name?: string
  },
): SignedEvidence => {
  const { name } = options
  const called = name === undefined ? 'the evidence' : `the evidence of ${plainText(name)}`
  const opened = openSeal(sealed, { signers: options.signers, predicateType: evidenceType, name: called })
  const evidence = readPredicate(opened, called)
  const signer = signerOf(evidence, opened, called)
  if (name !== undefined && evidence.run !== name)
    throw new RunbookError(
      'R066',
      `Cannot use ${called}: expected evidence of that run, found it of ${evidence.run}`,
      {
        hint: `eks-runbook evidence show ${evidence.run}`,
      },
    )
  return { evidence, signer, keyId: opened.keyId }
}

const readPredicate = ({ predicate, subject }: OpenSeal, called: string): Evidence => {
  const read = evidenceShape.safeParse(predicate)
  if (!read.success) {
    const issue = read.error.issues[0]
    const field = ['predicate', ...(issue?.path ?? [])].join('.')
    throw notEvidence(called, `${plainText(field)}: ${plainText(issue?.message ?? 'malformed')}`)
  }
  const { run, journal } = read.data
  if (subject.name !== run) throw notEvidence(called, `subject ${plainText(subject.name)} for the run ${run}`)
  if (subject.sha256 !== journal.head)
    throw notEvidence(called, 'a subject that is not the head of its journal')
  return read.data
}

const notEvidence = (called: string, found: string): RunbookError =>
  new RunbookError('R062', `Cannot trust ${called}: expected evidence of this version, found ${found}`, {
    hint: 'use the version of the tool that signed it, or run on staging again',
  })

/** Of those with the key: the one who is named as who ran it, else one whose principal is not named. */
const signerOf = (evidence: Evidence, { signers }: OpenSeal, called: string): SignerEntry => {
  const own = signers.find(({ principal }) => principal !== undefined && covers(principal, evidence.by))
  const signer = own ?? signers.find(({ principal }) => principal === undefined)
  if (signer) return signer
  const [{ name, principal = '' }] = signers
  throw new RunbookError(
    'R063',
    `Cannot trust ${called}: expected a run by ${principal} under the key of ${name}, found one by ${plainText(evidence.by) || 'somebody unknown'}`,
    { hint: 'let whoever ran it sign: eks-runbook evidence sign <run>; see evidence.signers of fleet.yaml' },
  )
}
