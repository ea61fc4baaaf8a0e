import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import type { Json } from '../runbook/json.ts'
import { asJson, type Plan } from '../runbook/plan.ts'
import { plainText } from '../runbook/plain-text.ts'
import { covers, principalOf, samePrincipal } from './principal.ts'
import type { SealedStatement } from './seal.ts'
import { openSeal, type OpenSeal, type TrustedSigner } from './verify-seal.ts'

const shape = z.strictObject({
  schema: z.literal(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  cluster: z.string().min(1),
  by: z.string().min(1),
  principal: z.string().min(1),
  at: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  reason: z.string().min(1),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
})

/**
 * The yes of a second person to one plan: its digest, the ARN of its cluster, who says it (the caller's ARN and its
 * principal), why, from when to when. Plain data; the predicate of a signed statement.
 */
export type Approval = Readonly<z.output<typeof shape>>

/** What a signed approval says it is. */
export const approvalType = 'urn:eks-runbooks:approval:1'

/** An approval as it is kept: its nonce, by the name of the file, with its text or why that cannot be read. */
export type ApprovalFile = ReadableApproval | { readonly name: string; readonly error: RunbookError }

interface ReadableApproval {
  readonly name: string
  readonly text: string
  readonly used: boolean
}

/** What an approval has to fit. */
export interface ApprovalRules {
  readonly plan: Plan
  /** ARNs of who is on record as its planner. */
  readonly planners: readonly string[]
  /** ARN of who is about to run it; left out while nobody is. */
  readonly runner?: string
  readonly signers: readonly TrustedSigner[]
  readonly ssoRoles: readonly string[]
  /** How long an approval holds, whatever it says itself. */
  readonly approvalHours: number
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** How far ahead of this machine's another clock may be. */
const skewMs = 5 * 60_000

/**
 * The statement that `approve` signs. Throws R071 when the caller is a planner.
 */
export const approve = (
  plan: Plan,
  caller: { readonly by: string; readonly reason: string; readonly nonce: string },
  rules: Pick<ApprovalRules, 'planners' | 'ssoRoles' | 'approvalHours' | 'now'>,
): SealedStatement & { readonly approval: Approval } => {
  refuseSame(
    caller.by,
    rules.planners.map((arn) => ({ arn, as: 'planned' })),
    { ...rules, plan },
  )
  const approval: Approval = {
    schema: 1,
    digest: plan.digest,
    cluster: plan.target.arn,
    by: caller.by,
    principal: principalOf(caller.by, rules.ssoRoles),
    at: isoTime(rules.now),
    expiresAt: isoTime(rules.now + rules.approvalHours * 3_600_000),
    reason: plainText(caller.reason),
    nonce: caller.nonce,
  }
  const subject = { name: `plan of ${plan.runbook} on ${plan.target.cluster}`, sha256: plan.digest }
  return { predicateType: approvalType, subject, predicate: asJson(approval), approval }
}

const isoTime = (ms: number): string => new Date(ms).toISOString()

/**
 * The newest approval that holds. Throws R070 when there is none; when all fail, the error of the one that came
 * nearest: R041 (no record), R012 (another plan), R063 (signer), R071 (planner or runner), R072 (expired), R073 (used), R074 (edited or
 * copied), R076 (from the future).
 */
export const chooseApproval = (files: readonly ApprovalFile[], rules: ApprovalRules): Approval => {
  const judged = files.map((file) => judge(file, rules))
  const good = judged.filter((result): result is Approval => !(result instanceof RunbookError))
  const [newest] = good.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  if (newest) return newest
  const errors = judged.filter((result) => result instanceof RunbookError)
  const [nearest] = errors.toSorted((a, b) => nearness.indexOf(b.code) - nearness.indexOf(a.code))
  throw nearest ?? missing(rules)
}

/** From far to near. */
const nearness: readonly string[] = ['R041', 'R074', 'R063', 'R012', 'R071', 'R076', 'R073', 'R072']

const judge = (file: ApprovalFile, rules: ApprovalRules): Approval | RunbookError => {
  if ('error' in file) return file.error
  try {
    return requireGood(file, rules)
  } catch (error) {
    if (error instanceof RunbookError) return error
    throw error
  }
}

const requireGood = (file: ReadableApproval, rules: ApprovalRules): Approval => {
  const opened = openApproval(file, rules)
  const approval = readApproval(file, opened, rules)
  refuseOtherPlan(approval, rules)
  const others = [
    ...rules.planners.map((arn) => ({ arn, as: 'planned' })),
    ...(rules.runner === undefined ? [] : [{ arn: rules.runner, as: 'runs' }]),
  ]
  refuseSame(approval.by, others, rules)
  refuseForeignSigner(approval, opened)
  refuseWrongTime(approval, rules)
  if (file.used) throw usedUp(approval)
  return approval
}

const openApproval = (file: ReadableApproval, { plan, signers }: ApprovalRules): OpenSeal => {
  const name = `the approval ${file.name}`
  try {
    return openSeal(file.text, { signers, predicateType: approvalType, name })
  } catch (error) {
    if (!(error instanceof RunbookError) || error.code !== 'R062') throw error
    throw new RunbookError('R074', error.message, { hint: again(plan.digest), cause: error })
  }
}

const readApproval = (
  file: ReadableApproval,
  { predicate, subject }: OpenSeal,
  rules: ApprovalRules,
): Approval => {
  const read = shape.safeParse(predicate satisfies Json)
  const found = read.success ? read.data.nonce : plainText(read.error.issues[0]?.path.join('.') ?? '')
  if (read.success && found === file.name && subject.sha256 === read.data.digest) return read.data
  throw new RunbookError(
    'R074',
    `Cannot trust the approval ${plainText(file.name)}: expected an approval signed under this name, found ${found}`,
    { hint: again(rules.plan.digest) },
  )
}

/** A key that anybody may have signed with says nothing of who did: only an entry with the approver's principal counts. */
const refuseForeignSigner = (approval: Approval, { signers }: OpenSeal): void => {
  if (signers.some(({ principal }) => principal !== undefined && covers(principal, approval.by))) return
  const principals = signers.flatMap(({ principal }) => (principal === undefined ? [] : [principal]))
  const [{ name }] = signers
  const [by, found] = [plainText(approval.by), principals.join(', ') || 'none']
  throw new RunbookError(
    'R063',
    `Cannot trust the approval ${approval.nonce}: expected ${by} as the principal of the key of ${name}, found ${found}`,
    {
      hint: `each signs with the own key; add to evidence.signers of fleet.yaml: { name: <whose it is>, key: <eks-runbook evidence key>, principal: '${plainText(approval.principal)}' }`,
    },
  )
}

const refuseOtherPlan = (approval: Approval, { plan }: ApprovalRules): void => {
  if (approval.digest === plan.digest && approval.cluster === plan.target.arn) return
  const [expected, found] =
    approval.digest === plan.digest ? [plan.target.arn, approval.cluster] : [plan.digest, approval.digest]
  throw new RunbookError(
    'R012',
    `Cannot use the approval ${approval.nonce}: expected one of ${expected}, found one of ${plainText(found)}`,
    { hint: again(plan.digest) },
  )
}

const refuseSame = (
  by: string,
  others: readonly { readonly arn: string; readonly as: string }[],
  { ssoRoles, plan }: Pick<ApprovalRules, 'ssoRoles' | 'plan'>,
): void => {
  const same = others.find(({ arn }) => arn === '' || samePrincipal(by, arn, ssoRoles))
  if (!same) return
  const who = plainText(principalOf(by, ssoRoles))
  throw new RunbookError(
    'R071',
    `Cannot count the approval of ${plainText(by)}: expected another principal than ${who}, who ${same.as} it${same.arn === '' ? ', as far as is known' : ''}`,
    { hint: `somebody else: ${again(plan.digest)}` },
  )
}

const refuseWrongTime = (approval: Approval, { now, approvalHours, plan }: ApprovalRules): void => {
  const at = Date.parse(approval.at)
  if (at > now + skewMs)
    throw new RunbookError(
      'R076',
      `Cannot use the approval ${approval.nonce}: expected it before ${isoTime(now)}, found ${approval.at}`,
      { hint: `set the clocks by NTP, then: ${again(plan.digest)}` },
    )
  const end = Math.min(Date.parse(approval.expiresAt), at + approvalHours * 3_600_000)
  if (now < end) return
  throw new RunbookError(
    'R072',
    `Cannot use the approval ${approval.nonce}: expected one that holds at ${isoTime(now)}, found one until ${isoTime(end)}`,
    { hint: again(plan.digest) },
  )
}

/** R073: an approval counts once. */
export const usedUp = ({ nonce, digest }: Approval): RunbookError =>
  new RunbookError(
    'R073',
    `Cannot use the approval ${nonce}: expected one not used yet, found a run with it`,
    {
      hint: again(digest),
    },
  )

const missing = ({ plan }: ApprovalRules): RunbookError =>
  new RunbookError(
    'R070',
    `Cannot run ${plan.runbook} on ${plan.target.cluster}: expected the approval of a second person, found none`,
    { hint: `somebody else: ${again(plan.digest)}` },
  )

const again = (digest: string): string => `eks-runbook approve ${digest} --reason TEXT`
