import { principalOf, samePrincipal } from '../../evidence/principal.ts'
import { RunbookError } from '../../runbook/errors.ts'
import { plainText } from '../../runbook/plain-text.ts'
import { redactText } from '../../runbook/redact.ts'
import { keepReview } from '../../runbook/review.ts'
import type { Review, RunView } from '../../runbook/run-view.ts'
import { writeJson, writeText, type CommonOptions, type MakeCommand } from '../cli.ts'
import { newCommand } from '../command.ts'
import { runView } from '../engine-run.ts'
import { openStore } from '../open-store.ts'
import { openCaller, readCliFleet } from '../open-target.ts'

interface Options extends CommonOptions {
  readonly reason?: string
  readonly profile?: string
}

/** `eks-runbook review RUN --reason TEXT` */
const review: MakeCommand = (cli) =>
  newCommand('review', 'Close the review of a run that broke the glass. Somebody else has to do it.', {
    example: 'eks-runbook review 2026-11-22-a1b2 --reason "read the report; staging follows tomorrow"',
  })
    .argument('<run>', 'name of the run, see: eks-runbook runs')
    .option('--reason <text>', 'what came of the review (required)')
    .option('--profile <name>', 'profile to review with, instead of that of the fleet')
    .action(async (id: string, options: Options) => {
      const reason = reasonOf(options)
      const store = await openStore(options.state, cli.terminal)
      const run = await runView(store, id)
      const breaker = openReviewOf(run)
      const { fleet, file } = readCliFleet(cli, options.fleet)
      const by = await openCaller(cli, { fleet, file }, { plan: run.plan, profile: options.profile })
      refuseBreaker(run, { by, breaker, ssoRoles: fleet.settings.ssoRoles })
      const at = new Date((await cli.clock()).now()).toISOString()
      const closed: Review = { run: run.id, by, at, reason }
      if (!(await keepReview(store, closed))) throw nothingOpen(run.id, 'one that was just closed')
      if (options.output === 'json') writeJson(cli, closed)
      else writeText(cli, `The review of run ${run.id} is closed by ${plainText(by)}`)
    })

export default review

const reasonOf = ({ reason = '' }: Options): string => {
  const text = redactText(plainText(reason))
  if (text !== '') return text
  throw new RunbookError('R001', 'Cannot close the review: expected --reason, found none', {
    hint: 'add --reason "what was looked at, and what follows from it"',
  })
}

/** ARN of who broke the glass. Throws R015 where no review is open. */
const openReviewOf = ({ id, clearance, review: found }: RunView): string => {
  const broken = clearance?.brokenGlass
  if (broken === undefined) throw nothingOpen(id, 'a run that broke no glass')
  if (found?.state === 'closed') throw nothingOpen(id, `one closed at ${found.at} by ${plainText(found.by)}`)
  return broken.by
}

const nothingOpen = (run: string, found: string): RunbookError =>
  new RunbookError('R015', `Cannot close the review of ${run}: expected an open review, found ${found}`, {
    hint: `eks-runbook show ${run}`,
  })

interface Reviewer {
  readonly by: string
  readonly breaker: string
  readonly ssoRoles: readonly string[]
}

const refuseBreaker = ({ id }: RunView, { by, breaker, ssoRoles }: Reviewer): void => {
  if (!samePrincipal(by, breaker, ssoRoles)) return
  const who = plainText(principalOf(by, ssoRoles))
  throw new RunbookError(
    'R071',
    `Cannot close the review of ${id}: expected another principal than ${who}, who broke the glass, found ${plainText(by)}`,
    { hint: `somebody else: eks-runbook review ${id} --reason TEXT` },
  )
}
