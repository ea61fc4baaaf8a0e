import { randomBytes } from 'node:crypto'
import { keepApproval } from '../../evidence/approval-store.ts'
import { approve, chooseApproval, type Approval } from '../../evidence/approval.ts'
import { seal } from '../../evidence/seal.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { planText } from '../../report/plan-text.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { plainText } from '../../runbook/plain-text.ts'
import { requirePlan } from '../../runbook/plan-store.ts'
import type { Plan } from '../../runbook/plan.ts'
import { redactText } from '../../runbook/redact.ts'
import { requireApproval } from '../approval.ts'
import { asProfile } from '../as-profile.ts'
import { writeJson, writeText, type Cli, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { planAgain, type PlanRequest } from '../new-plan.ts'
import { openSigner } from '../open-signer.ts'
import { openStore } from '../open-store.ts'
import { readCliFleet } from '../open-target.ts'
import { refusalOf } from '../plan-findings.ts'
import { refuseOtherPlan } from '../same-plan.ts'

interface Options extends PlanRequest {
  readonly reason?: string
  readonly profile?: string
  readonly yes?: boolean
}

/** `eks-runbook approve DIGEST --reason TEXT` */
const approveCommand: MakeCommand = (cli) =>
  newCommand('approve', 'Approve a plan that somebody else made. Once, for a while, for this digest alone.', {
    example: 'eks-runbook approve <digest> --reason "CHG-1042, looked at it with Bob" --profile approver',
  })
    .argument('<digest>', 'digest of a plan that the team keeps, as eks-runbook plan printed it')
    .option('--reason <text>', 'why, for the journal (required)')
    .option('--profile <name>', 'profile to approve with, instead of that of the fleet')
    .option('--yes', 'the yes, where nobody can be asked')
    .action(async (digest: string, options: Options) => {
      const reason = reasonOf(options)
      const store = await openStore(options.state, cli.terminal)
      const { plan, by, fleet } = await lookAgain(cli, await requirePlan(store, digest), options)
      show(cli, plan, options)
      const refusal = refusalOf(plan)
      if (refusal) throw refusal
      const { approval, text } = await sign(cli, { plan, reason, by, fleet, options })
      await keepApproval(store, approval, text)
      if (options.output === 'json') writeJson(cli, approval)
      else writeText(cli, approvedText(approval))
    })

export default approveCommand

const reasonOf = ({ reason = '' }: Options): string => {
  const text = redactText(plainText(reason))
  if (text !== '') return text
  throw new RunbookError('R001', 'Cannot approve: expected --reason, found none', {
    hint: 'add --reason "what was looked at"',
  })
}

const show = (cli: Cli, plan: Plan, { output }: Options): void => {
  const sink = output === 'json' ? cli.terminal.stderr : cli.terminal.stdout
  sink.write(`${planText(plan)}\n`)
}

interface Looked {
  /** As the cluster gives it now; who planned it is as it was kept. */
  readonly plan: Plan
  /** ARN of the approver. */
  readonly by: string
  readonly fleet: Fleet
}

/** Plans again with the approver's eyes: of what was kept only the digest and who planned it count. Throws R011. */
const lookAgain = async (cli: Cli, kept: Plan, options: Options): Promise<Looked> => {
  const { fleet, file } = readCliFleet(cli, options.fleet)
  const own = asProfile(fleet, { plan: kept, profile: options.profile })
  const { plan: fresh, opened } = await planAgain(cli, kept, {
    request: options,
    fleet: { fleet: own, file },
  })
  refuseOtherPlan(fresh, { saved: kept, deed: `approve ${kept.digest}`, file: 'plan.json' })
  return { plan: { ...fresh, plannedBy: kept.plannedBy }, by: opened.caller, fleet: own }
}

interface Asked extends Looked {
  readonly reason: string
  readonly options: Options
}

/** Asks only whom the fleet would believe. Throws R071 for the planner, R063 for a key that the fleet does not trust. */
const sign = async (
  cli: Cli,
  { plan, reason, by, fleet, options: { yes } }: Asked,
): Promise<{ readonly approval: Approval; readonly text: string }> => {
  const { settings, evidence } = fleet
  const now = (await cli.clock()).now()
  const rules = { ...settings, plan, planners: [plan.plannedBy], signers: evidence.signers, now }
  const statement = approve(plan, { by, reason, nonce: randomBytes(16).toString('hex') }, rules)
  await requireApproval(cli, {
    digest: plan.digest,
    given: yes === true ? plan.digest : undefined,
    deed: `approve ${plan.runbook} on ${plan.target.cluster} as ${plainText(by)}`,
    command: `eks-runbook approve ${plan.digest} --reason TEXT`,
    yes: '--yes',
  })
  const { signer } = await openSigner(cli, fleet)
  const text = await seal(statement, signer)
  const approval = chooseApproval([{ name: statement.approval.nonce, text, used: false }], rules)
  return { approval, text }
}

const approvedText = ({ digest, by, expiresAt, nonce }: Approval): string =>
  `Approved by ${plainText(by)}, once, until ${expiresAt} (${nonce})
Run it, as somebody else:    eks-runbook run --plan ${digest} --approve ${digest}`
